import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { deliverResponses } from '../../src/pipeline/deliver-responses.ts';
import { type Answered, type FaultProxy, isTransaction, type Passing, startProxy } from '../faults/proxy.ts';
import { locksEnd, startVincle, vincle } from '../faults/vincle.ts';
import { CRISIS, openSafetyWard, phq9, type SafetyWard, SECRET } from './safety-ward.ts';

const outcome = (status: number): Answered => ({
  status,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'exception' }] }),
});
const isWriteOf = (type: string) => (it: Passing) =>
  ['PUT', 'POST'].includes(it.method) && new RegExp(`/${type}(/|$|\\?)`).test(it.path);

/** Power cuts, servers that are down and processes in each other’s way, while a sign of danger is on its way to a person. */
/** Commands are real processes: each takes seconds to start. */
const SLOW = 60_000;

export function safetyBadDays(name: string, baseUrlOf: () => string): void {
  describe(`signs of danger on bad days, ${name}`, () => {
    let serial = 0;
    let proxy: FaultProxy;
    let folder: string;
    let ward: SafetyWard;
    beforeAll(async () => {
      proxy = await startProxy(baseUrlOf());
      folder = mkdtempSync(join(tmpdir(), 'vincle-safety-'));
    });
    afterAll(async () => {
      await proxy.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    beforeEach(async () => {
      serial += 1;
      proxy.faults.length = 0;
      proxy.seen.length = 0;
      ward = await openSafetyWard(
        `sb-${process.pid.toString(36)}-${name.length}-${serial}`,
        proxy.baseUrl,
        baseUrlOf(),
      );
      mkdirSync(join(folder, ward.id, 'profiles/programme'), { recursive: true });
      const person = (reference: string) => [{ reference, language: 'es' }];
      const site = { 'contacts.json': { roles: { 'on-call': person(ward.bernat), coordinator: person(ward.carme) } } };
      for (const [file, json] of Object.entries({
        ...site,
        'crisis.json': { words: CRISIS, confirmedBy: 'nobody: a test', date: '2026-11-23' },
      }))
        writeFileSync(join(folder, ward.id, 'profiles/programme', file), JSON.stringify(json));
    });
    afterEach(() => ward.stop());

    jest.setTimeout(SLOW);
    const stateFile = () => join(folder, `${ward.id}.sqlite`);
    const env = (): Record<string, string> => ({
      FHIR_BASE_URL: proxy.baseUrl,
      STUDY: ward.study,
      STATE_URL: `sqlite:${stateFile()}`,
      CONTENT_DIR: join(folder, ward.id),
      NOTIFY_WEBHOOK_URL: ward.receiver.url,
      NOTIFY_WEBHOOK_SECRET: SECRET,
    });
    const job = ['job', 'safety', '--since', '', '--json'];
    const args = () => job.map((it) => (it === '' ? ward.opened : it));
    const store = (response: QuestionnaireResponse) => ward.direct.write({ method: 'POST', resource: response });

    test.each([
      ['between Flag and Task', 'Flag'],
      ['between Task and notice', 'Task'],
    ])(
      'killed %s on a server without transactions, and started again: one Flag, one Task, and somebody is told',
      async (_when, type) => {
        await store(phq9(ward.patient, { 9: 2 }));
        const running = { kill: () => {} };
        proxy.faults.push({ when: isTransaction, times: 1_000, answer: outcome(501) });
        proxy.faults.push({ when: isWriteOf(type), after: () => running.kill(), cutAfter: true });
        const first = startVincle(args(), env());
        running.kill = first.kill;
        expect((await first.ended).code).toBe(-1);
        expect([(await ward.flags()).length, (await ward.tasks()).length]).toEqual([1, type === 'Flag' ? 0 : 1]);
        locksEnd(env().STATE_URL ?? '');
        proxy.faults.length = 0;
        proxy.faults.push({ when: isTransaction, times: 1_000, answer: outcome(501) });
        expect((await vincle(args(), env())).code).toBe(0);
        expect((await vincle(['job', 'escalate', '--json'], env())).code).toBe(0);
        const [flags, tasks] = [await ward.flags(), await ward.tasks()];
        expect([flags.length, tasks.length, tasks[0]?.focus?.reference]).toEqual([1, 1, `Flag/${flags[0]?.id}`]);
        expect(ward.told()).toEqual(['anna']);
      },
    );

    test('killed after the notice and before its record: who was told gets the same notice again, with the same id', async () => {
      await store(phq9(ward.patient, { 9: 2 }));
      const running = { kill: () => {} };
      proxy.faults.push({
        when: (it) => it.body.includes('Communication'),
        before: () => running.kill(),
        cutBefore: true,
      });
      const first = startVincle(args(), env());
      running.kill = first.kill;
      await first.ended;
      locksEnd(env().STATE_URL ?? '');
      proxy.faults.length = 0;
      await vincle(['job', 'escalate', '--json'], env());
      expect(new Set(ward.receiver.got.map((it) => it.id)).size).toBe(1);
      expect((await ward.notices()).map((it) => it.status)).toEqual(['completed']);
    });

    test('the hospital’s server is down: the answer is kept, the site’s list is told at once, and nobody twice once it is back', async () => {
      proxy.faults.push({ when: () => true, times: 1_000, cutBefore: true });
      const response = phq9(ward.patient, { 9: 3 });
      expect((await ward.intake(response)).kind).toBe('kept');
      expect(ward.told()).toEqual(['bernat']);
      proxy.faults.length = 0;
      const now = () => Date.now() + 10 * 60_000;
      const doing = { holder: 'outbox', now, pause: async () => {} };
      await deliverResponses(ward.ports(), doing);
      await ward.escalate();
      expect([(await ward.flags()).length, (await ward.tasks()).length]).toEqual([1, 1]);
      expect(ward.told()).toEqual(['bernat']);
      await deliverResponses(ward.ports(), doing);
      const told = await ward.all('Communication', 'status', 'completed');
      const [task] = await ward.tasks();
      expect(told.some((it) => it.about?.[0]?.identifier?.value === task?.identifier?.[0]?.value)).toBe(true);
    });

    test('the server takes no Flag: somebody is told, the checkpoint stays, and the next poll raises it', async () => {
      await store(phq9(ward.patient, { 9: 3 }));
      proxy.faults.push({ when: (it) => it.body.includes('"Flag"'), times: 1_000, answer: outcome(422) });
      await expect(ward.watch()).rejects.toThrow('could not be raised');
      expect([ward.told(), await ward.state.readCheckpoint('safety')]).toEqual([['anna'], undefined]);
      proxy.faults.length = 0;
      expect((await ward.watch()).raised).toBe(1);
      expect([(await ward.flags()).length, (await ward.tasks()).length, ward.told()]).toEqual([1, 1, ['anna']]);
    });

    test('one patient whom the server refuses holds nobody else back', async () => {
      await store(phq9(ward.patient, { 9: 1 }));
      await store(phq9(ward.other, { 9: 1 }));
      const about = `"reference":"${ward.other}"`;
      proxy.faults.push({
        when: (it) => it.body.includes('"Flag"') && it.body.includes(about),
        times: 1_000,
        answer: outcome(422),
      });
      await expect(ward.watch()).rejects.toThrow('could not be raised');
      expect([(await ward.tasks()).length, (await ward.tasks(ward.other)).length]).toEqual([1, 0]);
      // One notice for both signs, although one of them could not be written.
      expect(ward.told()).toEqual(['anna']);
    });

    test('a server that gives its own ids: once raised, twice looked at, one Flag and one Task', async () => {
      const { connectFhir } = await import('../../src/fhir/connect.ts');
      const server = connectFhir({ baseUrl: proxy.baseUrl, auth: { kind: 'none' }, clientIds: 'no' });
      const { watchSafety } = await import('../../src/pipeline/safety/watch-safety.ts');
      await store(phq9(ward.patient, { 9: 1 }));
      const options = { holder: 'x', now: Date.now, pause: async () => {}, overlapMs: 60_000, since: ward.opened };
      const ports = { ...ward.ports(), server };
      expect((await watchSafety(ports, options)).raised).toBe(1);
      expect((await watchSafety(ports, options)).raised).toBe(0);
      const [flag] = await ward.flags();
      const tasks = await ward.tasks();
      expect([tasks.length, tasks[0]?.focus?.reference]).toEqual([1, `Flag/${flag?.id}`]);
      expect(flag?.id).not.toBe(flag?.identifier?.[0]?.value);
    });

    test('cut short between Task and Flag, a closure stands, and saying it again ends the Flag', async () => {
      await ward.intake(phq9(ward.patient, { 9: 1 }));
      const id = (await ward.tasks())[0]?.id ?? '';
      proxy.faults.push({ when: isTransaction, times: 1_000, answer: outcome(501) });
      proxy.faults.push({ when: isWriteOf('Flag'), times: 9, cutBefore: true });
      await expect(ward.close(id)).rejects.toThrow();
      expect((await ward.flags()).map((it) => it.status)).toEqual(['active']);
      proxy.faults.length = 0;
      expect((await ward.close(id)).kind).toBe('already');
      expect((await ward.flags()).map((it) => it.status)).toEqual(['inactive']);
    });

    test('two processes poll at once on one state: one Flag, one Task, one notice', async () => {
      await store(phq9(ward.patient, { 9: 2 }));
      const runs = await Promise.all([vincle(args(), env()), vincle(args(), env())]);
      // The second either finds the job held, or everything done.
      expect(runs.map((it) => it.code)).toContain(0);
      expect([(await ward.flags()).length, (await ward.tasks()).length]).toEqual([1, 1]);
      expect(ward.told()).toEqual(['anna']);
    });

    test('polls that are missed are told to the site’s list, once an hour', async () => {
      await ward.state.recordRun({
        job: 'safety',
        startedAt: '2026-11-23T08:00:00Z',
        endedAt: '2026-11-23T08:00:01Z',
        ok: true,
        result: {},
      });
      ward.clock = Date.parse('2026-11-23T08:02:00Z');
      expect((await ward.escalate()).watchDown).toBe(false);
      ward.clock = Date.parse('2026-11-23T08:03:00Z');
      const downs = () => ward.receiver.got.filter((it) => it.type === 'vincle.safety-watch-down').map((it) => it.to);
      expect((await ward.escalate()).watchDown).toBe(true);
      expect((await ward.escalate()).watchDown).toBe(false);
      expect(downs()).toEqual([ward.carme]);
      ward.clock += 61 * 60_000;
      await ward.escalate();
      expect(downs()).toHaveLength(2);
    });
  });
}
