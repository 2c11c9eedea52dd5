import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Communication, CommunicationRequest, FhirResource, Task } from 'fhir/r4.js';
import { dateOfDay, dayNumber, localDate } from '../../src/domain/instant.ts';
import { stepId } from '../../src/domain/safety-identity.ts';
import { noticesOfSteps } from '../../src/domain/safety-queries.ts';
import { jobKey } from '../../src/jobs/job-lock.ts';
import { type FaultProxy, isTransaction, startProxy } from '../faults/proxy.ts';
import { CRISIS, openSafetyWard, phq9, type SafetyWard, SECRET } from '../safety/safety-ward.ts';
import { carePlan, consent } from '../schedule/clinic.ts';
import { eventually } from '../state/other-process.ts';
import { responseOf } from '../steps/ward.ts';
import { type Replica, type Replicas, startReplicas } from './rig/replicas.ts';
import { sharedRig } from './rig/shared.ts';

const id = `two-${process.pid.toString(36)}`;
const PATIENCE_MS = 90_000;
const TODAY = dayNumber(localDate(Date.now(), 'Europe/Madrid'));
/** The second PHQ-4 of the digital arm opened four days ago: its reminder fell due yesterday at nine. */
const INCLUDED = dateOfDay(TODAY - 32);
let ward: SafetyWard;
let proxy: FaultProxy;
let replicas: Replicas;

/** A patient of the digital arm with a plan in force, cared for by the first of the chain. */
const admitted = (name: string, mayBeWrittenTo: boolean): FhirResource[] => [
  {
    resourceType: 'Patient',
    id: `${id}-${name}`,
    telecom: [{ system: 'email', value: `${name}@example.org` }],
  },
  {
    resourceType: 'ResearchSubject',
    id: `${id}-${name}`,
    status: 'on-study',
    study: { reference: ward.study },
    individual: { reference: `Patient/${id}-${name}` },
    period: { start: INCLUDED },
    assignedArm: 'digital',
  },
  {
    resourceType: 'CareTeam',
    id: `${id}-${name}`,
    status: 'active',
    subject: { reference: `Patient/${id}-${name}` },
    participant: [
      {
        member: { reference: ward.anna },
        role: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'psycho-oncologist' }] }],
      },
    ],
  },
  carePlan(`${id}-${name}`, `${INCLUDED}T09:00:00Z`),
  ...(mayBeWrittenTo ? [consent(`${id}-${name}`, 'contact', 'permit')] : []),
];
/** As another system stores it: a high PHQ-4, or a sign of danger. */
const high = (name: string): FhirResource => ({
  ...responseOf('phq-4', 12, `Patient/${id}-${name}`, new Date(Date.now() - 60_000).toISOString()),
  id: `${id}-${name}-high`,
});
const danger = (name: string): FhirResource => ({
  ...phq9(`Patient/${id}-${name}`, { 9: 1 }),
  id: `${id}-${name}-danger`,
});

beforeAll(async () => {
  ward = await openSafetyWard(id, sharedRig().hapi);
  proxy = await startProxy(sharedRig().hapi);
  // A sign of 45 minutes ago: the first of the chain was told then, and now it is the turn of whoever is on call.
  ward.clock = Date.now() - 45 * 60_000;
  await ward.intake(phq9(ward.patient, { 9: 2 }));
  expect(ward.told()).toEqual(['anna']);
  replicas = await startReplicas({
    since: ward.opened,
    env: {
      FHIR_BASE_URL: proxy.baseUrl,
      STUDY: ward.study,
      SAFETY_FROM: new Date(Date.parse(ward.opened) - 3_600_000).toISOString(),
      NOTIFY_WEBHOOK_URL: ward.receiver.url,
      NOTIFY_WEBHOOK_SECRET: SECRET,
    },
    site: {
      'profiles/programme/crisis.json': { words: CRISIS, confirmedBy: 'nobody: a test', date: '2026-11-23' },
      'profiles/programme/contacts.json': {
        roles: { 'on-call': [{ reference: ward.bernat, language: 'es' }] },
        coordinator: [{ reference: ward.carme, language: 'ca' }],
      },
    },
  });
}, 120_000);
afterAll(async () => {
  await replicas?.stop();
  await proxy?.stop();
  await ward?.stop();
});

const until = (holds: () => Promise<boolean>) =>
  eventually(async () => ((await holds()) ? true : undefined), PATIENCE_MS);
const proposalsOf = async (name: string) =>
  (await ward.all('CarePlan', 'subject', `Patient/${id}-${name}`)).filter((it) => it.intent === 'proposal');
const tasksOf = (name: string) => ward.all('Task', 'patient', `Patient/${id}-${name}`);
const requestsOf = async (name: string): Promise<CommunicationRequest[]> =>
  ward.all('CommunicationRequest', 'recipient', `Patient/${id}-${name}`);
const ofCode = (tasks: readonly Task[], code: string) =>
  tasks.filter((it) => it.code?.coding?.some((one) => one.code === code));
const completed = (some: readonly Communication[]) => some.filter((it) => it.status === 'completed').length;

const isProposed = async (name: string) => ofCode(await tasksOf(name), 'decide-step').length > 0;
const isReminded = async (name: string) => (await requestsOf(name)).some((it) => it.status === 'completed');
/** Signs of several patients at once are one notice to one person: it is known by each of its signs. */
const toldOf = async (name: string): Promise<readonly Communication[]> => {
  const steps = (await ward.tasks(`Patient/${id}-${name}`)).map((it) => stepId(it.id ?? '', '0/psycho-oncologist'));
  if (steps.length === 0) return [];
  const [page] = await ward.direct.searchAll([noticesOfSteps(steps)]);
  return (page?.resources ?? []).filter((it) => it.resourceType === 'Communication');
};
const isRaised = async (name: string) => completed(await toldOf(name)) > 0;

/** One of each, whoever of the two did it. */
async function nothingTwice(up: readonly string[], due: readonly string[], signs: readonly string[]): Promise<void> {
  for (const name of up) {
    const [first, ...others] = await proposalsOf(name);
    expect([name, first?.status, others.length]).toEqual([name, 'draft', 0]);
    expect(ofCode(await tasksOf(name), 'decide-step')).toHaveLength(1);
    const said = await ward.all('Provenance', 'target', `CarePlan/${first?.id}`);
    expect(said.map((it) => it.activity?.coding?.[0]?.code)).toEqual(['proposed']);
  }
  for (const name of [...up, ...due, ...signs]) {
    const asked = ofCode(await tasksOf(name), 'questionnaire');
    expect(asked.length).toBeGreaterThan(0);
    const keys = asked.map((it) => it.identifier?.[0]?.value);
    expect([name, new Set(keys).size]).toEqual([name, asked.length]);
    const open = asked.filter((it) => ['requested', 'ready', 'in-progress'].includes(it.status));
    const forms = open.map(
      (it) => `${it.input?.[0]?.valueCanonical} ${it.owner?.reference} ${it.groupIdentifier?.value}`,
    );
    expect([name, new Set(forms).size]).toEqual([name, open.length]);
  }
  for (const name of due) {
    expect(await requestsOf(name)).toHaveLength(1);
    const records = (await ward.all('Communication', 'recipient', `Patient/${id}-${name}`)).map((it) => it.status);
    expect([name, records]).toEqual([name, ['completed']]);
  }
  for (const name of signs) {
    expect(await ward.flags(`Patient/${id}-${name}`)).toHaveLength(1);
    expect(await ward.tasks(`Patient/${id}-${name}`)).toHaveLength(1);
    expect((await toldOf(name)).map((it) => it.status)).toEqual(['completed']);
  }
  const sent = ward.receiver.got.map((it) => it.id);
  expect(sent.length - new Set(sent).size).toBe(0);
}

const UP = ['up-1', 'up-2', 'up-3'];
const DUE = ['due-1', 'due-2', 'due-3'];
const SIGNS = ['sign-1', 'sign-2', 'sign-3'];
const all = async (names: readonly string[], holds: (name: string) => Promise<boolean>) =>
  (await Promise.all(names.map(holds))).every(Boolean);

test('two servers with one state and every job by the clock: each proposal, Task, reminder, sign and notice is there once', async () => {
  await ward.put(
    ...[...UP, ...SIGNS].flatMap((it) => admitted(it, false)),
    ...DUE.flatMap((it) => admitted(it, true)),
    ...UP.map(high),
    ...SIGNS.map(danger),
  );
  await until(() => all(UP, isProposed));
  await until(() => all(DUE, isReminded));
  await until(() => all(SIGNS, isRaised));
  await until(async () => ward.told().includes('bernat'));
  // Both took part, and each job went on ticking over what stands.
  const [one, two] = replicas.processes.map((it) => it.finished().length);
  await until(async () =>
    replicas.processes.every((it, at) => it.finished().length > ((at === 0 ? one : two) ?? 0) + 3),
  );
  const finished = (job: string) => replicas.processes.flatMap((it) => it.finished()).filter((it) => it === job).length;
  for (const job of ['alliance', 'steps', 'schedule', 'safety', 'escalate']) await until(async () => finished(job) > 1);
  await nothingTwice(UP, DUE, SIGNS);
  expect(ward.told().filter((it) => it === 'bernat')).toHaveLength(1);
}, 150_000);

test('one is killed between the proposal it wrote and the answer: the other goes on, and nothing is there twice', async () => {
  const killed = new Promise<Replica>((resolve) => {
    proxy.faults.push({
      when: (it) => isTransaction(it) && it.body.includes('"intent":"proposal"'),
      cutAfter: true,
      after: async () => {
        const lock = await replicas.state.holderOf(jobKey('steps'), Date.now());
        const victim = replicas.processes.find((it) => lock?.holder.split(':')[1] === String(it.pid));
        victim?.kill();
        await victim?.ended;
        if (victim !== undefined) resolve(victim);
      },
    });
  });
  await ward.put(...admitted('up-4', false), high('up-4'));
  const victim = await killed;
  const survivor = replicas.processes.find((it) => it !== victim);
  // What it held is still held in its name; then time passes.
  expect((await replicas.state.holderOf(jobKey('steps'), Date.now()))?.holder).toContain(`:${victim.pid}:`);
  await replicas.leasesEnd();
  await ward.put(
    ...admitted('up-5', false),
    high('up-5'),
    ...admitted('due-4', true),
    ...admitted('sign-4', false),
    danger('sign-4'),
  );
  await until(() => all(['up-4', 'up-5'], isProposed));
  await until(() => isReminded('due-4'));
  await until(() => isRaised('sign-4'));
  const before = survivor?.finished().length ?? 0;
  await until(async () => (survivor?.finished().length ?? 0) > before + 4);
  await nothingTwice([...UP, 'up-4', 'up-5'], [...DUE, 'due-4'], [...SIGNS, 'sign-4']);
  expect(ward.told().filter((it) => it === 'bernat')).toHaveLength(1);
}, 150_000);
