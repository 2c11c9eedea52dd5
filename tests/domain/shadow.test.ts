import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CarePlan, Observation } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import { codeSystem } from '../../src/domain/canonicals.ts';
import { courseFrom, forecastOf, type ShadowEvent, shadowSteps } from '../../src/domain/shadow.ts';

const { protocol } = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
const DAY = 86_400_000;
const START = Date.parse('2025-01-06T09:00:00Z');

const screening = (day: number, value: number): Observation => ({
  resourceType: 'Observation',
  id: `o${day}`,
  status: 'final',
  code: { coding: [{ system: codeSystem('measure'), code: protocol.screening.measure }] },
  subject: { reference: 'Patient/p' },
  effectiveDateTime: new Date(START + day * DAY).toISOString(),
  valueQuantity: { value },
});
const course = (observations: Observation[], weeks: number) =>
  shadowSteps({
    protocol,
    observations,
    level: protocol.levels[0]?.code ?? '',
    sinceMs: START,
    enrolledMs: START,
    fromMs: START,
    toMs: START + weeks * 7 * DAY,
    zone: 'Europe/Madrid',
  });

test('whoever scores the highest again and again is stepped up, never before a dwell is over', () => {
  const high = Array.from({ length: 12 }, (_, week) => screening(7 * week, 12));
  const { steps, level } = course(high, 12);
  expect(steps.length).toBeGreaterThan(0);
  expect(steps.every((it) => it.direction === 'up')).toBe(true);
  expect(level).toBe(protocol.levels.at(-1)?.code);
});

test('without any screening nothing is proposed, and the days are overdue, never well', () => {
  const { steps, overdueDays } = course([], 20);
  expect(steps).toEqual([]);
  expect(overdueDays).toBe(20 * 7 - protocol.screening.overdueAfterDays);
});

test('whatever is answered, each step begins where the last one ended, after its dwell', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ day: fc.integer({ min: 0, max: 200 }), value: fc.integer({ min: 0, max: 12 }) })),
      (answers) => {
        const { steps } = course([...new Map(answers.map((it) => [it.day, screening(it.day, it.value)])).values()], 30);
        let [level, since] = [protocol.levels[0]?.code, START];
        for (const step of steps) {
          const rule = protocol.rules.find((it) => it.id === step.rule);
          expect(step.from).toBe(level);
          expect(step.atMs - since).toBeGreaterThanOrEqual((rule?.minimumDwellDays ?? 0) * DAY);
          [level, since] = [step.to, step.atMs];
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('the forecast counts by hand: two proposals and a sign in two weeks', () => {
  const event = (day: number, kind: ShadowEvent['kind'], owner: string | undefined): ShadowEvent => ({
    atMs: START + day * DAY,
    kind,
    patient: 'Patient/p',
    owner,
  });
  const forecast = forecastOf(
    [event(0, 'step-up', 'Practitioner/a'), event(8, 'step-down', 'Practitioner/a'), event(9, 'sign', undefined)],
    { fromMs: START, weeks: 2, patients: 5, inLevels: 3 },
    0.25,
    { proposal: 10, sign: 45 },
  );
  expect(forecast.weeks.map((it) => [it.up, it.down, it.signs, it.minutes])).toEqual([
    [1, 0, 0, 10],
    [0, 1, 1, 55],
  ]);
  expect(forecast.perWeek).toEqual({ up: 0.5, down: 0.5, signs: 0.5, minutes: 32.5 });
  expect(forecast.busiest?.minutes).toBe(55);
  expect(forecast.people).toEqual([
    { owner: undefined, steps: 0, signs: 1, minutesPerWeek: 22.5 },
    { owner: 'Practitioner/a', steps: 2, signs: 0, minutesPerWeek: 10 },
  ]);
});

test('a look back begins with the plan of then, not with that of today, and ends with the course', () => {
  const plan = (id: string, from: number, to?: number, status: CarePlan['status'] = 'completed'): CarePlan => ({
    resourceType: 'CarePlan',
    id,
    status: to === undefined ? 'active' : status,
    intent: 'plan',
    subject: { reference: 'Patient/p' },
    period: {
      start: new Date(START + from * DAY).toISOString(),
      ...(to === undefined ? {} : { end: new Date(START + to * DAY).toISOString() }),
    },
  });
  const seen = (plans: readonly CarePlan[], day: number) => {
    const span = courseFrom(plans, START + day * DAY);
    return span && [span.plan.id, (span.sinceMs - START) / DAY, span.endMs && (span.endMs - START) / DAY];
  };
  const moved = [plan('first', 0, 30), plan('second', 30, 60), plan('third', 60)];
  expect([-5, 0, 29, 30, 45, 90].map((day) => seen(moved, day)?.[0])).toEqual([
    'first',
    'first',
    'first',
    'second',
    'second',
    'third',
  ]);
  expect(seen(moved, 45)).toEqual(['second', 30, undefined]);
  const ended = [plan('first', 0, 30), plan('second', 30, 60, 'revoked')];
  expect(seen(ended, 10)).toEqual(['first', 0, 60]);
  expect([seen(ended, 60), seen([], 0), seen([plan('held', 0, 90, 'on-hold')], 10)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

test('what falls on the moment of the look is of the last week, and weeks and people count the same', () => {
  const events = [0, 13, 14].map(
    (day): ShadowEvent => ({ atMs: START + day * DAY, kind: 'step-up', patient: 'Patient/p', owner: 'Practitioner/a' }),
  );
  const over = { fromMs: START, weeks: 2, patients: 1, inLevels: 1 };
  const { weeks, people } = forecastOf(events, over, undefined, { proposal: 10, sign: 45 });
  expect(weeks.map((it) => it.up)).toEqual([1, 2]);
  expect(people[0]?.steps).toBe(3);
});
