import type { Questionnaire, QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { FREQUENCY, LOINC } from './answers.ts';
import { SYNTHETIC } from './marks.ts';

/** LOINC codes of the nine items of the PHQ-9, in the order of the printed form. */
const PHQ_9_ITEMS = [
  '44250-9',
  '44255-8',
  '44259-0',
  '44254-1',
  '44251-7',
  '44258-2',
  '44252-5',
  '44253-3',
  '44260-8',
] as const;

const sum = (raw: readonly number[]): number => raw.reduce((total, one) => total + one, 0);

/** A PHQ-9 response as LHC-Forms writes it: linkIds are LOINC codes behind a stroke, the total an item of its own. */
export function asLhcForms(response: QuestionnaireResponse, raw: readonly number[]): QuestionnaireResponse {
  const items = raw.map((one, index): QuestionnaireResponseItem => {
    const valueCoding = { system: LOINC, code: FREQUENCY[one] ?? '' };
    return { linkId: `/${PHQ_9_ITEMS[index]}`, answer: [{ valueCoding }] };
  });
  return {
    ...response,
    questionnaire: 'http://loinc.org/q/44249-1',
    item: [...items, { linkId: '/44261-6', answer: [{ valueDecimal: sum(raw) }] }],
  };
}

const MII_ID = 'mii-qst-pro-phq-9';
const MII_CANONICAL = `https://www.medizininformatik-initiative.de/fhir/ext/modul-pro/Questionnaire/${MII_ID}`;

/**
 * As the German MII's example has it: codes without a system, a total in points, no rater. Where the server holds the
 * form, it is named by a relative reference: one that does not would find no response by it, or refuse the response.
 */
export function asMiiPro(
  response: QuestionnaireResponse,
  raw: readonly number[],
  formIsHeld: boolean,
): QuestionnaireResponse {
  const { source: _, ...unnamed } = response;
  const items = raw.map(
    (one, index): QuestionnaireResponseItem => ({
      linkId: `PHQ.${index + 1}`,
      answer: [{ valueCoding: { code: FREQUENCY[one] ?? '' } }],
    }),
  );
  const points = { value: sum(raw), unit: 'pts.', system: 'http://unitsofmeasure.org', code: '{score}' };
  return {
    ...unnamed,
    questionnaire: formIsHeld ? `Questionnaire/${MII_ID}` : MII_CANONICAL,
    item: [...items, { linkId: 'PHQ.Score', answer: [{ valueQuantity: points }] }],
  };
}

/** A stand-in for the MII's form, with its id, canonical and item codes and no wording. */
export const miiStandIn = (): Questionnaire => ({
  resourceType: 'Questionnaire',
  id: MII_ID,
  meta: SYNTHETIC,
  url: MII_CANONICAL,
  title: 'Synthetic stand-in for the PHQ-9 form of the MII',
  status: 'draft',
  experimental: true,
  item: PHQ_9_ITEMS.map((code, index) => ({
    linkId: `PHQ-9.${index + 1}`,
    code: [{ system: LOINC, code }],
    text: `PHQ-9 item ${index + 1}`,
    type: 'choice',
    answerOption: FREQUENCY.map((answer) => ({ valueCoding: { system: LOINC, code: answer } })),
  })),
});
