import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { dayNumber } from '../../src/domain/instant.ts';
import type { VisitPlan } from '../../src/domain/programme.ts';
import { addMonths, placeVisit } from '../../src/domain/visit.ts';

const ALLIANCE = ['wai-s-p', 'wai-s-t'];
const plan: VisitPlan = {
  version: '1.0.0',
  windows: [
    { visit: 'baseline', months: 0, early: 30, late: 30, except: ALLIANCE },
    { visit: 'm3', months: 3, early: 44, late: 44, except: [] },
    { visit: 'm6', months: 6, early: 44, late: 44, except: [] },
    { visit: 'm12', months: 12, early: 60, late: 60, except: [] },
  ],
};
const shift = (date: string, days: number): string =>
  new Date((dayNumber(date) + days) * 86_400_000).toISOString().slice(0, 10);

describe('calendar months after inclusion', () => {
  test.each([
    ['2024-11-30', 3, '2025-02-28'],
    ['2023-11-30', 3, '2024-02-29'],
    ['2025-01-31', 3, '2025-04-30'],
    ['2025-01-31', 12, '2026-01-31'],
    ['2024-02-29', 12, '2025-02-28'],
    ['2025-12-15', 0, '2025-12-15'],
  ])('%s and %i months is %s', (from, months, target) => expect(addMonths(from, months)).toBe(target));
});

describe('the visit of a rating', () => {
  const inclusion = '2025-01-10';
  const at = (date: string, instrument = 'wai-s-p') => placeVisit(date, inclusion, plan, instrument).visit;
  test('44 days early and 44 days late are still the 3-month visit, 45 are not', () => {
    const target = addMonths(inclusion, 3);
    expect([-45, -44, 44, 45].map((days) => at(shift(target, days)))).toEqual([
      'unscheduled',
      'm3',
      'm3',
      'unscheduled',
    ]);
  });
  test('60 days late is the 12-month visit, 61 is unscheduled', () => {
    const target = addMonths(inclusion, 12);
    expect([at(shift(target, 60)), at(shift(target, 61))]).toEqual(['m12', 'unscheduled']);
  });
  test('alliance is never rated at baseline, distress is', () => {
    expect([at(inclusion), at(inclusion, 'distress-thermometer')]).toEqual(['unscheduled', 'baseline']);
  });
  test('without an inclusion every rating is unscheduled', () =>
    expect(placeVisit('2025-04-10', undefined, plan, 'wai-s-p').visit).toBe('unscheduled'));
  test('a tie between two targets goes to the earlier', () => {
    const wide: VisitPlan = {
      version: '1',
      windows: [
        { visit: 'm3', months: 3, early: 60, late: 60, except: [] },
        { visit: 'm6', months: 6, early: 60, late: 60, except: [] },
      ],
    };
    // 1 May and 1 August are 92 days apart: 16 June is 46 days from both.
    expect(placeVisit('2025-06-16', '2025-02-01', wide, 'wai-s-p').visit).toBe('m3');
    expect(placeVisit('2025-06-17', '2025-02-01', wide, 'wai-s-p').visit).toBe('m6');
  });
  test('a visit is never further from its target than its bounds, and never nearer to another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1500 }), fc.integer({ min: -40, max: 500 }), (start, days) => {
        const from = shift('2022-01-01', start);
        const date = shift(from, days);
        const { visit, distance } = placeVisit(date, from, plan, 'phq-9');
        const offsets = plan.windows.map((it) => ({
          it,
          offset: dayNumber(date) - dayNumber(addMonths(from, it.months)),
        }));
        const within = offsets.filter(({ it, offset }) => offset >= -it.early && offset <= it.late);
        expect(visit === 'unscheduled').toBe(within.length === 0);
        if (within.length > 0) expect(distance).toBe(Math.min(...within.map(({ offset }) => Math.abs(offset))));
      }),
    );
  });
});
