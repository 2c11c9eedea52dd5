import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type FaultProxy, isTransaction, startProxy } from '../faults/proxy.ts';
import { startVincle, vincle } from '../faults/vincle.ts';
import { openWard, responseOf, type Ward } from './ward.ts';

/** The line from enrolment to a decision by the real commands, with the protocol that ships. */
export function stepCommands(name: string, baseUrlOf: () => string): void {
  describe(`vincle steps, ${name}`, () => {
    let proxy: FaultProxy;
    let folder: string;
    let ward: Ward;
    let env: Record<string, string>;
    let proposal: string;

    beforeAll(async () => {
      proxy = await startProxy(baseUrlOf());
      folder = mkdtempSync(join(tmpdir(), 'vincle-steps-'));
      ward = await openWard(`commands-${process.pid.toString(36)}-${name.length}`, proxy.baseUrl, baseUrlOf());
      env = { FHIR_BASE_URL: proxy.baseUrl, STUDY: ward.study, STATE_URL: `sqlite:${join(folder, 'state.sqlite')}` };
    });
    afterAll(async () => {
      await proxy.stop();
      rmSync(folder, { recursive: true, force: true });
    });
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await vincle([...args, '--json'], env);
      if (!stdout.startsWith('{')) throw new Error(stderr);
      return { code, result: JSON.parse(stdout) };
    };

    test('a clinician is named as Practitioner/ID, else nothing happens and the code is that of usage', async () => {
      const { code, stderr } = await vincle(['steps', 'enrol', ward.patient, '--as', 'anna'], env);
      expect([code, stderr.includes('Practitioner/ID')]).toEqual([2, true]);
    });

    test('enrol, answer high, one run each: one proposal by the rule that ships, which waits for the patient’s agreement', async () => {
      expect(await run('steps', 'enrol', ward.patient, '--as', ward.anna)).toMatchObject({
        code: 0,
        result: { kind: 'enrolled', level: '1-monitoring' },
      });
      await ward.put({ ...responseOf('phq-4', 11, ward.patient, new Date().toISOString()), id: `${ward.id}-high` });
      // Since the ward was opened: other tests have patients on the same server.
      const since = ['--since', ward.opened];
      expect((await run('job', 'alliance', ...since)).result).toMatchObject({ full: false, failed: 0 });
      const dry = (await run('job', 'steps', '--dry-run', ...since)).result;
      expect([dry.dryRun, dry.proposed > 0, (await ward.proposals()).length]).toEqual([true, true, 0]);
      expect((await run('job', 'steps', ...since)).result).toMatchObject({ full: false, failed: 0 });
      const { result } = await run('steps', 'proposals');
      const own = result.proposals.filter((it: { patient: string }) => it.patient === ward.patient);
      expect(own).toMatchObject([{ to: '4-group-psychotherapy', rule: 'up-to-4', version: '1.0.0', owner: ward.anna }]);
      expect(own[0].sentence).toContain('The PHQ-4 was 11');
      proposal = own[0].id;
      expect(await run('steps', 'approve', proposal, '--as', ward.anna)).toMatchObject({
        code: 1,
        result: { kind: 'agreement-missing' },
      });
      expect(await run('steps', 'agree', proposal, '--as', ward.anna)).toMatchObject({ code: 0 });
    }, 240_000);

    test('killed between the new plan and the closing of the old, on a server without transactions: the next run closes it', async () => {
      const [old] = await ward.plans();
      const noTransactions = { status: 501, headers: {}, body: '' };
      proxy.faults.push({ when: isTransaction, times: 1_000, answer: noTransactions });
      const running = startVincle(['steps', 'approve', proposal, '--as', ward.anna], env);
      proxy.faults.push({
        when: (it) => it.method === 'PUT' && it.path.endsWith(`/CarePlan/${old?.id}`),
        before: () => running.kill(),
        cutBefore: true,
      });
      expect((await running.ended).code).toBe(-1);
      expect((await ward.plans()).map((it) => it.status)).toEqual(['active', 'active']);
      proxy.faults.length = 0;
      // The killed process still holds its lease in its own state, for a minute: another one has that behind it.
      env = { ...env, STATE_URL: `sqlite:${join(folder, 'another-state.sqlite')}` };
      const { result } = await run('job', 'steps', '--since', ward.opened);
      expect([result.continued > 0, result.failed]).toEqual([true, 0]);
      const [before, now] = await ward.plans();
      expect([before?.status, now?.status]).toEqual(['completed', 'active']);
      expect(before?.period?.end).toBe(now?.period?.start);
      expect(await ward.tasks()).toMatchObject([{ status: 'completed', owner: { reference: ward.anna } }]);
      const { result: again } = await run('job', 'steps', '--since', ward.opened);
      expect([again.continued, again.failed]).toEqual([0, 0]);
    }, 240_000);

    test('whoever comes second is told who decided; the operator stands in the Provenance beside the clinician', async () => {
      expect(await run('steps', 'decline', proposal, '--as', ward.bernat, '--reason', 'too early')).toMatchObject({
        code: 1,
        result: { kind: 'lost', what: 'approved', by: ward.anna },
      });
      const said = await ward.all('Provenance', 'target', `CarePlan/${proposal}`);
      const approved = said.find((it) => it.activity?.coding?.[0]?.code === 'approved');
      expect(approved?.agent.map((it) => it.type?.coding?.[0]?.code)).toEqual(['author', 'enterer']);
      expect(approved?.agent[0]?.who.reference).toBe(ward.anna);
    });

    test('replay prints the history, and every proposal comes out equal', async () => {
      const { code, result } = await run('steps', 'replay', ward.patient);
      expect([code, result.equal, result.problems]).toEqual([0, true, []]);
      expect(result.history.map((it: { event: string }) => it.event)).toEqual([
        'enrolled',
        'proposed',
        'agreed',
        'approved',
      ]);
      const { stdout } = await vincle(['steps', 'replay', ward.patient], env);
      expect(stdout).toContain('Everything is as it was.');
      expect((await vincle(['steps', 'show', ward.patient], env)).stdout).toContain('4-group-psychotherapy since');
    });
  });
}
