import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { BACKLOG_ID } from '../../src/domain/safety-backlog.ts';
import { withJobLock } from '../../src/jobs/job-lock.ts';
import { openSafetyWard, phq9, type SafetyWard } from './safety-ward.ts';

const MINUTE = 60_000;
const LHC = 'http://loinc.org/q/44249-1';
/** Somebody else’s PHQ-9, of which only item 9 is answered. */
const foreign = (ward: SafetyWard, answer: object | undefined): QuestionnaireResponse => ({
  ...phq9(ward.patient, {}),
  questionnaire: LHC,
  item: [
    { linkId: '/44250-9', answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA6568-5' } }] },
    { linkId: '/group', item: [{ linkId: '/44260-8', ...(answer === undefined ? {} : { answer: [answer] }) }] },
  ],
});
const only = <T>(all: readonly T[]): T => {
  expect(all).toHaveLength(1);
  return all[0] as T;
};

/** What becomes of a sign of danger, on a real server. */
export function safetyScenarios(name: string, baseUrlOf: () => string): void {
  describe(`signs of danger, ${name}`, () => {
    let serial = 0;
    let ward: SafetyWard;
    beforeEach(async () => {
      serial += 1;
      ward = await openSafetyWard(`sf-${process.pid.toString(36)}-${name.length}-${serial}`, baseUrlOf());
    });
    afterEach(() => ward.stop());
    const store = async (response: QuestionnaireResponse): Promise<string> =>
      (await ward.direct.write({ method: 'POST', resource: response })).id ?? '';
    const raised = async () => {
      expect((await ward.intake(phq9(ward.patient, { 9: 1 }))).kind).toBe('stored');
      return only(await ward.tasks());
    };

    test('item 9 handed in here: a Flag, an urgent Task with an owner and a target, and a notice, before the answer is back', async () => {
      const started = performance.now();
      const processed = await ward.intake(phq9(ward.patient, { 1: 0, 9: 2 }));
      const [flag, task] = [only(await ward.flags()), only(await ward.tasks())];
      // A second is what the protocol promises; the bound is wide, because this machine may be busy.
      expect(performance.now() - started).toBeLessThan(5_000);
      const response = processed.kind === 'stored' ? `QuestionnaireResponse/${processed.response.id}` : '';
      expect(flag.extension?.[0]?.valueReference?.reference).toBe(response);
      expect([flag.status, flag.category?.[0]?.coding?.[0]?.code]).toEqual(['active', 'safety']);
      expect([task.status, task.priority, task.focus?.reference]).toEqual(['requested', 'urgent', `Flag/${flag.id}`]);
      expect(task.owner?.reference).toBe(ward.anna);
      const { start = '', end = '' } = task.restriction?.period ?? {};
      expect(Date.parse(end) - Date.parse(start)).toBe(60 * MINUTE);
      expect(ward.told()).toEqual(['anna']);
      expect(only(await ward.notices()).status).toBe('completed');
    });

    test('a notice names nobody, no answer and no instrument', async () => {
      await raised();
      expect(ward.receiver.got[0]?.text).not.toMatch(/PHQ|phq|Patient|44260|suic/);
    });

    test('what another app stores on the hospital’s server is found by the poll, once', async () => {
      await store(phq9(ward.patient, { 9: 3 }));
      expect((await ward.watch()).raised).toBe(1);
      expect((await ward.watch()).raised).toBe(0);
      await Promise.all([only(await ward.flags()), only(await ward.tasks())]);
      expect(ward.told()).toEqual(['anna']);
    });

    test('the poll looks while the alliance job holds its lock', async () => {
      await store(phq9(ward.patient, { 9: 3 }));
      const run = await withJobLock({ state: ward.state, job: 'alliance', holder: 'somebody' }, () => ward.watch());
      expect('value' in run && run.value.raised).toBe(1);
    });

    test('a poll that finds nothing new sends one request', async () => {
      await ward.watch();
      const checkpoint = await ward.state.readCheckpoint('safety');
      expect(checkpoint).toBeDefined();
      const before = ward.server.traffic.requests;
      const { since: _none, ...options } = { since: undefined };
      await ward.watch({ ...options, overlapMs: 0, since: new Date(Date.now() + MINUTE).toISOString() });
      expect(ward.server.traffic.requests - before).toBe(1);
    });

    test('a draft counts: item 9 in an unfinished response is raised, and finishing it raises nothing more', async () => {
      const draft = phq9(ward.patient, { 9: 1 }, { status: 'in-progress' });
      await ward.intake(draft);
      await ward.intake({ ...draft, ...phq9(ward.patient, { 1: 0, 2: 0, 9: 1 }, { identifier: draft.identifier! }) });
      await Promise.all([only(await ward.flags()), only(await ward.tasks())]);
    });

    test('a response that validation refuses is stored and raised', async () => {
      const response = phq9(ward.patient, { 9: 3 });
      const processed = await ward.intake({
        ...response,
        item: [...(response.item ?? []), { linkId: 'phq9-99', answer: [{ valueString: 'x' }] }],
      });
      expect([processed.kind, processed.kind === 'stored' && processed.fate]).toEqual(['stored', 'refused']);
      only(await ward.tasks());
    });

    test('a finished response sent again with a worse answer is turned away, and the answer is raised', async () => {
      const first = phq9(ward.patient, { 9: 0 });
      await ward.intake(first);
      const processed = await ward.intake(phq9(ward.patient, { 9: 3 }, { identifier: first.identifier! }));
      expect(processed.kind).toBe('duplicate');
      const flag = only(await ward.flags());
      expect(flag.extension?.[0]?.valueReference?.identifier?.value).toBe(first.identifier?.value);
    });

    test.each<[string, object | undefined, number]>([
      ['a coding of LOINC above “not at all”', { valueCoding: { system: 'http://loinc.org', code: 'LA6569-3' } }, 1],
      ['“not at all”', { valueCoding: { system: 'http://loinc.org', code: 'LA6568-5' } }, 0],
      ['an integer', { valueInteger: 2 }, 1],
      ['a decimal', { valueDecimal: 1 }, 1],
      ['zero', { valueInteger: 0 }, 0],
      ['a text that nobody can read', { valueString: 'sometimes' }, 1],
      ['a coding that nobody declared', { valueCoding: { system: 'urn:other', code: 'x' } }, 1],
      ['no answer', undefined, 0],
    ])('another publisher’s PHQ-9, item 9 nested and answered with %s: %#', async (_title, answer, signs) => {
      await store(foreign(ward, answer));
      expect([(await ward.watch()).raised, (await ward.flags()).length]).toEqual([signs, signs]);
    });

    test('nobody of the programme: counted, neither raised nor told', async () => {
      await store(phq9(ward.outsider, { 9: 3 }));
      expect(await ward.watch()).toMatchObject({ raised: 0, outside: 1 });
      expect([await ward.flags(ward.outsider), ward.told()]).toEqual([[], []]);
    });

    test('who comes into the programme after answering is looked at then', async () => {
      await store(phq9(ward.outsider, { 9: 3 }));
      await ward.watch();
      await ward.put({
        resourceType: 'ResearchSubject',
        id: `${ward.id}-late`,
        status: 'on-study',
        study: { reference: ward.study },
        individual: { reference: ward.outsider },
      });
      expect((await ward.watch()).raised).toBe(1);
      only(await ward.flags(ward.outsider));
    });

    test('who answers under a number that the hospital merged into another is watched, before the merge and after', async () => {
      const number = ward.outsider.slice('Patient/'.length);
      await ward.put(phq9(ward.outsider, { 9: 2 }, { id: `${number}-before` }));
      expect(await ward.watch()).toMatchObject({ raised: 0 });
      await ward.put({
        resourceType: 'Patient',
        id: number,
        active: false,
        link: [{ type: 'replaced-by', other: { reference: ward.patient } }],
      });
      expect(await ward.watch()).toMatchObject({ raised: 1 });
      await ward.put(phq9(ward.outsider, { 9: 1 }, { id: `${number}-after` }));
      expect(await ward.watch()).toMatchObject({ raised: 1 });
      expect((await ward.flags(ward.outsider)).map((it) => it.status)).toEqual(['active', 'active']);
      expect(ward.told()).toContain('anna');
    });

    test('a patient whom the record calls dead: raised all the same, and the Task says so', async () => {
      await ward.put({ resourceType: 'Patient', id: ward.patient.slice(8), deceasedDateTime: '2026-11-01' });
      const task = await raised();
      expect(task.note?.[0]?.text).toMatch(/died/);
    });

    test('a patient who withdrew from research is still watched', async () => {
      await ward.put({
        resourceType: 'ResearchSubject',
        id: `${ward.id}-rs-p`,
        status: 'withdrawn',
        study: { reference: ward.study },
        individual: { reference: ward.patient },
      });
      await raised();
    });

    test('answers from before SAFETY_FROM go to one list with their dates and raise nothing, however often they are found', async () => {
      const ids = [
        await store(phq9(ward.patient, { 9: 3 }, { authored: '2024-03-01' })),
        await store(phq9(ward.other, { 9: 1 }, { authored: '2023-05-02T10:00:00+02:00' })),
      ];
      const from = { fromMs: Date.parse('2026-01-01T00:00:00Z') };
      expect(await ward.watch({}, from)).toMatchObject({ raised: 0, old: 2 });
      expect(await ward.watch({}, from)).toMatchObject({ raised: 0, old: 0 });
      expect([await ward.tasks(), ward.told()]).toEqual([[], []]);
      const list = only(await ward.all('List', 'identifier', `https://w3id.org/vincle/identifier/list|${BACKLOG_ID}`));
      const own = (list.entry ?? []).filter((it) => ids.some((id) => it.item.reference?.endsWith(id)));
      expect(own.map((it) => it.date)).toEqual(['2023-05-02T10:00:00+02:00', '2024-03-01']);
    });

    test('a hundred at once: all are raised, and one person gets few notices', async () => {
      const patients = Array.from({ length: 100 }, (_, index) => `${ward.id}-h${index}`);
      for (const half of [patients.slice(0, 50), patients.slice(50)])
        await ward.put(
          ...half.flatMap((id) => [
            { resourceType: 'Patient' as const, id },
            {
              resourceType: 'ResearchSubject' as const,
              id: `${id}-rs`,
              status: 'on-study' as const,
              study: { reference: ward.study },
              individual: { reference: `Patient/${id}` },
            },
            { ...phq9(`Patient/${id}`, { 9: 1 }), id: `${id}-r` },
          ]),
        );
      const before = ward.server.traffic.requests;
      expect(await ward.watch()).toMatchObject({ raised: 100, told: 100, failed: 0 });
      expect(ward.server.traffic.requests - before).toBeLessThan(40);
      const tasks = await ward.all('Task', 'patient', patients.map((it) => `Patient/${it}`).join(','));
      expect(new Set(tasks.filter((it) => it.priority === 'urgent').map((it) => it.for?.reference)).size).toBe(100);
      expect(ward.told().length).toBeLessThanOrEqual(4);
    }, 120_000);

    test('two processes at once: one Flag, one Task, one notice', async () => {
      await store(phq9(ward.patient, { 9: 2 }));
      const runs = await Promise.all([ward.watch({ holder: 'one' }), ward.watch({ holder: 'two' })]);
      expect(runs.map((it) => it.raised).sort()).toEqual([0, 1]);
      await Promise.all([only(await ward.flags()), only(await ward.tasks())]);
      expect(ward.told()).toEqual(['anna']);
    });

    test('a rebuild on an empty state raises nothing again, open or closed', async () => {
      await raised();
      await ward.intake(phq9(ward.other, { 9: 1 }));
      await ward.close(only(await ward.tasks(ward.other)).id ?? '');
      const told = ward.told().length;
      await ward.state.close();
      ward.state = await (await import('../../src/state/open.ts')).openState('sqlite::memory:');
      await ward.watch();
      await ward.escalate();
      expect([(await ward.tasks()).length, (await ward.tasks(ward.other)).length]).toEqual([1, 1]);
      expect(ward.told()).toHaveLength(told);
    });

    test('a clock that goes back an hour raises nothing twice and tells nobody again', async () => {
      const task = await raised();
      ward.clock = Date.parse(task.authoredOn ?? '') - 60 * MINUTE;
      await ward.watch();
      await ward.escalate();
      expect(await ward.tasks()).toHaveLength(1);
      expect(ward.told()).toEqual(['anna']);
    });
  });
}
