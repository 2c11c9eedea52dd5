import type { Questionnaire, QuestionnaireItem, QuestionnaireResponse } from 'fhir/r4.js';
import { NO_TERMINOLOGY } from '../../src/content/answer-options.ts';
import { compileValidator } from '../../src/content/response-validator.ts';

export const FREQUENCY = 'https://example.org/CodeSystem/frequency';

/** A question of seven options, as a form of twelve of them has. */
export const frequencyItem = (linkId: string): QuestionnaireItem => ({
  linkId,
  type: 'choice',
  answerOption: ['1', '2', '3', '4', '5', '6', '7'].map((code) => ({ valueCoding: { system: FREQUENCY, code } })),
});

export const questionnaireOf = (...item: QuestionnaireItem[]): Questionnaire => ({
  resourceType: 'Questionnaire',
  url: 'https://example.org/Questionnaire/form',
  version: '1.0.0',
  status: 'active',
  item,
});

export const twelveItems = questionnaireOf(
  ...Array.from({ length: 12 }, (_, index) => frequencyItem(`q-${index + 1}`)),
);

export const responseOf = (...item: NonNullable<QuestionnaireResponse['item']>): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: 'https://example.org/Questionnaire/form|1.0.0',
  status: 'completed',
  item,
});

export const frequency = (linkId: string, code: string) => ({
  linkId,
  answer: [{ valueCoding: { system: FREQUENCY, code } }],
});

export const twelveAnswers = responseOf(
  ...Array.from({ length: 12 }, (_, index) => frequency(`q-${index + 1}`, String((index % 7) + 1))),
);

export const sourceOf = (questionnaire: Questionnaire) => ({
  questionnaire,
  terminology: NO_TERMINOLOGY,
  systemOptional: false,
});
export const validatorOf = (questionnaire: Questionnaire) => compileValidator(sourceOf(questionnaire));
