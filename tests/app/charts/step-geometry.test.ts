import { describe, expect, test } from '@jest/globals';
import { monthTicks, timeSpan } from '../../../src/app/clinician/charts/scale.ts';
import { spread } from '../../../src/app/clinician/charts/spread.ts';
import { drawSteps } from '../../../src/app/clinician/charts/step-geometry.ts';

const DAY = 86_400_000;
const plot = {
  span: [0, 100 * DAY],
  left: 0,
  right: 100,
  top: 0,
  bottom: 12,
  range: [0, 12],
  until: 100 * DAY,
} as const;
const reading = (day: number, value: number) => ({ key: `${day}`, at: day * DAY, value, label: '' });

describe('The distress chart', () => {
  test('a reading holds until the next one', () => {
    const { lines } = drawSteps([reading(50, 6), reading(10, 3)], plot);
    expect(lines).toEqual([
      { isStale: false, path: 'M10 9 H50 V6' },
      { isStale: false, path: 'M50 6 H100' },
    ]);
  });

  test('a reading that is too old says nothing any more: from then on its line is another', () => {
    const { lines } = drawSteps([reading(10, 3), reading(90, 6)], { ...plot, validDays: 56 });
    expect(lines).toEqual([
      { isStale: false, path: 'M10 9 H66' },
      { isStale: true, path: 'M66 9 H90' },
      { isStale: false, path: 'M90 6 H100' },
    ]);
  });

  test('no reading, no line', () => {
    expect(drawSteps([], plot)).toEqual({ points: [], lines: [] });
  });

  test('labels of cut-offs never lie on one another, and stay within the drawing', () => {
    const placed = spread([50, 52, 51, 99], 13, 100);
    const sorted = placed.toSorted((a, b) => a - b);
    for (const [index, y] of sorted.entries()) {
      expect(y - (sorted[index - 1] ?? Number.NEGATIVE_INFINITY)).toBeGreaterThanOrEqual(13);
      expect(y).toBeLessThanOrEqual(100);
    }
  });

  test('the axis begins before the first and ends after the last', () => {
    const [low, high] = timeSpan([10 * DAY, 20 * DAY, Number.NaN], 60);
    expect([low, high]).toEqual([-41 * DAY, 21 * DAY]);
  });

  test('months are marked on their first day, no more than fit', () => {
    const span = [Date.parse('2026-01-15'), Date.parse('2026-12-15')] as const;
    expect(monthTicks(span, 4)).toEqual(['2026-02-01', '2026-05-01', '2026-08-01', '2026-11-01']);
  });
});
