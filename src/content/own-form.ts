import type { Questionnaire } from 'fhir/r4.js';
import type { Instrument } from '../domain/instrument.ts';
import { NO_TERMINOLOGY, type Terminology } from './answer-options.ts';
import { canonicalOf } from './canonical.ts';
import { makeForm, ownReader } from './form.ts';
import type { Form } from './port.ts';
import { compileValidator, type ResponseValidator } from './response-validator.ts';

/** The Form of one of our own Questionnaires. Its validator is compiled when the first response comes. */
export function ownForm(
  questionnaire: Questionnaire,
  instrument: Instrument,
  terminology: Terminology = NO_TERMINOLOGY,
  baseUrl?: string,
): Form {
  let validator: ResponseValidator | undefined;
  const questions = new Map(
    instrument.items.map((item) => [item.linkId, { scored: item.linkId, read: ownReader(item) }]),
  );
  return makeForm({
    canonical: canonicalOf(instrument),
    instrument,
    equivalent: false,
    questions,
    scores: new Map(instrument.keys.map((key) => [key.linkId, key.measure])),
    aliases: questionnaire.id === undefined ? [] : [`Questionnaire/${questionnaire.id}`],
    baseUrl,
    structure: (response) => {
      validator ??= compileValidator({ questionnaire, terminology, systemOptional: false });
      return validator(response);
    },
  });
}
