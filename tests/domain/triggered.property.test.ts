import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { dateOfDay, dayNumber, hourOfDay, localDate } from '../../src/domain/instant.ts';
import type { Comparison } from '../../src/domain/protocol.ts';
import { type TriggeredTiming, triggeredWindows } from '../../src/domain/triggered.ts';
import { compared } from '../steps/protocol.ts';
import { observed } from '../steps/reading.ts';

const ZONE = 'Europe/Madrid';
const START = dayNumber('2026-01-01');
const at = (day: number, hour = 10): string => `${dateOfDay(START + day)}T${String(hour).padStart(2, '0')}:00:00+01:00`;
const thermometer = (day: number, value: number, hour = 10) => observed('distress-thermometer', value, at(day, hour));
const END = { nowMs: Date.parse('2026-12-31T12:00:00Z'), zone: ZONE };
const FROM = '2026-01-01';
const timing = (more: Partial<TriggeredTiming> = {}): TriggeredTiming => ({
  kind: 'answer',
  when: [compared('distress-thermometer', '>=', 4)],
  windowDays: 7,
  notAgainWithinDays: 14,
  ...more,
});
const days = (when: TriggeredTiming, observations: Parameters<typeof triggeredWindows>[1], moment = END, from = FROM) =>
  triggeredWindows(when, observations, from, moment).map((it) => dayNumber(it.first) - START);

describe('the longer form is asked where the thermometer is at or above its cut-off', () => {
  test('reckoned by hand: 3 calls for nothing, 4 does on its day for a week; a 9 within a fortnight does not, on the 14th day it does', () => {
    const answers = [thermometer(0, 3), thermometer(2, 4), thermometer(9, 9), thermometer(15, 9), thermometer(16, 5)];
    expect(triggeredWindows(timing(), answers, FROM, END)).toMatchObject([
      {
        key: 'answer-2026-01-03',
        first: '2026-01-03',
        last: '2026-01-09',
        evidence: [{ reading: { observation: `Observation/${answers[1]?.id}`, value: 4 }, comparison: { value: 4 } }],
      },
      { key: 'answer-2026-01-17', first: '2026-01-17', last: '2026-01-23' },
    ]);
    expect(days(timing(), [thermometer(2, 4), thermometer(15, 9)])).toEqual([2]);
  });

  test('of two answers on one day the later is the reading; two readings are needed where the protocol says two', () => {
    expect(days(timing(), [thermometer(2, 8, 9), thermometer(2, 1, 18)])).toEqual([]);
    const twice = timing({ when: [compared('distress-thermometer', '>=', 4, 2, 30)] });
    expect(days(twice, [thermometer(2, 8), thermometer(16, 8)])).toEqual([16]);
    expect(days(twice, [thermometer(2, 8), thermometer(40, 8)])).toEqual([]);
  });

  test('all comparisons hold at the instant of the answer, each with readings that are not too old', () => {
    const both = timing({ when: [compared('distress-thermometer', '>=', 4), compared('phq-4', '>=', 3, 1, 20)] });
    expect(days(both, [thermometer(2, 8), observed('phq-4', 5, at(5)), thermometer(40, 8)])).toEqual([5]);
  });

  test('withdrawn, without a value, not counted, before the care began or from the future: nothing is called for', () => {
    const tag = [{ system: 'https://w3id.org/vincle/CodeSystem/rating-use', code: 'not-counted' }];
    const answers = [
      { ...thermometer(2, 8), status: 'entered-in-error' as const },
      observed('distress-thermometer', undefined, at(3)),
      observed('distress-thermometer', 8, at(4), { meta: { tag } }),
    ];
    expect(days(timing(), answers)).toEqual([]);
    expect(days(timing(), [thermometer(2, 8)], END, '2026-01-04')).toEqual([]);
    expect(days(timing(), [thermometer(2, 8)], { ...END, nowMs: Date.parse(at(2, 9)) })).toEqual([]);
    expect(triggeredWindows(timing(), [thermometer(2, 8)], undefined, END)).toEqual([]);
  });
});

const answers = fc.uniqueArray(
  fc.record({
    day: fc.integer({ min: 0, max: 300 }),
    hour: fc.integer({ min: 1, max: 22 }),
    value: fc.integer({ min: 0, max: 10 }),
  }),
  { maxLength: 60, selector: ({ day, hour }) => `${day}-${hour}` },
);
const timings = fc
  .record({
    value: fc.integer({ min: 0, max: 10 }),
    comparator: fc.constantFrom<Comparison['comparator']>('>=', '>', '<=', '<'),
    readings: fc.integer({ min: 1, max: 3 }),
    windowDays: fc.integer({ min: 1, max: 21 }),
    more: fc.integer({ min: 0, max: 40 }),
  })
  .map(({ value, comparator, readings, windowDays, more }) =>
    timing({
      when: [compared('distress-thermometer', comparator, value, readings, 60)],
      windowDays,
      notAgainWithinDays: windowDays + more,
    }),
  );
const observationsOf = (all: readonly { day: number; hour: number; value: number }[]) =>
  all.map((it) => thermometer(it.day, it.value, it.hour));
const MEETS: Record<Comparison['comparator'], (a: number, b: number) => boolean> = {
  '>=': (a, b) => a >= b,
  '>': (a, b) => a > b,
  '<=': (a, b) => a <= b,
  '<': (a, b) => a < b,
};

describe('whatever is answered', () => {
  test('windows never overlap, keep their rest, have a key each, and each rests on readings that meet the comparison', () => {
    fc.assert(
      fc.property(answers, timings, (given, when) => {
        const windows = triggeredWindows(when, observationsOf(given), FROM, END);
        const [comparison] = when.when;
        expect(new Set(windows.map((it) => it.key)).size).toBe(windows.length);
        windows.forEach((it, index) => {
          const next = windows[index + 1];
          if (next !== undefined)
            expect(dayNumber(next.first) - dayNumber(it.first)).toBeGreaterThanOrEqual(when.notAgainWithinDays);
          expect(dayNumber(it.last) - dayNumber(it.first)).toBe(when.windowDays - 1);
          expect(it.evidence).toHaveLength(comparison?.readings ?? 0);
          expect(it.evidence[0]?.reading.date).toBe(it.first);
          for (const { reading } of it.evidence)
            expect(MEETS[comparison?.comparator ?? '>='](reading.value, comparison?.value ?? 0)).toBe(true);
        });
      }),
    );
  });

  test('the order in which answers arrive, and a second look, change nothing', () => {
    fc.assert(
      fc.property(answers, timings, fc.nat(), (given, when, turn) => {
        const all = observationsOf(given);
        const cut = all.length === 0 ? 0 : turn % all.length;
        const turned = [...all.slice(cut), ...all.slice(0, cut)];
        expect(triggeredWindows(when, turned, FROM, END)).toEqual(triggeredWindows(when, all, FROM, END));
      }),
    );
  });

  test('time only adds: what was called for at the end of a day is called for on every day after it', () => {
    fc.assert(
      fc.property(answers, timings, fc.integer({ min: 0, max: 300 }), (given, when, day) => {
        const all = observationsOf(given);
        const nowMs = hourOfDay(dateOfDay(START + day + 1), 0, ZONE) - 60_000;
        const then = triggeredWindows(when, all, FROM, { nowMs, zone: ZONE });
        const earlier = triggeredWindows(when, all, FROM, END).filter((it) => it.first <= localDate(nowMs, ZONE));
        expect(then).toEqual(earlier);
      }),
    );
  });

  test('nobody is passed over: an answer that meets the comparison is within the rest of some window', () => {
    fc.assert(
      fc.property(answers, timings, (given, when) => {
        const [comparison] = when.when;
        if (comparison === undefined || comparison.readings > 1) return;
        const windows = days(when, observationsOf(given));
        const lastOfDay = new Map(given.toSorted((a, b) => a.hour - b.hour).map((it) => [it.day, it.value]));
        for (const [day, value] of lastOfDay)
          if (MEETS[comparison.comparator](value, comparison.value))
            expect(windows.some((it) => it <= day && day < it + when.notAgainWithinDays)).toBe(true);
      }),
    );
  });
});
