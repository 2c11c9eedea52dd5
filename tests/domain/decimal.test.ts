import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { roundShown, roundStored } from '../../src/domain/decimal.ts';

/** The same rounding on whole millionths, which a double holds exactly. */
const fromMillionths = (millionths: number): number => Number(`${millionths}e-6`);

describe('a value as it is stored', () => {
  test.each([
    [64 / 3, 21.333333],
    [68 / 3, 22.666667],
    [-68 / 3, -22.666667],
    [1.0000005, 1.000001],
    [-1.0000005, -1.000001],
    [0.1 + 0.2, 0.3],
    [84, 84],
  ])('%d is %d', (value, stored) => expect(roundStored(value)).toBe(stored));

  test('what arithmetic leaves of a difference of nothing is 0, not a number that is none', () => {
    // 22.666667 + 25.333333 - 48 leaves such a crumb in binary.
    for (const crumb of [3.55e-15, -3.55e-15, 4.9e-7, 1e-300]) expect(roundStored(crumb)).toBe(0);
    for (const crumb of [3.55e-15, -3.55e-15]) expect(roundShown(crumb)).toBe(0);
  });

  test('six decimals stay as they are, and rounding twice changes nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: -84_000_000, max: 84_000_000 }), (millionths) => {
        const value = fromMillionths(millionths) + 0;
        expect(roundStored(value)).toBe(value === 0 ? 0 : value);
        expect(roundStored(roundStored(value / 7))).toBe(roundStored(value / 7));
      }),
    );
  });
});

test.each([
  [1.005, 1.01],
  [2.675, 2.68],
  [-2.675, -2.68],
  [0.125, 0.13],
  [21.333333, 21.33],
  [-0.004, 0],
])('%d is shown as %d: half away from zero, by the digits that are written', (value, shown) =>
  expect(roundShown(value)).toBe(shown),
);
