import { beforeAll, describe, expect, test } from '@jest/globals';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import type { Form, LoadedContent } from '../../src/content/port.ts';
import { compileScoring } from '../../src/domain/scoring.ts';

const LOINC = 'http://loinc.org';
const MII = 'https://www.medizininformatik-initiative.de/fhir/ext/modul-pro/Questionnaire';
const SDC = 'http://hl7.org/fhir/uv/sdc/Questionnaire/questionnaire-sdc-profile-example-PHQ9';
const LL358 = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];
const PHQ9 = ['44250-9', '44255-8', '44259-0', '44254-1', '44251-7', '44258-2', '44252-5', '44253-3', '44260-8'];
const GAD7 = ['69725-0', '68509-9', '69733-4', '69734-2', '69735-9', '69689-8', '69736-7'];
let content: LoadedContent;

beforeAll(async () => {
  content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
});

function formOf(questionnaire: string): Form {
  const resolved = content.resolve(questionnaire);
  if (resolved.kind !== 'known') throw new Error(`${questionnaire} is ${resolved.kind}`);
  return resolved.form;
}

/** What Vincle makes of a response: raw answers in our order, total, total as it was stored, issues by reason. */
function read(questionnaire: string, item: QuestionnaireResponseItem[]) {
  const form = formOf(questionnaire);
  const response: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    status: 'completed',
    questionnaire,
    item,
  };
  const answers = form.answers(response);
  const total = compileScoring(form.instrument)(answers).measures.get('total')!;
  return {
    answers: form.instrument.items.map(({ linkId }) => answers.get(linkId)),
    total: 'value' in total ? total.value : undefined,
    stored: form.storedScores(response).get('total'),
    issues: form.validate(response).map((it) => `${it.severity} ${it.reason}`),
  };
}

const coded = (linkId: string, code: string, system: string | undefined = LOINC): QuestionnaireResponseItem => ({
  linkId,
  answer: [{ valueCoding: { ...(system === '' ? {} : { system }), code } }],
});
const stored = (linkId: string, value: number): QuestionnaireResponseItem => ({
  linkId,
  answer: [{ valueDecimal: value }],
});
const letters = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${'abcdefghi'[index]}`);
const numbers = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`);
const answered = (linkIds: readonly string[], raw: readonly number[], system = LOINC): QuestionnaireResponseItem[] =>
  linkIds.map((linkId, index) => coded(linkId, LL358[raw[index]!]!, system));

describe('the PHQ-9 of HL7 SDC, in a group and with answers of its own code system', () => {
  const ANSWERS = ['Not-at-all', 'Several-days', 'More than half the days', 'Nearly every day'];
  const CSPHQ9 = 'http://hl7.org/fhir/uv/sdc/CodeSystem/CSPHQ9';
  /** The answers of HL7’s published example response, which states a total of 13. */
  const RAW = [0, 0, 0, 1, 2, 1, 3, 2, 1];
  const item = RAW.map((raw, index) => coded(`H1/T1/Q${index + 1}`, ANSWERS[raw]!, CSPHQ9));

  test('HL7’s published example states 13 and its answers sum to 10: 10 is the score, and 13 stands beside it to be compared', () => {
    const total = { linkId: 'H1/TS', answer: [{ valueQuantity: { value: 13, unit: '{score}' } }] };
    expect(read(SDC, [{ linkId: 'H1/T1', item: [...item, total] }])).toEqual({
      answers: RAW,
      total: 10,
      stored: 13,
      issues: [],
    });
  });

  test('an answer that its code system does not have is refused, and is no 0', () => {
    const [, ...others] = item;
    const result = read(SDC, [{ linkId: 'H1/T1', item: [coded('H1/T1/Q1', 'Never', CSPHQ9), ...others] }]);
    expect([result.answers[0], result.total]).toEqual([undefined, undefined]);
    expect(result.issues.some((it) => it.startsWith('error'))).toBe(true);
  });
});

describe('the PHQ-9 of the German MII, whose linkIds its versions have renamed', () => {
  const SCHEMES: readonly (readonly [string, readonly string[], string])[] = [
    ['its first Questionnaire', numbers('PHQ-9.', 9), 'PHQ-9.Score'],
    ['responses to that one', numbers('PHQ.', 9), 'PHQ.Score'],
    ['2026.4 and before', numbers('phq-phq9-q0', 9), 'phq-phq9-score-total'],
    ['2026.5 and later', letters('phq-phq2', 9), 'phq-phq9-score-total'],
  ];
  test.each(SCHEMES)('%s: item by item, in order', (_, linkIds, score) => {
    // A response of the initiative's published test data (2024-03-15): total 8.
    const raw = [1, 1, 2, 1, 0, 1, 1, 0, 1];
    expect(read(`${MII}/mii-qst-pro-phq-9`, [...answered(linkIds, raw), stored(score, 8)])).toEqual({
      answers: raw,
      total: 8,
      stored: 8,
      issues: [],
    });
  });

  test.each(SCHEMES)('%s: the ninth item, and no other, is the one that safety asks about', (_, linkIds) => {
    const raw = [0, 0, 0, 0, 0, 0, 0, 0, 3];
    expect(read(`${MII}/mii-qst-pro-phq-9`, answered(linkIds, raw)).answers).toEqual(raw);
  });
});

test.each([
  ['as other systems number it', numbers('gad7-q0', 7)],
  ['as its drafts named it', numbers('phq-gad7-q0', 7)],
  ['2026.7 and later', letters('phq-phq5', 7)],
])('the GAD-7 of the German MII, %s', (_, linkIds) => {
  const raw = [0, 1, 2, 3, 3, 2, 1];
  expect(read(`${MII}/mii-qst-pro-gad-7`, [...answered(linkIds, raw), stored('phq-gad7-score-total', 12)])).toEqual({
    answers: raw,
    total: 12,
    stored: 12,
    issues: [],
  });
});

describe('forms of the LOINC panels, with linkIds made of the item codes', () => {
  const slashed = (codes: readonly string[]): string[] => codes.map((code) => `/${code}`);

  test.each([
    ['http://www.cdc.gov/ncbddd/fasd/phq9', PHQ9],
    ['Questionnaire/CIRG-PHQ9', PHQ9],
    ['Questionnaire/CIRG-GAD7', GAD7],
  ])('%s, whose codings name no system, is read', (questionnaire, codes) => {
    const raw = codes.map((_, index) => index % 4);
    const { answers, issues } = read(questionnaire, answered(slashed(codes), raw, ''));
    expect({ answers, issues }).toEqual({ answers: raw, issues: [] });
  });

  test.each(['http://loinc.org/q/69737-5', 'Questionnaire/CIRG-GAD7'])(
    '%s answers "More days than not" (LA18938-3) where LHC-Forms offers it for the second item: it counts 2',
    (questionnaire) => {
      const [first, , ...others] = answered(slashed(GAD7), [0, 0, 0, 0, 0, 0, 0]);
      const result = read(questionnaire, [first!, coded('/68509-9', 'LA18938-3'), ...others]);
      expect([result.answers[1], result.total, result.issues]).toEqual([2, 2, []]);
    },
  );

  test('the PHQ-4 panel is read with the same answer', () => {
    const item = answered(slashed(['69725-0', '68509-9', '44250-9', '44255-8']), [1, 0, 3, 2]);
    const result = read('http://loinc.org/q/69724-3', [item[0]!, coded('/68509-9', 'LA18938-3'), ...item.slice(2)]);
    expect([result.answers, result.total]).toEqual([[1, 2, 3, 2], 8]);
  });
});
