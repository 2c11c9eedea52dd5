package vincle.judge;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ValidationOptions;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/** The HL7 validator with R4 and the given content, and no terminology server. */
class Validation {
  private final FhirValidator validator;

  Validation(FhirContext context, Content content) {
    // LOINC and SNOMED CT are not here: their codes are a warning, never an error.
    UnknownCodeSystemWarningValidationSupport unknown =
        new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
    FhirInstanceValidator module =
        new FhirInstanceValidator(
            new ValidationSupportChain(
                content,
                new DefaultProfileValidationSupport(context),
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new SnapshotGeneratingValidationSupport(context),
                unknown));
    module.setErrorForUnknownProfiles(true);
    module.setAnyExtensionsAllowed(true);
    module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    validator = context.newValidator();
    validator.registerValidatorModule(module);
  }

  /** What the validator says; a resource that it cannot read at all is one fatal issue. */
  OperationOutcome of(String resource, ValidationOptions options) {
    OperationOutcome outcome;
    try {
      outcome =
          (OperationOutcome) validator.validateWithResult(resource, options).toOperationOutcome();
    } catch (RuntimeException cause) {
      outcome = new OperationOutcome();
      outcome
          .addIssue()
          .setSeverity(OperationOutcome.IssueSeverity.FATAL)
          .setCode(OperationOutcome.IssueType.EXCEPTION)
          .setDiagnostics(cause.toString());
    }
    // Line numbers of a resource that stands on one line say nothing.
    outcome.getIssue().forEach(issue -> issue.getExtension().clear());
    return outcome;
  }
}
