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

/** A patient at a level with PHQ-4 totals, the newest first, each so many days ago, and the rules that hold. */
interface Screened {
  readonly level: LevelCode;
  readonly totals: readonly (readonly [total: number, daysAgo: number])[];
  readonly rules: readonly string[];
}

const at = (level: LevelCode, totals: Screened['totals'], ...rules: readonly string[]): Screened => ({
  level,
  totals,
  rules,
});

/** By hand from the table of docs/protocol.md: at each limit and beside it, too old, too few, and an older one that says otherwise. */
const SCREENED: readonly Screened[] = [
  at('1-monitoring', [[9, 10]], 'up-to-4', 'up-to-3'),
  at(
    '1-monitoring',
    [
      [8, 10],
      [3, 40],
    ],
    'up-to-3',
    'up-to-2',
  ),
  at('1-monitoring', [
    [3, 1],
    [2, 30],
  ]),
  at('1-monitoring', [[12, 60]]),
  at('2-psychoeducation', [[6, 35]], 'up-to-3'),
  at(
    '2-psychoeducation',
    [
      [1, 5],
      [1, 33],
      [12, 61],
    ],
    'down-to-1',
  ),
  at('2-psychoeducation', [[1, 5]]),
  at(
    '3-peer-support',
    [
      [4, 2],
      [0, 60],
    ],
    'down-to-2',
  ),
  at('3-peer-support', [
    [4, 2],
    [5, 30],
  ]),
  at(
    '4-group-psychotherapy',
    [
      [6, 0],
      [6, 28],
    ],
    'down-to-3',
  ),
  at('4-group-psychotherapy', [
    [6, 0],
    [6, 90],
  ]),
];

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

const said = ({ totals, rules }: Screened): string =>
  `${totals.map(([total, days]) => `${total} (${days} days ago)`).join(', ')}: ${rules.join(' and ') || 'no rule'}`;

test.each(SCREENED.map((it) => [it.level, said(it), it] as const))(
  'at %s with PHQ-4 totals of %s holds, for HAPI as for ours',
  async (_level, _said, { level, totals, rules }) => {
    const id = `apply-rules-${SCREENED.findIndex((it) => it.totals === totals)}`;
    const observations = totals.map((it, index) => observationOf(id, index, it));
    await put({ resourceType: 'Patient', id }, planOf(id, level), ...observations);
    const moment: Moment = { nowMs: Date.now(), zone: 'UTC' };
    const ours = content.protocol.rules
      .filter((it) => it.from.includes(level))
      .filter((it) => it.when.every((comparison) => compare(comparison, observations, moment).kind === 'met'));
    expect(ours.map((it) => it.id)).toEqual(rules);
    const applied = await apply(hapi, PROTOCOL, `Patient/${id}`);
    expect(applied.errors).toEqual([]);
    const known = new Set(content.protocol.rules.map((it) => it.id));
    expect(actionsOf(applied).flatMap((it) => (it.id !== undefined && known.has(it.id) ? [it.id] : []))).toEqual(rules);
  },
  120_000,
);

test.each(['study-digital-care', 'study-usual-care'])(
  'the schedule %s, applied by HAPI, asks for the same forms by the same Tasks as ours',
  async (definition) => {
    const patient = 'Patient/apply-schedule';
    await put({ resourceType: 'Patient', id: 'apply-schedule' });
    const schedule = content.protocol.schedules.find((it) => it.canonical.includes(definition))!;
    const display = displayOf(content.resources);
    const instrumentOf = (id: string) => content.instruments.find((it) => it.id === id)!;
    // What therapists say of the platform is in no patient's name with us: HAPI knows one subject only.
    const ofPatients = schedule.forms.filter((it) => instrumentOf(it.instrument).subject === 'Patient');
    const ours = ofPatients.map((form) => {
      const instrument = instrumentOf(form.instrument);
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
    const aboutPlatform = (it: Task) => it.instantiatesCanonical?.includes('ask-vas-platform') ?? false;
    const theirs = tasksOf(applied).filter((it) => !aboutPlatform(it));
    expect(theirs.map(compared)).toEqual(ours.map(compared));
  },
  300_000,
);
