import { describe, expect, test } from '@jest/globals';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from 'fhir/r4.js';
import type { Scenario } from '../interop/scenario.ts';
import { recordUnderTest } from './record-under-test.ts';

type Change = (good: QuestionnaireResponse, it: Scenario) => QuestionnaireResponse;

const items = (it: QuestionnaireResponse): QuestionnaireResponseItem[] => it.item ?? [];
const withItem = (it: QuestionnaireResponse, linkId: string, answer: QuestionnaireResponseItem['answer']) => ({
  ...it,
  item: items(it).map((item) => (item.linkId === linkId && answer !== undefined ? { ...item, answer } : item)),
});
const frequency = (code: string) => ({
  valueCoding: { system: 'https://w3id.org/vincle/CodeSystem/wai-s-frequency', code },
});

/** What is wrong, the reason that is given, and what the OperationOutcome's expression names. */
const REFUSED: readonly [what: string, reason: string, place: string, change: Change][] = [
  [
    'names a version of the form that is not known',
    'unknown-version',
    'questionnaire',
    (it) => ({ ...it, questionnaire: 'https://w3id.org/vincle/Questionnaire/wai-s-p|9.9.9' }),
  ],
  ['has an answer out of range', 'not-an-option', "linkId='wai-3'", (it) => withItem(it, 'wai-3', [frequency('8')])],
  [
    'has an answer of a wrong type',
    'wrong-type',
    "linkId='wai-3'",
    (it) => withItem(it, 'wai-3', [{ valueString: 'often' }]),
  ],
  [
    'answers one question twice',
    'repeated-answer',
    "linkId='wai-3'",
    (it) => withItem(it, 'wai-3', [frequency('1'), frequency('7')]),
  ],
  [
    'holds one item twice',
    'repeated-item',
    "linkId='wai-3'",
    (it) => ({ ...it, item: [...items(it), { linkId: 'wai-3', answer: [frequency('1')] }] }),
  ],
  [
    'answers an item that the form does not have',
    'unknown-item',
    "linkId='wai-13'",
    (it) => ({ ...it, item: [...items(it), { linkId: 'wai-13', answer: [frequency('1')] }] }),
  ],
  [
    'was answered by another patient',
    'wrong-rater',
    'source',
    (it, { patient }) => ({ ...it, source: { reference: `${patient}-other` } }),
  ],
  [
    'does not say when it was answered',
    'authored-missing',
    'authored',
    ({ authored: _none, ...it }) => it as QuestionnaireResponse,
  ],
  [
    'says only the year in which it was answered',
    'authored-missing',
    'authored',
    (it) => ({ ...it, authored: '2025' }),
  ],
];

/** What `authored` says, and the `effectiveDateTime` that the score must carry: the same moment, in the same precision. */
const AUTHORED: readonly [what: string, authored: string, effective: string, warned: boolean][] = [
  ['to the month', '2025-04', '2025-04', false],
  ['to the day', '2025-04-10', '2025-04-10', false],
  ['without a zone, read in the zone of the hospital', '2025-04-10T10:00:00', '2025-04-10T10:00:00+02:00', true],
  ['with +14:00', '2025-04-10T10:00:00+14:00', '2025-04-10T10:00:00+14:00', false],
  ['in the hour that the clock change skips', '2025-03-30T02:30:00', '2025-03-30T03:30:00+02:00', true],
];

/** What patients, therapists and records do on a bad day: each is refused with a reason, and heals once corrected. */
export function badResponses(name: string, baseUrlOf: () => string): void {
  describe(`bad responses, ${name}`, () => {
    const record = recordUnderTest('ill', name, baseUrlOf);
    const { put, run, good, score, reviews, issues, visitOf, settled } = record;

    test.each(REFUSED)(
      'a response that %s is refused, a Task names the place, and once corrected it is scored',
      async (_what, reason, place, change) => {
        await put(change(good(), record.it));
        const first = await run();
        expect([first.refused, first.reasons[reason]]).toEqual([1, 1]);
        expect(await score()).toBeUndefined();
        const [task] = await reviews(good());
        expect(task?.status).toBe('requested');
        expect(issues(task)?.find((issue) => issue.startsWith(reason))).toContain(place);
        await put(good());
        expect((await run()).scored).toBe(1);
        expect((await score())?.valueQuantity?.value).toBe(84);
        expect((await reviews(good())).map(({ status }) => status)).toEqual(['cancelled']);
        await settled();
      },
    );

    test('a number outside the range of its item is refused, and the place named', async () => {
      const distress = record.named('m3-distress');
      await put(withItem(distress, 'dt-1', [{ valueInteger: 11 }]));
      expect((await run()).reasons['out-of-range']).toBe(1);
      expect(issues((await reviews(distress))[0])?.[0]).toContain("linkId='dt-1'");
      expect(await score(distress, 'distress-thermometer')).toBeUndefined();
      await settled();
    });

    test('a response that names its rater as author, and no source, is scored', async () => {
      const { source: rater, ...anonymous } = good();
      await put({ ...anonymous, ...(rater === undefined ? {} : { author: rater }) });
      expect((await run()).scored).toBe(1);
      expect((await score())?.performer?.[0]?.reference).toBe(record.it.patient);
      await settled();
    });

    test('a response to an unknown form is left alone: no Task, no Observation', async () => {
      await put({ ...good(), questionnaire: 'https://example.org/Questionnaire/of-nobody|1' });
      const { ignored, refused, written } = await run();
      expect([ignored <= 1, refused, written]).toEqual([true, 0, 0]);
      expect([await score(), await reviews(good())]).toEqual([undefined, []]);
    });

    test.each(AUTHORED)('authored %s is scored and kept', async (_what, authored, effective, warned) => {
      await put({ ...good(), authored });
      const { scored, reasons } = await run();
      expect([scored, reasons['zone-assumed']]).toEqual([1, warned ? 1 : undefined]);
      const found = await score();
      expect([found?.effectiveDateTime, visitOf(found)]).toEqual([effective, 'm3']);
      await settled();
    });
  });
}
