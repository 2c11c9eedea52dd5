import { expect, test } from '@jest/globals';
import type { JobRun } from '../../src/state/port.ts';
import type { Bench } from './state-contract.ts';

const run = (job: string, minute: number, ok = true): JobRun => ({
  job,
  startedAt: `2026-03-01T10:0${minute}:00.000Z`,
  endedAt: `2026-03-01T10:0${minute}:30.000Z`,
  ok,
  result: { read: minute },
});

/** What jobs keep: how far they read, whom they owe a computation, how they went. */
export function jobContract({ open }: Bench): void {
  test('a checkpoint with thousands of seen versions is read back whole by another process of the job', async () => {
    const seen = Array.from({ length: 5_000 }, (_, at) => `QuestionnaireResponse/r${at}|1`);
    const checkpoint = { watermark: '2026-03-01T10:00:00.000Z', seen, contentDigest: 'abc' };
    const state = await open();
    expect(await state.readCheckpoint('alliance')).toBeUndefined();
    await state.writeCheckpoint('alliance', { ...checkpoint, seen: ['Patient/a|1'] });
    await state.writeCheckpoint('alliance', checkpoint);
    expect(await (await open()).readCheckpoint('alliance')).toEqual(checkpoint);
    expect(await state.readCheckpoint('steps')).toBeUndefined();
  });

  test('a patient is due once, with the latest reason, and the longest waiting comes first', async () => {
    const state = await open();
    const anna = { subject: 'Patient/anna', reason: 'lost race', since: '2026-03-01T10:00:00.000Z' };
    const berta = { subject: 'Patient/berta', reason: 'unreachable', since: '2026-03-01T09:00:00.000Z' };
    await state.addDue([anna, berta]);
    await state.addDue([{ ...berta, reason: 'lost race', since: '2026-03-01T11:00:00.000Z' }]);
    await state.addDue([{ ...anna, reason: 'earlier', since: '2026-02-01T00:00:00.000Z' }]);
    expect(await state.listDue()).toEqual([anna, { ...berta, reason: 'lost race', since: '2026-03-01T11:00:00.000Z' }]);
  });

  test('a patient who became due again while a job computed stays due', async () => {
    const state = await open();
    const due = (subject: string, since: string) => ({ subject, reason: 'intake', since });
    await state.addDue([due('Patient/anna', '2026-03-01T10:00:00Z'), due('Patient/berta', '2026-03-01T10:00:00Z')]);
    await state.addDue([due('Patient/berta', '2026-03-01T10:02:00Z')]);
    await state.removeDue(['Patient/anna', 'Patient/berta'], '2026-03-01T10:01:00Z');
    expect((await state.listDue()).map((it) => it.subject)).toEqual(['Patient/berta']);
    await state.removeDue([]);
    await state.removeDue(['Patient/berta']);
    expect(await state.listDue()).toEqual([]);
  });

  test('the last runs of a job are told, the latest first, the failed ones too', async () => {
    const state = await open();
    for (const it of [run('alliance', 1), run('steps', 2), run('alliance', 3, false), run('alliance', 4)])
      await state.recordRun(it);
    expect(await state.lastRuns('alliance', 2)).toEqual([run('alliance', 4), run('alliance', 3, false)]);
    expect(await state.lastRuns('safety', 2)).toEqual([]);
  });
}
