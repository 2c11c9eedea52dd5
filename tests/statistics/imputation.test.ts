import { expect, test } from '@jest/globals';
import { type Cohort, cohortOf } from '../../src/analysis/cohort/cohort.ts';
import { imputation } from '../../src/analysis/cohort/imputation.ts';
import { isEstimated } from '../../src/analysis/estimate.ts';
import type { Imputed, ShiftedArm } from '../../src/analysis/result.ts';
import { GOLDEN_PLAN, golden, goldenCohort } from './golden-cohort.ts';

const cohort = (name: string, imputations = 50): Cohort =>
  cohortOf(goldenCohort(name), {
    ...GOLDEN_PLAN,
    missing: { imputations, deltas: [0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10] },
  });

const differenceAt = (it: Imputed | undefined, shifted: ShiftedArm, delta: number): number => {
  const found = it?.shifts.find((one) => one.shifted === shifted && one.delta === delta)?.difference;
  if (found === undefined || !isEstimated(found)) throw new Error(`${shifted} ${delta}`);
  return found.estimate;
};

test('without a shift, many imputations by arm come to the arms’ own likelihood estimates in nlme::gls', () => {
  const expected = golden('imputation').armwise;
  for (const found of imputation(cohort('missing', 600)))
    expect(Math.abs(differenceAt(found, 'both', 0) - expected[found.rater])).toBeLessThan(0.12);
});

test('a shift moves the averaged difference by δ times the share imputed in that arm, to rounding', () => {
  const [found] = imputation(cohort('missing'));
  const zero = differenceAt(found, 'of', 0);
  const slope = differenceAt(found, 'of', -1) - zero;
  expect(slope).toBeLessThan(0);
  expect(differenceAt(found, 'of', -10) - zero).toBeCloseTo(10 * slope, 8);
  expect(differenceAt(found, 'both', -10) - zero).toBeCloseTo(
    differenceAt(found, 'of', -10) + differenceAt(found, 'against', -10) - 2 * zero,
    8,
  );
});

test('the same seed gives the same numbers, another seed others', () => {
  expect(imputation(cohort('few-therapists'))).toEqual(imputation(cohort('few-therapists')));
  const base = cohort('few-therapists');
  const other = imputation({ ...base, plan: { ...base.plan, seed: 2 } });
  expect(differenceAt(other[0], 'both', 0)).not.toBe(differenceAt(imputation(base)[0], 'both', 0));
});

test('where the interval leaves out zero, the tipping point is the first shift at which it holds it', () => {
  const found = imputation(cohort('missing')).find((it) => it.rater === 'patient');
  const holdsZero = (shifted: ShiftedArm, delta: number): boolean => {
    const it = found?.shifts.find((one) => one.shifted === shifted && one.delta === delta)?.difference;
    return it !== undefined && isEstimated(it) && (it.interval?.low ?? 0) <= 0 && (it.interval?.high ?? 0) >= 0;
  };
  expect(holdsZero('against', 0)).toBe(false);
  const tipping = found?.tipping.find((it) => it.shifted === 'against')?.delta;
  if (tipping === undefined || !isEstimated(tipping)) throw new Error('no tipping point');
  expect(holdsZero('against', tipping.estimate)).toBe(true);
  expect(holdsZero('against', tipping.estimate + 1)).toBe(false);
});

test('a cohort without missing ratings and one with one arm say why nothing is imputed', () => {
  expect(imputation(cohort('balanced')).map((it) => it.reason)).toEqual(['no-missing-data', 'no-missing-data']);
  expect(imputation(cohort('one-arm')).map((it) => it.reason)).toEqual(['one-arm', 'one-arm']);
});
