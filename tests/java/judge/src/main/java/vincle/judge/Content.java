package vincle.judge;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.utilities.npm.NpmPackage;

/** What the judge knows beyond R4 itself: every canonical resource of the folders it was given. */
class Content extends PrePopulatedValidationSupport {
  private static final String[] PACKAGE_TYPES = {
    "StructureDefinition", "ValueSet", "CodeSystem", "ConceptMap", "Questionnaire"
  };

  private final FhirContext context;
  // The parent class finds only what a validator usually asks for, and Questionnaires are not among it.
  private final Map<String, IBaseResource> canonicals = new HashMap<>();

  Content(FhirContext context) {
    super(context);
    this.context = context;
  }

  /** Takes in one file, or every file below a folder. JSON that is not a FHIR resource is passed over. */
  void load(Path place) throws IOException {
    if (Files.isDirectory(place)) {
      for (Path file : filesBelow(place)) {
        load(file);
      }
      return;
    }
    String name = place.getFileName().toString();
    if (name.endsWith(".tgz")) {
      loadPackage(place);
    } else if (name.endsWith(".xml")) {
      add(context.newXmlParser().parseResource(Files.readString(place)));
    } else if (name.endsWith(".json")) {
      String text = Files.readString(place);
      if (text.contains("\"resourceType\"")) {
        add(context.newJsonParser().parseResource(text));
      }
    }
  }

  private void loadPackage(Path file) throws IOException {
    NpmPackage contents;
    try (InputStream stream = Files.newInputStream(file)) {
      contents = NpmPackage.fromPackage(stream);
    }
    for (String name : contents.listResources(PACKAGE_TYPES)) {
      add(context.newJsonParser().parseResource(contents.load("package", name)));
    }
  }

  private void add(IBaseResource resource) {
    if (resource instanceof Bundle bundle) {
      bundle.getEntry().stream()
          .filter(Bundle.BundleEntryComponent::hasResource)
          .forEach(entry -> add(entry.getResource()));
    } else if (resource instanceof MetadataResource canonical && canonical.hasUrl()) {
      canonicals.put(canonical.getUrl(), canonical);
      if (canonical.hasVersion()) {
        canonicals.put(canonical.getUrl() + "|" + canonical.getVersion(), canonical);
      }
      if (canonical instanceof StructureDefinition
          || canonical instanceof ValueSet
          || canonical instanceof CodeSystem) {
        addResource(canonical);
      }
    }
  }

  @Override
  public <T extends IBaseResource> T fetchResource(Class<T> type, String canonical) {
    IBaseResource found = canonicals.get(canonical);
    return type != null && type.isInstance(found)
        ? type.cast(found)
        : super.fetchResource(type, canonical);
  }

  private static List<Path> filesBelow(Path folder) throws IOException {
    try (Stream<Path> below = Files.walk(folder)) {
      return below.filter(Files::isRegularFile).sorted().toList();
    }
  }
}
