import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CarePlan, FhirResource, Observation, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { MEASURE } from '../../src/domain/derived-observation.ts';
import { STEPPED_CARE } from '../../src/domain/membership.ts';
import type { LevelCode } from '../../src/domain/protocol.ts';
import { newQuestionnaireTask } from '../../src/domain/questionnaire-task.ts';
import { compare, type Moment } from '../../src/domain/step-readings.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { publishContent } from '../../src/pipeline/publish-content.ts';
import { openWard } from '../steps/ward.ts';
import { actionsOf, apply, comparedApplied, comparedPlan, tasksOf } from './applied.ts';
import { type Hapi, startHapi } from './rig/hapi.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const PROTOCOL = 'stepped-psychosocial-care';
let hapi: Hapi;
let content: Content;

beforeAll(async () => {
  content = await loadContent({ shipped: ROOT });
  hapi = await startHapi({ database: 'h2', clinicalReasoning: true });
  const server = connectFhir({ baseUrl: hapi.baseUrl, auth: { kind: 'none' } });
  const published = await publishContent(server, content.resources, { replace: false, dryRun: false });
  expect(published.filter((it) => it.state !== 'new')).toEqual([]);
}, 300_000);

afterAll(async () => hapi?.stop());

const put = async (...resources: readonly FhirResource[]): Promise<void> => {
  await connectFhir({ baseUrl: hapi.baseUrl, auth: { kind: 'none' } }).transaction(
    resources.map((resource) => ({ method: 'PUT', resource })),
  );
};

test.each(['1-monitoring', '2-psychoeducation', '3-peer-support', '4-group-psychotherapy'])(
  'for a patient at %s HAPI applies the protocol to the same plan as ours, level, activities and patient',
  async (level) => {
    const ward = await openWard(`apply-${level}`, hapi.baseUrl);
    ward.protocol = content.protocol;
    const enrolled = await ward.enrol('2026-09-01T09:00:00Z', { level });
    expect(enrolled.kind).toBe('enrolled');
    const [plan] = await ward.plans();
    const named = (plan?.activity ?? []).map((it) => it.reference?.reference);
    const tasks = (await ward.all('Task', 'patient')).filter((it) => named.includes(`Task/${it.id}`));
    const applied = await apply(hapi, PROTOCOL, ward.patient);
    expect(applied.errors).toEqual([]);
    const inOrder = named.flatMap((reference) => tasks.filter((it) => `Task/${it.id}` === reference));
    expect(comparedApplied(applied)).toEqual(comparedPlan(plan!, inOrder));
    expect(comparedApplied(applied).activities).toHaveLength(Number(level[0]));
  },
  300_000,
);

test('of somebody without a plan in force HAPI says what everybody gets, and proposes nothing', async () => {
  await put({ resourceType: 'Patient', id: 'apply-nobody' });
  const applied = await apply(hapi, PROTOCOL, 'Patient/apply-nobody');
  expect(applied.errors).toEqual([]);
  expect(comparedApplied(applied)).toMatchObject({ level: '1-monitoring', activities: [{}] });
});

/** A patient at a level with PHQ-4 totals, each so many days ago. */
interface Screened {
  readonly level: LevelCode;
  readonly totals: readonly (readonly [total: number, daysAgo: number])[];
}

/** A small generator with a seed: the same patients in every run. */
function screened(count: number): Screened[] {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * limit);
  };
  const levels = content.protocol.levels.map((it) => it.code);
  return Array.from({ length: count }, (_, index) => {
    const level = levels[index % levels.length]!;
    const base = below(12);
    let day = below(14);
    const totals = Array.from({ length: 1 + below(3) }, () => {
      const total = Math.min(12, Math.max(0, base + below(3) - 1));
      const here = day;
      day += 14 + below(40);
      // The oldest day that still counts is another one at midnight, and in another time zone.
      return [total, [41, 42, 43, 69, 70, 71].includes(here) ? here + 4 : here] as const;
    });
    return { level, totals: totals.filter((it, index) => index === 0 || it[1] > totals[index - 1]![1]) };
  });
}

const observationOf = (patient: string, index: number, [total, daysAgo]: readonly [number, number]): Observation => ({
  resourceType: 'Observation',
  id: `${patient}-${index}`,
  status: index === 1 ? 'amended' : 'final',
  code: { coding: [{ system: MEASURE, code: 'phq-4' }] },
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: new Date(Date.now() - daysAgo * 86_400_000).toISOString(),
  valueQuantity: { value: total, unit: 'score', system: 'http://unitsofmeasure.org', code: '{score}' },
});

const planOf = (patient: string, level: LevelCode): CarePlan => ({
  resourceType: 'CarePlan',
  id: patient,
  status: 'active',
  intent: 'plan',
  subject: { reference: `Patient/${patient}` },
  category: [{ coding: [{ system: STEPPED_CARE, code: level }] }],
});

test('of twenty-four patients HAPI finds the same rules to hold as ours, from the same Observations', async () => {
  const { rules } = content.protocol;
  const heard = new Set<string>();
  for (const [index, { level, totals }] of screened(24).entries()) {
    const id = `apply-rules-${index}`;
    const observations = totals.map((it, at) => observationOf(id, at, it));
    await put({ resourceType: 'Patient', id }, planOf(id, level), ...observations);
    const moment: Moment = { nowMs: Date.now(), zone: 'UTC' };
    const ours = rules
      .filter((it) => it.from.includes(level))
      .filter((it) => it.when.every((comparison) => compare(comparison, observations, moment).kind === 'met'))
      .map((it) => it.id);
    const applied = await apply(hapi, PROTOCOL, `Patient/${id}`);
    expect(applied.errors).toEqual([]);
    const ids = new Set(rules.map((it) => it.id));
    const theirs = actionsOf(applied).flatMap((it) => (it.id !== undefined && ids.has(it.id) ? [it.id] : []));
    expect({ level, totals, rules: theirs }).toEqual({ level, totals, rules: ours });
    for (const it of ours) heard.add(it);
  }
  expect([...heard].sort()).toEqual(rules.map((it) => it.id).sort());
}, 400_000);

test.each(['study-digital-care', 'study-usual-care'])(
  'the schedule %s, applied by HAPI, asks for the same forms by the same Tasks as ours',
  async (definition) => {
    const patient = 'Patient/apply-schedule';
    await put({ resourceType: 'Patient', id: 'apply-schedule' });
    const schedule = content.protocol.schedules.find((it) => it.canonical.includes(definition))!;
    const display = displayOf(content.resources);
    const ours = schedule.forms.map((form) => {
      const instrument = content.instruments.find((it) => it.id === form.instrument)!;
      const at = { createMs: 0, opensMs: 0, closesMs: 1, remindMs: [] };
      const window = { key: form.id, first: '2026-01-01', last: '2026-01-01' };
      const occasion = { id: form.id, group: form.id, schedule: schedule.canonical, form, window, at, patient };
      return newQuestionnaireTask(
        { ...occasion, owner: patient, therapist: undefined, basedOn: undefined },
        `${instrument.url}|${instrument.version}`,
        '2026-01-01T00:00:00Z',
        display,
      );
    });
    const applied = await apply(hapi, definition, patient);
    expect(applied.errors).toEqual([]);
    const compared = ({ intent, code, input, for: subject }: Task) => ({ intent, code, input, subject });
    expect(tasksOf(applied).map(compared)).toEqual(ours.map(compared));
  },
  300_000,
);
