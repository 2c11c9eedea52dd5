import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FhirResource, Patient } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { pausedPlan, resumedPlan } from '../../src/domain/plan-pause.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { openWard, type Ward } from '../steps/ward.ts';
import { errorLines, judge } from './judge.ts';

const at = (day: number): string => new Date(Date.parse('2026-02-01T09:00:00Z') + day * 86_400_000).toISOString();
let embedded: Embedded;
let written: FhirResource[];

beforeAll(async () => {
  embedded = await startEmbedded();
  written = [];
  for (const live of [approvedThenAmended, declinedThenAgreed, escalatedThenExpired, chosenThenDied, merged, paused]) {
    const ward = await openWard(`judge-${live.name.toLowerCase()}`, embedded.baseUrl);
    await live(ward);
    written.push(...(await ward.all('CarePlan', 'subject')));
    written.push(...(await ward.all('Task', 'patient')));
    const plans = (await ward.all('CarePlan', 'subject')).map((it) => `CarePlan/${it.id}`);
    written.push(...(await ward.all('Provenance', 'target', plans.join(','))));
    await ward.state.close();
  }
}, 120_000);

afterAll(() => embedded.stop());

const open = async (ward: Ward): Promise<string> =>
  (await ward.proposals()).find((it) => it.status === 'draft')?.id ?? '';

async function approvedThenAmended(ward: Ward): Promise<void> {
  await ward.enrol(at(0), { reason: 'referred by oncology', enterer: 'operator' });
  const answer = await ward.answer('distress-thermometer', 8, at(1));
  await ward.steps(at(2));
  await ward.approve(await open(ward), ward.anna, at(3));
  const response = await ward.direct.read('QuestionnaireResponse', answer);
  if (response !== undefined) await ward.put({ ...response, status: 'entered-in-error' });
  await ward.derive();
  await ward.steps(at(4));
}

async function paused(ward: Ward): Promise<void> {
  await ward.enrol(at(0), { level: '3-peer-support' });
  const [plan] = await ward.plans();
  if (plan === undefined) throw new Error('Nobody was enrolled.');
  const content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
  const display = displayOf(content.resources);
  const pausing = { at: at(5), reason: 'in hospital', until: '2026-03-01' };
  const held = pausedPlan(plan, pausing, 'Europe/Madrid', display);
  written.push(held, resumedPlan(held, 'resumed', at(9), display), resumedPlan(held, 'pause-over', at(28), display));
}

async function declinedThenAgreed(ward: Ward): Promise<void> {
  await ward.enrol(at(0), { level: '3-peer-support' });
  await ward.answer('phq-9', 16, at(20));
  await ward.answer('phq-9', 17, at(30));
  await ward.steps(at(31));
  const proposal = await open(ward);
  await ward.position(proposal, 'refused', at(31));
  await ward.position(proposal, 'agreed', at(32));
  await ward.decline(proposal, ward.anna, at(33), 'no place in the group');
  const [plan] = await ward.plans();
  await ward.position(plan?.id ?? '', 'wished', at(34), '2-psychoeducation');
}

async function escalatedThenExpired(ward: Ward): Promise<void> {
  await ward.enrol(at(0));
  await ward.answer('distress-thermometer', 9, at(1));
  await ward.steps(at(2));
  await ward.steps(at(10));
  await ward.steps(at(30));
}

async function chosenThenDied(ward: Ward): Promise<void> {
  await ward.enrol(at(0));
  await ward.override('3-peer-support', ward.bernat, at(1));
  await ward.override('1-monitoring', ward.anna, at(2));
  await ward.answer('distress-thermometer', 9, at(3));
  await ward.steps(at(4));
  const patient = (await ward.direct.read('Patient', ward.id)) as Patient;
  await ward.put({ ...patient, deceasedBoolean: true });
  await ward.steps(at(5));
}

async function merged(ward: Ward): Promise<void> {
  const twin = `${ward.id}-twin`;
  await ward.enrol(at(0));
  const [plan] = await ward.plans();
  await ward.put(
    { resourceType: 'Patient', id: twin, link: [{ type: 'replaced-by', other: { reference: ward.patient } }] },
    {
      ...plan,
      resourceType: 'CarePlan',
      id: `${twin}-plan`,
      identifier: plan?.identifier?.map((it) => ({ ...it, value: `${twin}-plan` })),
      subject: { reference: `Patient/${twin}` },
    } as FhirResource,
  );
  await ward.steps(at(1));
  const held = await ward.direct.read('CarePlan', `${twin}-plan`);
  if (held !== undefined) written.push(held);
}

test('the HL7 validator finds no error in any CarePlan, Task or Provenance that stepped care writes', async () => {
  expect(errorLines(written, await judge(written))).toEqual([]);
}, 180_000);

test('among them is every status of a CarePlan, every event and every reason that the above brings about', () => {
  const plans = written.filter((it) => it.resourceType === 'CarePlan');
  expect([...new Set(plans.map((it) => `${it.intent} ${it.status}`))].sort()).toEqual([
    'plan active',
    'plan completed',
    'plan on-hold',
    'plan revoked',
    'proposal completed',
    'proposal revoked',
  ]);
  const events = written.flatMap((it) => (it.resourceType === 'Provenance' ? [it.activity?.coding?.[0]?.code] : []));
  expect([...new Set(events)].sort()).toEqual([
    'agreed',
    'approved',
    'declined',
    'ended',
    'enrolled',
    'escalated',
    'expired',
    'overridden',
    'proposed',
    'refused',
    'wished',
    'withdrawn',
  ]);
});
