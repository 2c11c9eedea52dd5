import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decisionOf } from '../../src/domain/care-plan.ts';
import { decideOn } from '../../src/pipeline/steps/decide.ts';
import { enrolOn } from '../../src/pipeline/steps/enrol.ts';
import { overrideOn } from '../../src/pipeline/steps/override.ts';
import { leftHalfDone, stepPerson } from '../../src/pipeline/steps/step-person.ts';
import { Course, contextAt, PEOPLE } from '../steps/course.ts';
import { PROTOCOL } from '../steps/protocol.ts';
import { observed } from '../steps/reading.ts';

const DAY = 86_400_000;
const START = Date.parse('2026-01-01T09:00:00Z');
const OPEN = new Set(['requested', 'accepted', 'in-progress', 'on-hold']);

/** Everything that may happen between two moments; `kill` is after how many writes a process dies, if it does. */
const kill = fc.option(fc.nat({ max: 6 }), { nil: Number.POSITIVE_INFINITY, freq: 2 });
const who = fc.constantFrom(...PEOPLE);
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constant('wait' as const), days: fc.integer({ min: 0, max: 20 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('answer' as const),
      measure: fc.constantFrom('distress-thermometer', 'phq-9'),
      value: fc.integer({ min: 0, max: 20 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('amend' as const),
      which: fc.nat(),
      value: fc.option(fc.integer({ min: 0, max: 20 })),
    }),
  },
  { weight: 6, arbitrary: fc.record({ what: fc.constant('run' as const), kill }) },
  { weight: 4, arbitrary: fc.record({ what: fc.constant('approve' as const), by: who, kill }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('decline' as const), by: who, kill }) },
  {
    weight: 2,
    arbitrary: fc.record({
      what: fc.constant('override' as const),
      by: who,
      level: fc.constantFrom(...PROTOCOL.levels.map((it) => it.code)),
      kill,
    }),
  },
  { weight: 1, arbitrary: fc.constant({ what: 'clock-back' as const }) },
  { weight: 1, arbitrary: fc.constant({ what: 'enrol' as const }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

const enrol = (course: Course, nowMs: number) => {
  const context = { ...contextAt(nowMs), consent: { required: [] } };
  const { ledger } = enrolOn(course.record, { patient: 'Patient/p', by: PEOPLE[0] }, context);
  if (ledger !== undefined) course.write(ledger);
};

/** Ends first what was begun, as whoever decides does; `true` where the process is killed at that. */
function interrupted(course: Course, kill: number, nowMs: number): boolean {
  const first = leftHalfDone(course.record, contextAt(nowMs));
  if (first === undefined) return false;
  course.write(first, kill);
  return kill < first.changes().length;
}

/** One thing happens; gives the moment after it. */
function happen(course: Course, it: Happening, nowMs: number): number {
  const context = contextAt(nowMs);
  const proposal = course.proposals.at(-1)?.id ?? 'none';
  switch (it.what) {
    case 'wait':
      return nowMs + it.days * DAY + 1;
    case 'clock-back':
      return nowMs - 3_600_000;
    case 'enrol':
      enrol(course, nowMs);
      return nowMs;
    case 'answer':
      course.observe(observed(it.measure, it.value, new Date(nowMs).toISOString()));
      return nowMs;
    case 'amend': {
      const old = course.record.derived[it.which % Math.max(1, course.record.derived.length)];
      if (old === undefined) return nowMs;
      course.observe(
        it.value === null
          ? { ...old, status: 'entered-in-error' }
          : { ...old, status: 'amended', valueQuantity: { value: it.value } },
      );
      return nowMs;
    }
    case 'run':
      course.write(stepPerson(course.record, context).ledger, it.kill);
      return nowMs;
    case 'override': {
      if (interrupted(course, it.kill, nowMs)) return nowMs;
      const { ledger } = overrideOn(
        course.record,
        { patient: 'Patient/p', level: it.level, by: it.by, reason: 'so' },
        context,
      );
      if (ledger !== undefined) course.write(ledger, it.kill);
      return nowMs;
    }
    default: {
      if (interrupted(course, it.kill, nowMs)) return nowMs;
      const outcome = it.what === 'approve' ? 'approved' : 'declined';
      const { ledger } = decideOn(course.record, { proposal, outcome, by: it.by, reason: 'so' }, context);
      if (ledger !== undefined) course.write(ledger, it.kill);
      return nowMs;
    }
  }
}

/** What must be true of a record after any run that came to its end, whatever was killed before. */
function holds(course: Course): void {
  const { plans, proposals, decideTasks } = course;
  expect(plans.filter((it) => it.status === 'active').length).toBeLessThanOrEqual(1);
  const open = proposals.filter((it) => it.status === 'draft');
  expect(open.length).toBeLessThanOrEqual(1);
  const replaced = plans.flatMap((it) => it.replaces?.[0]?.reference ?? []);
  expect(new Set(replaced).size).toBe(replaced.length);
  for (const plan of plans) {
    const former = plans.find((it) => plan.replaces?.[0]?.reference === `CarePlan/${it.id}`);
    if (former === undefined) continue;
    expect(['completed', 'revoked']).toContain(former.status);
    expect(former.period?.end).toBe(plan.period?.start);
    expect(Date.parse(former.period?.start ?? '')).toBeLessThanOrEqual(Date.parse(plan.period?.start ?? ''));
  }
  for (const it of proposals) {
    const tasks = decideTasks.filter((task) => task.focus?.reference === `CarePlan/${it.id}`);
    expect(tasks.map((task) => OPEN.has(task.status))).toEqual([it.status === 'draft']);
    const based = plans.filter((plan) => plan.basedOn?.[0]?.reference === `CarePlan/${it.id}`);
    const approved = decisionOf(it, 'http://hospital.test/fhir')?.outcome === 'approved';
    expect([based.length, it.status === 'completed']).toEqual(approved ? [1, true] : [0, false]);
    expect(it.description).toBeDefined();
    expect(it.supportingInfo?.length ?? 0).toBeGreaterThan(0);
  }
  const going = plans.filter((it) => it.status === 'active').flatMap((it) => it.activity ?? []);
  const activities = course.record.tasks.filter((it) => it.instantiatesCanonical !== undefined && OPEN.has(it.status));
  expect(activities.map((it) => `Task/${it.id}`).sort()).toEqual(going.map((it) => it.reference?.reference).sort());
  const told = new Set([...course.provenance.values()].flatMap((it) => it.target.map((one) => one.reference)));
  expect([...plans, ...proposals].filter((it) => !told.has(`CarePlan/${it.id}`)).map((it) => it.id)).toEqual([]);
}

test('whatever happens in whatever order, and wherever a process is killed: after the next run one plan is in force, nothing waits twice, every change has who and why', () => {
  fc.assert(
    fc.property(fc.array(happening, { minLength: 1, maxLength: 40 }), (happenings) => {
      const course = new Course();
      enrol(course, START);
      let nowMs = START;
      for (const it of happenings) {
        nowMs = happen(course, it, nowMs);
        if (it.what === 'run' && it.kill === Number.POSITIVE_INFINITY) holds(course);
      }
      course.write(stepPerson(course.record, contextAt(nowMs)).ledger);
      holds(course);
      expect(stepPerson(course.record, contextAt(nowMs)).ledger.changes()).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('after a death, at whatever moment, nothing is in force, nothing waits, and nothing is proposed any more', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 25 }), fc.array(happening, { maxLength: 10 }), (before, after) => {
      const course = new Course();
      enrol(course, START);
      let nowMs = START;
      for (const it of before) nowMs = happen(course, it, nowMs);
      course.die();
      for (const it of after) nowMs = happen(course, it, nowMs);
      course.write(stepPerson(course.record, contextAt(nowMs)).ledger);
      expect(course.record.carePlans.filter((it) => ['active', 'draft', 'on-hold'].includes(it.status))).toEqual([]);
      expect(course.record.tasks.filter((it) => OPEN.has(it.status))).toEqual([]);
    }),
    { numRuns: 400 },
  );
});
