package vincle.judge;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.r4.model.StructureDefinition;

/** Completes profiles that are stored as differentials. */
class Snapshots {
  private final FhirContext context;
  private final SnapshotGeneratingValidationSupport generator;
  private final ValidationSupportContext support;

  Snapshots(FhirContext context, Content content) {
    this.context = context;
    generator = new SnapshotGeneratingValidationSupport(context);
    support =
        new ValidationSupportContext(
            new ValidationSupportChain(
                content, new DefaultProfileValidationSupport(context), generator));
  }

  /** The same StructureDefinition as JSON on one line, with its snapshot. */
  String withSnapshot(String definition) {
    StructureDefinition profile =
        context.newJsonParser().parseResource(StructureDefinition.class, definition);
    var complete =
        generator.generateSnapshot(support, profile, profile.getUrl(), null, profile.getName());
    return context.newJsonParser().encodeResourceToString(complete);
  }
}
