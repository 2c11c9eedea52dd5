import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import type { QuestionnaireResponse, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import { readContentFiles } from '../../src/content/content-files.ts';
import { MANIFEST, manifestOf } from '../../src/content/digests.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Form, LoadedContent } from '../../src/content/port.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const LOINC = 'http://loinc.org';
let content: LoadedContent;

beforeAll(async () => {
  content = await loadContent({ shipped: ROOT });
});

const formOf = (questionnaire: string): Form => {
  const resolved = content.resolve(questionnaire);
  if (resolved.kind !== 'known') throw new Error(`${questionnaire} is ${resolved.kind}`);
  return resolved.form;
};
const responseTo = (questionnaire: string, item: QuestionnaireResponseItem[]): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  questionnaire,
  item,
});

/** The instruments of the public contract with the number of their scored items. */
const ITEMS = {
  'wai-s-p': 12,
  'wai-s-t': 12,
  sus: 10,
  'vas-app': 1,
  'vas-platform': 1,
  'distress-thermometer': 1,
  'phq-4': 4,
  'phq-9': 9,
  'gad-7': 7,
  hads: 14,
};

test('what ships is accepted, and holds the ten instruments of the contract with their items', () => {
  expect(Object.fromEntries(content.instruments.map((it) => [it.id, it.items.length]))).toEqual(ITEMS);
});

test('the manifest that ships names every Questionnaire as it is', () => {
  expect(JSON.parse(readFileSync(`${ROOT}${MANIFEST}`, 'utf8'))).toEqual(
    manifestOf(readContentFiles(ROOT, 'shipped', [])),
  );
});

test.each(Object.keys(ITEMS))(
  'every answer that %s offers is accepted and read as its raw value; the value beyond is refused by name',
  (id) => {
    const instrument = content.instruments.find((it) => it.id === id)!;
    const canonical = `${instrument.url}|${instrument.version}`;
    const form = formOf(canonical);
    for (const item of instrument.items) {
      const offered: [QuestionnaireResponseItemAnswer, number][] =
        item.weights === undefined
          ? [
              [{ valueInteger: item.low }, item.low],
              [{ valueInteger: item.high }, item.high],
            ]
          : [...item.weights].map(([key, raw]) => [
              { valueCoding: { system: key.split('|')[0]!, code: key.split('|')[1]! } },
              raw,
            ]);
      for (const [answer, raw] of offered) {
        const response = responseTo(canonical, [{ linkId: item.linkId, answer: [answer] }]);
        expect(form.validate(response)).toEqual([]);
        expect([...form.answers(response)]).toEqual([[item.linkId, raw]]);
      }
      const beyond =
        item.weights === undefined
          ? { valueInteger: item.high + 1 }
          : { valueCoding: { system: [...item.weights.keys()][0]!.split('|')[0]!, code: '99' } };
      const issues = form.validate(responseTo(canonical, [{ linkId: item.linkId, answer: [beyond] }]));
      expect(issues.map((it) => it.expression)).toEqual([
        `QuestionnaireResponse.item.where(linkId='${item.linkId}').answer[0].value`,
      ]);
    }
  },
);

test('a PHQ-9 as LHC-Forms writes it, by the linkIds of its LOINC panel, is read item by item', () => {
  const codes = ['44250-9', '44255-8', '44259-0', '44254-1', '44251-7', '44258-2', '44252-5', '44253-3', '44260-8'];
  const answers = [
    'LA6568-5',
    'LA6569-3',
    'LA6570-1',
    'LA6571-9',
    'LA6568-5',
    'LA6569-3',
    'LA6570-1',
    'LA6571-9',
    'LA6568-5',
  ];
  const items = codes.map((code, index) => ({
    linkId: `/${code}`,
    answer: [{ valueCoding: { system: LOINC, code: answers[index]! } }],
  }));
  const response = responseTo('http://loinc.org/q/44249-1', [
    ...items,
    { linkId: '/44261-6', answer: [{ valueDecimal: 12 }] },
  ]);
  const form = formOf('http://loinc.org/q/44249-1');
  expect(form.validate(response)).toEqual([]);
  expect([...form.answers(response).values()]).toEqual([0, 1, 2, 3, 0, 1, 2, 3, 0]);
  expect([...form.storedScores(response)]).toEqual([['total', 12]]);
});

test('a PHQ-9 as the German MII writes it, by a relative reference, other linkIds and codes without a system, is read', () => {
  const items: QuestionnaireResponseItem[] = Array.from({ length: 9 }, (_, index) => ({
    linkId: `PHQ.${index + 1}`,
    answer: [{ valueCoding: { code: 'LA6571-9' } }],
  }));
  const extra: QuestionnaireResponseItem[] = [
    { linkId: 'PHQ.10', answer: [{ valueCoding: { code: 'LA6574-3' } }] },
    { linkId: 'PHQ.Score', answer: [{ valueQuantity: { value: 27 } }] },
  ];
  const response = responseTo('Questionnaire/mii-qst-pro-phq-9', [...items, ...extra]);
  const form = formOf('Questionnaire/mii-qst-pro-phq-9');
  expect(form.validate(response)).toEqual([]);
  expect([...form.answers(response).values()]).toEqual(Array.from({ length: 9 }, () => 3));
  expect([...form.storedScores(response)]).toEqual([['total', 27]]);
});

test('the PHQ-9 without its ninth item is refused, and says why', () => {
  const name = 'http://hl7.org/fhir/uv/sdc/Questionnaire/questionnaire-sdc-profile-example-cqf-PHQ9';
  const [issue] = formOf(name).validate(responseTo(name, []));
  expect(issue).toMatchObject({ severity: 'error', reason: 'form-refused' });
  expect(issue!.diagnostics).toContain('ninth item');
});

test('no licensed wording ships: WAI-S, HADS and the Distress Thermometer have none in any language', () => {
  for (const id of ['wai-s-p', 'wai-s-t', 'hads', 'distress-thermometer'])
    for (const language of ['es', 'ca', 'en']) expect(content.wording(id, language)).toBeUndefined();
});

test('no key is confirmed, and no verdict on change is given, until a site says so', () => {
  for (const { id } of content.instruments)
    for (const language of ['es', 'ca', 'en', undefined]) {
      expect(content.keyConfirmed(id, language)).toBe(false);
      expect(content.reliableChange(id, language)).toBeUndefined();
    }
});
