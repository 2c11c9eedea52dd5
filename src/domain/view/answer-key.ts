import type { QuestionnaireResponseItemAnswer } from 'fhir/r4.js';

/** One answer as a text by which it is found again: a coding by system and code, anything else by its value. */
export function answerKey(answer: QuestionnaireResponseItemAnswer): string {
  const { valueCoding } = answer;
  if (valueCoding !== undefined) return `${valueCoding.system ?? ''}|${valueCoding.code ?? valueCoding.display ?? ''}`;
  const { valueString, valueInteger, valueDate, valueTime, valueBoolean } = answer;
  return String(valueString ?? valueInteger ?? valueDate ?? valueTime ?? valueBoolean ?? '');
}
