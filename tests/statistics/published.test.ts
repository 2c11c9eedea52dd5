import { expect, test } from '@jest/globals';
import { isEstimated } from '../../src/analysis/estimate.ts';
import { blandAltman, linOf } from '../../src/analysis/estimators/bland-altman.ts';
import { holm, type Pair, pearsonOf, spearmanOf } from '../../src/analysis/estimators/correlation.ts';
import { iccOf } from '../../src/analysis/estimators/icc.ts';
import { meanOf, quantileOf, shareOf } from '../../src/analysis/estimators/location.ts';
import { iccA1, iccC1 } from '../../src/analysis/estimators/paired-sums.ts';
import { pool } from '../../src/analysis/imputation/rubin.ts';
import { golden } from './golden-cohort.ts';

const paired = (a: readonly number[], b: readonly number[]): Pair[] => a.map((it, i): Pair => [it, b[i] ?? 0]);
const value = (it: ReturnType<typeof meanOf>): number => {
  if (!isEstimated(it)) throw new Error(it.reason);
  return it.estimate;
};

test('judges 1 and 2 of Shrout & Fleiss 1979 have the ICCs of their own analysis of variance', () => {
  // Columns 1 and 2 of the published 6 × 4 table; mean squares by hand: rows 4.35, columns 70.083…, error 1.883….
  const pairs = paired([9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2]);
  const { a1, c1 } = iccOf(pairs, 0.95);
  const grand = pairs.flat().reduce((sum, it) => sum + it, 0) / 12;
  const rows = pairs.map(([a, b]) => (a + b) / 2);
  const [first, second] = [46 / 6, 15 / 6];
  const msr = (2 * rows.reduce((sum, it) => sum + (it - grand) ** 2, 0)) / 5;
  const msc = 6 * ((first - grand) ** 2 + (second - grand) ** 2);
  const total = pairs.flat().reduce((sum, it) => sum + (it - grand) ** 2, 0);
  const mse = (total - 5 * msr - msc) / 5;
  expect(value(c1)).toBeCloseTo((msr - mse) / (msr + mse), 10);
  expect(value(a1)).toBeCloseTo((msr - mse) / (msr + mse + (2 * (msc - mse)) / 6), 10);
});

test('the 6 × 4 table of Shrout & Fleiss 1979 has ICC(2,1) .2898 and ICC(3,1) .7148', () => {
  const table = [
    [9, 2, 5, 8],
    [6, 1, 3, 2],
    [8, 4, 6, 8],
    [7, 1, 2, 6],
    [10, 5, 6, 9],
    [6, 2, 4, 7],
  ];
  const average = (values: readonly number[]) => values.reduce((sum, it) => sum + it, 0) / values.length;
  const grand = average(table.flat());
  const squares = (values: readonly number[]) => values.reduce((sum, it) => sum + (it - grand) ** 2, 0);
  const rows = (4 * squares(table.map(average))) / 5;
  const columns = (6 * squares([0, 1, 2, 3].map((rater) => average(table.map((it) => it[rater] ?? 0))))) / 3;
  const error = (squares(table.flat()) - 5 * rows - 3 * columns) / 15;
  expect([rows, columns, error].map((it) => it.toFixed(4))).toEqual(['11.2417', '32.4861', '1.0194']);
  const found = { n: 6, raters: 4, rows, columns, error };
  expect(iccA1(found)).toBeCloseTo(0.2898, 4);
  expect(iccC1(found)).toBeCloseTo(0.7148, 4);
});

test('a pair of raters that differ by bias alone: limits 3.755 to 10.995, ICC(C,1) .9505, ICC(A,1) .5328, Lin .4995', () => {
  const pairs = paired([78, 80, 70, 84, 75, 66, 82, 73], [70, 74, 61, 75, 69, 60, 72, 68]);
  const found = blandAltman(pairs, 0.95);
  const icc = iccOf(pairs, 0.95);
  expect(value(found.meanDifference)).toBe(7.375);
  expect(value(found.sdOfDifference)).toBeCloseTo(1.8468, 4);
  expect(value(found.lowerLimit)).toBeCloseTo(3.755, 3);
  expect(value(found.upperLimit)).toBeCloseTo(10.995, 3);
  expect(value(pearsonOf(pairs, 0.95))).toBeCloseTo(0.9556, 4);
  expect(value(icc.c1)).toBeCloseTo(0.9505, 4);
  expect(value(icc.a1)).toBeCloseTo(0.5328, 4);
  expect(value(linOf(pairs, 0.95))).toBeCloseTo(0.4995, 4);
  expect(isEstimated(found.meanDifference) && found.meanDifference.statistic).toBeCloseTo(11.295, 3);
});

test('a reversed pair has ICC(A,1) −1.43, which is not clipped to −1', () => {
  const pairs = paired([84, 80, 70, 60, 75, 66], [60, 66, 72, 84, 70, 75]);
  const { a1, c1 } = iccOf(pairs, 0.95);
  expect(value(a1)).toBeCloseTo(-1.43, 2);
  expect(value(c1)).toBeCloseTo(-0.9763, 4);
  expect(value(pearsonOf(pairs, 0.95))).toBeCloseTo(-0.9804, 4);
  expect(
    value(
      meanOf(
        pairs.map(([a, b]) => a - b),
        0.95,
      ),
    ),
  ).toBeCloseTo(1.333, 3);
});

test('a patient who always answers 84 has no correlation, and it says why', () => {
  const pairs = paired([84, 84, 84, 84, 84], [70, 74, 61, 75, 69]);
  const none = { n: 5, reason: 'zero-variance' };
  expect(pearsonOf(pairs, 0.95)).toEqual(none);
  expect(spearmanOf(pairs, 0.95)).toEqual(none);
  expect(linOf(pairs, 0.95)).toEqual(none);
  expect(iccOf(pairs, 0.95)).toEqual({ a1: none, c1: none });
});

test('Holm’s adjustment of .01, .04, .03, .005 is .03, .06, .06, .02 (R’s p.adjust)', () => {
  expect(holm([0.01, 0.04, 0.03, 0.005]).map((it) => Number(it.toFixed(12)))).toEqual([0.03, 0.06, 0.06, 0.02]);
});

test('Wilson’s interval of 81 in 263 is .2553 to .3662 (Newcombe 1998)', () => {
  const found = shareOf(81, 263, 0.95);
  expect(isEstimated(found) && found.interval?.low).toBeCloseTo(0.2553, 4);
  expect(isEstimated(found) && found.interval?.high).toBeCloseTo(0.3662, 4);
});

test('the quartile of 1, 2, 3, 4 is 1.75, as R’s type 7 has it', () => {
  expect(value(quantileOf([4, 1, 3, 2], 0.25))).toBe(1.75);
});

test('Rubin’s rules with Barnard and Rubin’s degrees of freedom are mice’s', () => {
  const { estimates, variances, completeDf, estimate, se, df } = golden('imputation').rubin;
  const found = pool(
    estimates.map((it: number, i: number) => ({ estimate: it, variance: variances[i], df: completeDf })),
    184,
    0.95,
  );
  if (!isEstimated(found)) throw new Error(found.reason);
  expect(found.estimate).toBeCloseTo(estimate, 10);
  expect(found.standardError).toBeCloseTo(se, 10);
  expect(found.df).toBeCloseTo(df, 6);
});
