package vincle.hapi;

import ca.uhn.fhir.jpa.packages.IPackageInstallerSvc;
import ca.uhn.fhir.jpa.packages.PackageInstallationSpec;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.OperationParam;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.hl7.fhir.r4.model.Base64BinaryType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.utilities.npm.NpmPackage;

/** FHIR packages: installed from a folder at the start, or by {@code POST ImplementationGuide/$install}. */
public class Packages {
  /** HAPI's own list ends before Library: a package's Questionnaires would be passed over in silence. */
  private static final List<String> INSTALLED_TYPES =
      List.of(
          "NamingSystem",
          "CodeSystem",
          "ValueSet",
          "StructureDefinition",
          "ConceptMap",
          "SearchParameter",
          "Library",
          "ActivityDefinition",
          "PlanDefinition",
          "Questionnaire",
          "StructureMap");

  private final IPackageInstallerSvc installer;

  Packages(IPackageInstallerSvc installer) {
    this.installer = installer;
  }

  @Operation(name = "$install", typeName = "ImplementationGuide")
  public Parameters install(
      @OperationParam(name = "npmContent", min = 1, max = 1) Base64BinaryType archive)
      throws IOException {
    return install(archive.getValue());
  }

  void installFolder(Path folder) throws IOException {
    try (DirectoryStream<Path> archives = Files.newDirectoryStream(folder, "*.tgz")) {
      for (Path archive : archives) {
        install(Files.readAllBytes(archive));
      }
    }
  }

  private Parameters install(byte[] archive) throws IOException {
    NpmPackage content = NpmPackage.fromPackage(new ByteArrayInputStream(archive));
    PackageInstallationSpec spec =
        new PackageInstallationSpec()
            .setName(content.name())
            .setVersion(content.version())
            .setPackageContents(archive)
            .setInstallMode(PackageInstallationSpec.InstallModeEnum.STORE_AND_INSTALL);
    spec.setFetchDependencies(false);
    spec.setInstallResourceTypes(INSTALLED_TYPES);
    Parameters result = new Parameters();
    installer.install(spec).getMessage().forEach(line -> result.addParameter("message", line));
    return result;
  }
}
