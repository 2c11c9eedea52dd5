import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type {
  CareTeam,
  FhirResource,
  Observation,
  OperationOutcome,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  ResearchSubject,
  Task,
} from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { pairId, responseKey, scoreId } from '../../src/domain/derived-identity.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { type Scenario, scenario } from '../interop/scenario.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
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
    let server: FhirServer;
    let content: Content;
    let state: State;
    let it: Scenario;
    let serial = 0;

    beforeAll(async () => {
      server = connectFhir({ baseUrl: baseUrlOf(), auth: { kind: 'none' } });
      content = await loadContent({ shipped: ROOT, baseUrl: baseUrlOf() });
    });
    beforeEach(async () => {
      serial += 1;
      it = scenario(`ill-${process.pid.toString(36)}-${name.length}-${serial}`);
      state = await openState('sqlite::memory:');
      const other: FhirResource = { resourceType: 'Patient', id: `${it.patient.slice('Patient/'.length)}-other` };
      await put(other, ...it.programme);
    });
    afterEach(() => state.close());

    const put = async (...resources: FhirResource[]): Promise<void> => {
      const results = await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
      expect(results.filter(({ status }) => status > 201)).toEqual([]);
    };
    const run = (all = false) =>
      computeAlliance(
        {
          server,
          state,
          context: {
            content,
            display: displayOf(content.resources),
            settings: { study: it.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl },
          },
        },
        { all, overlapMs: 60_000, now: Date.now, holder: `${serial}`, pause: async () => {} },
      );
    const good = (): QuestionnaireResponse => it.responses[0] as QuestionnaireResponse;
    const named = (end: string): QuestionnaireResponse =>
      it.responses.find((r) => r.id?.endsWith(end)) as QuestionnaireResponse;
    const score = (r = good(), code = 'wai-s-p') => server.read('Observation', scoreId(code, responseKey(r)));
    const pair = (code: string, visit: string) =>
      server.read('Observation', pairId(code, it.patient, it.therapist, visit));
    const reviews = async (about: QuestionnaireResponse): Promise<Task[]> => {
      const found: Task[] = [];
      for await (const page of server.search({ type: 'Task', params: [['patient', it.patient]] }))
        found.push(...(page.resources as Task[]));
      return found.filter((task) => task.focus?.reference === `QuestionnaireResponse/${about.id}`);
    };
    const issues = (task: Task | undefined) =>
      (task?.contained?.[0] as OperationOutcome | undefined)?.issue.map(
        (issue) => `${issue.details?.text} ${issue.expression?.[0]}`,
      );
    const visitOf = (o: Observation | undefined) =>
      o?.component?.find((c) => c.code.coding?.some((k) => k.code === 'visit'))?.valueCodeableConcept?.coding?.[0]
        ?.code;
    /** A full run finds nothing that the increments left undone. */
    const settled = async () => expect((await run(true)).written).toBe(0);

    test.each(REFUSED)(
      'a response that %s is refused, a Task names the place, and once corrected it is scored',
      async (_what, reason, place, change) => {
        await put(change(good(), it));
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

    test('a therapist of nobody is refused, and scored once the care team names him', async () => {
      const therapist = named('m3-therapist');
      const team = it.programme.find((r): r is CareTeam => r.resourceType === 'CareTeam') as CareTeam;
      await put({ ...team, participant: [] }, therapist);
      expect((await run()).reasons['wrong-rater']).toBe(1);
      expect(issues((await reviews(therapist))[0])?.[0]).toBe('wrong-rater QuestionnaireResponse.source');
      expect(await score(therapist, 'wai-s-t')).toBeUndefined();
      await put(team);
      await run();
      expect((await score(therapist, 'wai-s-t'))?.valueQuantity?.value).toBe(48);
      expect((await reviews(therapist))[0]?.status).toBe('cancelled');
      await settled();
    });

    test('a corrected inclusion moves the visits without any new response', async () => {
      await put(...it.responses);
      await run();
      expect(visitOf(await score())).toBe('m3');
      const subject = it.programme.find((r): r is ResearchSubject => r.resourceType === 'ResearchSubject');
      await put({ ...(subject as ResearchSubject), period: { start: '2024-10-10' } });
      await run();
      expect(visitOf(await score())).toBe('m6');
      expect((await pair('wai-s-dyad', 'm3'))?.status).toBe('entered-in-error');
      expect((await pair('wai-s-dyad', 'm6'))?.valueQuantity?.value).toBe(36);
      await settled();
    });

    test('a withdrawn response takes its score along, and the dyad waits for its partner again', async () => {
      await put(...it.responses);
      await run();
      await put({ ...good(), status: 'entered-in-error' });
      await run();
      expect((await score())?.status).toBe('entered-in-error');
      const dyad = await pair('wai-s-dyad', 'm3');
      expect([dyad?.status, dyad?.valueQuantity]).toEqual(['preliminary', undefined]);
      expect((await pair('wai-s-p-change', 'm6'))?.status).toBe('entered-in-error');
      await settled();
    });

    test('a response moved to a patient outside the programme leaves no score and no dyad behind', async () => {
      await put(good());
      await run();
      const other = { reference: `${it.patient}-other` };
      await put({ ...good(), subject: other, source: other });
      await run();
      expect([(await score())?.status, (await pair('wai-s-dyad', 'm3'))?.status]).toEqual([
        'entered-in-error',
        'entered-in-error',
      ]);
      await settled();
    });

    test('a copy under the same identifier is counted as a duplicate and scored once', async () => {
      await put(good(), { ...good(), id: `${good().id}-copy` });
      const { scored, duplicates } = await run();
      expect([scored, duplicates]).toEqual([1, 1]);
      expect((await score())?.valueQuantity?.value).toBe(84);
      await settled();
    });

    test('one identifier on two patients is refused, and scored once the other response is withdrawn', async () => {
      const other = { reference: `${it.patient}-other` };
      const stranger: QuestionnaireResponse = { ...good(), id: `${good().id}-copy`, subject: other, source: other };
      await put(good(), stranger);
      expect((await run()).reasons['identifier-of-two-patients']).toBeGreaterThan(0);
      expect(await score()).toBeUndefined();
      await put({ ...stranger, status: 'entered-in-error' });
      await run();
      expect((await score())?.valueQuantity?.value).toBe(84);
      await settled();
    });
  });
}
