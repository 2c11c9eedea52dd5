import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Task } from 'fhir/r4.js';
import { stateOf } from '../../src/domain/safety-sign.ts';
import { openSafetyWard, phq9, type SafetyWard } from './safety-ward.ts';

const MINUTE = 60_000;
const only = <T>(all: readonly T[]): T => {
  expect(all).toHaveLength(1);
  return all[0] as T;
};
const states = (tasks: readonly Task[]) => tasks.map(stateOf).sort();

/** Who is told about a sign, takes it up and closes it, on a real server. */
export function signScenarios(name: string, baseUrlOf: () => string): void {
  describe(`taking up and closing signs of danger, ${name}`, () => {
    let serial = 0;
    let ward: SafetyWard;
    beforeEach(async () => {
      serial += 1;
      ward = await openSafetyWard(`sg-${process.pid.toString(36)}-${name.length}-${serial}`, baseUrlOf());
    });
    afterEach(() => ward.stop());
    const raised = async () => {
      expect((await ward.intake(phq9(ward.patient, { 9: 1 }))).kind).toBe('stored');
      return only(await ward.tasks());
    };

    test('a later low score closes nothing', async () => {
      const task = await raised();
      await ward.intake(phq9(ward.patient, { 1: 0, 9: 0 }));
      await ward.watch();
      expect(only(await ward.tasks())).toMatchObject({ id: task.id, status: 'requested' });
      expect(only(await ward.flags()).status).toBe('active');
    });

    test('an amendment to zero closes nothing either', async () => {
      const response = phq9(ward.patient, { 9: 1 });
      await ward.intake(response);
      await ward.intake({ ...phq9(ward.patient, { 9: 0 }), identifier: response.identifier!, status: 'amended' });
      expect(states(await ward.tasks())).toEqual(['raised']);
    });

    test('a named clinician closes with an outcome; the same answer stays closed, a rise opens a new one', async () => {
      const response = phq9(ward.patient, { 9: 1 });
      await ward.intake(response);
      const task = only(await ward.tasks());
      expect((await ward.acknowledge(task.id ?? '')).kind).toBe('done');
      expect((await ward.close(task.id ?? '')).kind).toBe('done');
      const flag = only(await ward.flags());
      expect([flag.status, flag.period?.end === undefined]).toEqual(['inactive', false]);
      const events = (await ward.all('Provenance', 'target', `Task/${task.id}`)).map((it) => [
        it.activity?.coding?.[0]?.code,
        it.agent[0]?.who.reference,
      ]);
      expect(events.sort()).toEqual([
        ['acknowledged', ward.anna],
        ['closed', ward.anna],
      ]);
      expect((await ward.watch({ all: true })).raised).toBe(0);
      const worse = phq9(ward.patient, { 9: 2 }, { identifier: response.identifier!, status: 'amended' });
      await ward.intake(worse);
      expect(states(await ward.tasks())).toEqual(['closed', 'raised']);
      await ward.watch();
      expect(await ward.tasks()).toHaveLength(2);
    });

    test('a fall after the closure and a rise after it open a new one', async () => {
      const response = phq9(ward.patient, { 9: 3 });
      const again = (raw: number) =>
        ward.intake(phq9(ward.patient, { 9: raw }, { identifier: response.identifier!, status: 'amended' }));
      await ward.intake(response);
      await ward.close(only(await ward.tasks()).id ?? '');
      await again(1);
      expect(states(await ward.tasks())).toEqual(['closed']);
      await again(2);
      expect(states(await ward.tasks())).toEqual(['closed', 'raised']);
    });

    test('of two clinicians who close at once one wins, and the other is told who', async () => {
      const { id = '' } = await raised();
      const results = await Promise.all([
        ward.close(id, 'safety-plan', ward.anna),
        ward.close(id, 'referred', ward.bernat),
      ]);
      expect(results.map((it) => it.kind).sort()).toEqual(['already', 'done']);
      const task = only(await ward.tasks());
      const late = results.find((it) => it.kind === 'already');
      expect(late).toMatchObject({ state: 'closed', by: task.owner?.reference });
    });

    test('nobody closes without an outcome of the protocol, nor somebody who is no clinician here', async () => {
      const { id = '' } = await raised();
      expect((await ward.close(id, 'it-was-nothing')).kind).toBe('unknown-outcome');
      expect((await ward.close(id, 'safety-plan', 'Practitioner/nobody-at-all')).kind).toBe('not-a-clinician');
      expect((await ward.close(id, 'safety-plan', ward.patient)).kind).toBe('not-a-clinician');
      expect(states(await ward.tasks())).toEqual(['raised']);
    });

    test('nobody takes it up: the next is told after the target, each step once, until somebody does', async () => {
      const task = await raised();
      const at = Date.parse(task.authoredOn ?? '');
      await ward.escalate();
      expect(ward.told()).toEqual(['anna']);
      ward.clock = at + 31 * MINUTE;
      await ward.escalate();
      await ward.escalate();
      expect(ward.told()).toEqual(['anna', 'bernat']);
      const escalated = only(await ward.tasks());
      expect([escalated.owner?.reference, escalated.businessStatus?.coding?.[0]?.code]).toEqual([
        ward.bernat,
        'escalated',
      ]);
      await ward.acknowledge(task.id ?? '', ward.bernat);
      ward.clock = at + 500 * MINUTE;
      await ward.escalate();
      expect(ward.told()).toEqual(['anna', 'bernat']);
    });

    test('taken up and never closed: the last of the chain hears of it, once, and whoever took it up keeps it', async () => {
      const task = await raised();
      await ward.acknowledge(task.id ?? '', ward.bernat);
      const takenUp = Date.parse(only(await ward.tasks()).lastModified ?? '');
      ward.clock = takenUp + 4_319 * MINUTE;
      await ward.escalate();
      expect(ward.told()).toEqual(['anna']);
      ward.clock = takenUp + 4_321 * MINUTE;
      await ward.escalate();
      await ward.escalate();
      expect(ward.told()).toEqual(['anna', 'carme']);
      expect(only(await ward.tasks())).toMatchObject({ status: 'accepted', owner: { reference: ward.bernat } });
    });

    test('another system marks the review done without an outcome: it waits for a person again', async () => {
      const task = await raised();
      await ward.watch();
      await ward.put({ ...task, status: 'completed' });
      expect((await ward.watch({ dryRun: true })).reopened).toBe(1);
      expect((await ward.watch()).reopened).toBe(1);
      const again = only(await ward.tasks());
      expect([again.status, stateOf(again)]).toEqual(['requested', 'raised']);
      expect(again.note?.at(-1)?.text).toContain('only a named clinician closes');
      expect((await ward.watch()).reopened).toBe(0);
      expect((await ward.close(task.id ?? '')).kind).toBe('done');
      expect((await ward.watch()).reopened).toBe(0);
      expect(states(await ward.tasks())).toEqual(['closed']);
    });

    test('whoever cannot be reached is passed over at once, and each try is on record', async () => {
      ward.receiver.unknown.add(ward.anna);
      const task = await raised();
      expect(ward.told()).toEqual(['bernat']);
      expect((await ward.notices()).map((it) => it.status).sort()).toEqual(['completed', 'not-done']);
      expect(only(await ward.tasks())).toMatchObject({ id: task.id, owner: { reference: ward.bernat } });
      await ward.escalate();
      expect(ward.told()).toEqual(['bernat']);
    });

    test('a receiver that never answers about one person holds nobody up: the next is told at once, and both tries are kept', async () => {
      ward.receiver.mute.add(ward.anna);
      const task = await raised();
      ward.receiver.mute.clear();
      expect(ward.told()).toEqual(['bernat']);
      expect((await ward.notices()).map((it) => it.status).sort()).toEqual(['completed', 'not-done']);
      expect(only(await ward.tasks())).toMatchObject({ id: task.id, owner: { reference: ward.bernat } });
    });

    test('while no channel works it is said, and once it works again somebody is told', async () => {
      ward.receiver.failing = 500;
      const task = await raised();
      expect(ward.told()).toEqual([]);
      ward.clock = Date.parse(task.authoredOn ?? '') + 6 * MINUTE;
      expect((await ward.escalate()).untold).toBeGreaterThan(0);
      ward.receiver.failing = undefined;
      ward.clock += 6 * MINUTE;
      await ward.escalate();
      expect(ward.told()).toEqual(['anna']);
    });
  });
}
