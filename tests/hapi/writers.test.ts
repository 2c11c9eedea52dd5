import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CarePlan, Task } from 'fhir/r4.js';
import { withPosition } from '../../src/domain/care-plan-build.ts';
import { type FaultProxy, isTransaction, type Passing, startProxy } from '../faults/proxy.ts';
import { type Clinic, openClinic } from '../schedule/clinic.ts';
import { type NoticeReceiver, startReceiver } from '../schedule/receiver.ts';
import { day } from '../steps/step-scenarios.ts';
import { openWard, type Ward } from '../steps/ward.ts';
import { sharedRig } from './rig/shared.ts';

/**
 * Two deployments that share nothing but the FHIR server: each has a state store of its own, so no lease keeps them
 * apart. The slower one has read the server before the faster writes, and writes after it.
 */
const T0 = day(0);
const run = process.pid.toString(36);
let slow: FaultProxy;
let receiver: NoticeReceiver;
let serial = 0;

beforeAll(async () => {
  slow = await startProxy(sharedRig().hapi);
  receiver = await startReceiver();
});
afterAll(async () => {
  await slow.stop();
  await receiver.stop();
});
beforeEach(() => {
  serial += 1;
  slow.faults.length = 0;
});

/** The same patient as two deployments have them; the first is the slow one. */
async function wards(): Promise<readonly [Ward, Ward]> {
  const id = `writers-${run}-${serial}`;
  return [await openWard(id, slow.baseUrl, sharedRig().hapi), await openWard(id, sharedRig().hapi)];
}
/** What the faster one does between the reading and the writing of the slower. */
const meanwhile = (contains: string, before: () => Promise<unknown>) =>
  slow.faults.push({
    when: (it: Passing) => isTransaction(it) && it.body.includes(contains),
    before: async () => void (await before()),
  });
const active = (plans: readonly CarePlan[]) => plans.filter((it) => it.status === 'active');
const open = (tasks: readonly Task[]) =>
  tasks.filter((it) => ['requested', 'ready', 'in-progress'].includes(it.status));

test('two deployments enrol one patient: one plan, by whoever wrote first, and the other is told who that was', async () => {
  const [one, other] = await wards();
  meanwhile('"intent":"plan"', () => other.enrol(T0, { by: other.bernat }));
  expect(await one.enrol(day(0, 1))).toEqual({ kind: 'lost', what: 'enrolled', by: other.bernat, at: T0 });
  const plans = await one.plans();
  expect(plans).toMatchObject([{ status: 'active', author: { reference: other.bernat }, meta: { versionId: '1' } }]);
});

test('a plan that was deleted on the server can begin again', async () => {
  const [one] = await wards();
  await one.enrol(T0);
  const [plan] = await one.plans();
  for (const it of await one.all('Provenance', 'target', `CarePlan/${plan?.id}`))
    await one.direct.write({ method: 'DELETE', type: 'Provenance', id: it.id ?? '' });
  await one.direct.write({ method: 'DELETE', type: 'CarePlan', id: plan?.id ?? '' });
  expect(await one.enrol(day(1))).toMatchObject({ kind: 'enrolled', plan: `CarePlan/${plan?.id}` });
  expect(active(await one.plans())).toMatchObject([{ period: { start: day(1) } }]);
});

test('both propose the same step: one proposal, and what the patient said about it meanwhile stays', async () => {
  const [one, other] = await wards();
  await one.enrol(T0);
  await one.answer('distress-thermometer', 8, day(2));
  meanwhile('"intent":"proposal"', async () => {
    await other.steps(day(3));
    const [made] = await other.proposals();
    await other.position(made?.id ?? '', 'agreed', day(3, 1));
  });
  await one.steps(day(3));
  const proposals = await one.proposals();
  expect(proposals.map((it) => it.status)).toEqual(['draft']);
  expect(JSON.stringify(proposals[0])).toContain('"agreed"');
  expect(open(await one.tasks())).toHaveLength(1);
});

test('one approves while the other chooses another level: one of them holds, the other is told', async () => {
  const [one, other] = await wards();
  await one.enrol(T0);
  await one.answer('distress-thermometer', 8, day(2));
  await one.steps(day(3));
  const [proposal] = await one.proposals();
  meanwhile('"approved"', () => other.override('3-peer-support', other.bernat, day(4)));
  expect(await one.approve(proposal?.id ?? '', one.anna, day(4))).toMatchObject({ kind: 'lost', by: other.bernat });
  const plans = await one.plans();
  expect(active(plans)).toMatchObject([{ author: { reference: other.bernat } }]);
  expect(plans).toHaveLength(2);
  expect(open(await one.tasks())).toEqual([]);
});

test('let loose at once, again and again: one plan in force, one open proposal, one open Task of it', async () => {
  const [one, other] = await wards();
  await Promise.all([one.enrol(T0), other.enrol(T0, { by: other.bernat })]);
  expect(active(await one.plans())).toHaveLength(1);
  for (const round of [1, 2, 3]) {
    await one.answer('distress-thermometer', 7 + round, day(15 * round));
    await Promise.all([one.steps(day(15 * round, 1)), other.steps(day(15 * round, 1))]);
    const drafts = (await one.proposals()).filter((it) => it.status === 'draft');
    expect([drafts.length, open(await one.tasks()).length]).toEqual([1, 1]);
    const decided = await Promise.all([
      one.approve(drafts[0]?.id ?? '', one.anna, day(15 * round, 2)),
      other.decline(drafts[0]?.id ?? '', other.bernat, day(15 * round, 2), 'too early'),
    ]);
    expect(decided.filter((it) => it.kind === 'decided')).toHaveLength(1);
    expect(active(await one.plans())).toHaveLength(1);
    const [former] = (await one.plans()).filter((it) => it.status === 'active');
    if (former !== undefined && former.period?.start !== T0)
      await one.override('1-monitoring', one.anna, day(15 * round, 3));
  }
});

const clinics = async (clientIds: 'auto' | 'no' = 'auto'): Promise<readonly [Clinic, Clinic]> => {
  const id = `asked-${run}-${serial}`;
  const first = await openClinic(id, { baseUrl: slow.baseUrl, directUrl: sharedRig().hapi, receiver, clientIds });
  const second = await openClinic(id, { baseUrl: sharedRig().hapi, receiver, clientIds });
  await first.put(...first.admit('p'));
  return [first, second];
};
const AT = '2025-03-05T10:00:00.000Z';

test('both ask the same: one Task a key, and what a person did to it meanwhile is not written over', async () => {
  const [one, other] = await clinics();
  let refused: string | undefined;
  meanwhile('questionnaire-window', async () => {
    await other.keep(AT);
    const [task] = open(await other.tasks());
    refused = task?.id;
    await other.put({ ...task, status: 'rejected' } as Task);
  });
  await one.keep(AT);
  const tasks = await one.tasks();
  const keys = tasks.map((it) => it.identifier?.[0]?.value);
  expect([new Set(keys).size, refused === undefined]).toEqual([keys.length, false]);
  expect(tasks.find((it) => it.id === refused)?.status).toBe('rejected');
});

test('a server that gave one Task to both, under ids of its own: the next run of either keeps the first, the other is entered in error', async () => {
  const [one, other] = await clinics('no');
  await one.keep(AT);
  const [task] = open(await one.tasks());
  const { id: _first, meta: _meta, ...copy } = task as Task;
  await one.direct.write({ method: 'POST', resource: { ...copy, authoredOn: '2025-03-05T10:00:01.000Z' } });
  await Promise.all([one.keep(AT), other.keep(AT)]);
  const same = (await one.tasks()).filter((it) => it.identifier?.[0]?.value === task?.identifier?.[0]?.value);
  expect(same.map((it) => [it.id === task?.id, it.status === 'entered-in-error']).sort()).toEqual([
    [false, true],
    [true, false],
  ]);
});

test('a server that gave one plan and one proposal to both: the copies are entered in error, what the patient said on them goes over', async () => {
  const id = `writers-${run}-${serial}`;
  const one = await openWard(id, sharedRig().hapi, sharedRig().hapi, 'no');
  await one.enrol(T0);
  await one.answer('distress-thermometer', 8, day(2));
  await one.steps(day(3));
  const [plan] = await one.plans();
  const [proposal] = await one.proposals();
  const copyOf = async ({ id: _id, meta: _meta, ...copy }: CarePlan, seconds: string) => {
    const made = await one.direct.write({
      method: 'POST',
      resource: { ...copy, created: copy.created?.replace('00.000Z', seconds) ?? '' },
    });
    return made.id ?? '';
  };
  await copyOf(plan as CarePlan, '01.000Z');
  const said = withPosition(proposal as CarePlan, { kind: 'agreed', at: day(3, 1), recordedBy: one.bernat });
  const twice = await copyOf(said, '01.000Z');
  await one.steps(day(3, 2), { since: one.opened });
  const [plans, proposals] = [await one.plans(), await one.proposals()];
  expect(active(plans).map((it) => it.id)).toEqual([plan?.id]);
  expect(plans.map((it) => it.status).sort()).toEqual(['active', 'entered-in-error']);
  expect(proposals.map((it) => [it.id, it.status]).sort()).toEqual(
    [
      [proposal?.id, 'draft'],
      [twice, 'entered-in-error'],
    ].sort(),
  );
  expect(JSON.stringify(proposals.find((it) => it.id === proposal?.id))).toContain('"agreed"');
  expect(open(await one.tasks())).toHaveLength(1);
  expect(await one.steps(day(3, 3), { since: one.opened })).toMatchObject({ written: 0 });
});
