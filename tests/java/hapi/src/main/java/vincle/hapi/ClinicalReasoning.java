package vincle.hapi;

import org.opencds.cqf.fhir.cql.EvaluationSettings;
import org.opencds.cqf.fhir.cr.hapi.config.RepositoryConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.ApplyOperationConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.ExtractOperationConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.PopulateOperationConfig;
import org.opencds.cqf.fhir.cr.hapi.config.r4.QuestionnaireOperationConfig;
import org.opencds.cqf.fhir.utility.client.TerminologyServerClientSettings;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** {@code $apply}, {@code $populate}, {@code $extract} and {@code StructureDefinition/$questionnaire}. */
@Configuration
@Import({
  RepositoryConfig.class,
  ApplyOperationConfig.class,
  PopulateOperationConfig.class,
  ExtractOperationConfig.class,
  QuestionnaireOperationConfig.class
})
class ClinicalReasoning {
  @Bean
  EvaluationSettings evaluationSettings() {
    return EvaluationSettings.getDefault();
  }

  @Bean
  TerminologyServerClientSettings terminologyServerClientSettings() {
    return TerminologyServerClientSettings.getDefault();
  }
}
