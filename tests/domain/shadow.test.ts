import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Observation } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import { codeSystem } from '../../src/domain/canonicals.ts';
import { forecastOf, type ShadowEvent, shadowSteps } from '../../src/domain/shadow.ts';

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
