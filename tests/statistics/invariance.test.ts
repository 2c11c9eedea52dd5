import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { agreement } from '../../src/analysis/cohort/agreement.ts';
import { cohortOf } from '../../src/analysis/cohort/cohort.ts';
import { development } from '../../src/analysis/cohort/development.ts';
import type { CohortData } from '../../src/analysis/cohort-data.ts';
import { type Estimate, isEstimated, isTested } from '../../src/analysis/estimate.ts';
import { alphaOf } from '../../src/analysis/estimators/alpha.ts';
import { blandAltman, linOf } from '../../src/analysis/estimators/bland-altman.ts';
import { holm, type Pair, pearsonOf, spearmanOf } from '../../src/analysis/estimators/correlation.ts';
import { iccOf } from '../../src/analysis/estimators/icc.ts';
import { meanOf, quantileOf, sdOf, shareOf } from '../../src/analysis/estimators/location.ts';
import { GOLDEN_PLAN, goldenCohort } from './golden-cohort.ts';

const PLAN = { ...GOLDEN_PLAN, agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 50 } };
const DATA = goldenCohort('few-therapists');

const pairs = fc.array(fc.tuple(fc.integer({ min: 12, max: 84 }), fc.integer({ min: 12, max: 84 })), {
  minLength: 0,
  maxLength: 40,
});

const all = (of: readonly Pair[]): Estimate[] => {
  const { a1, c1 } = iccOf(of, 0.95);
  return [a1, c1, ...Object.values(blandAltman(of, 0.95)), linOf(of, 0.95), pearsonOf(of, 0.95), spearmanOf(of, 0.95)];
};
const numbers = (it: Estimate): number[] =>
  isEstimated(it)
    ? [it.estimate, it.interval?.low, it.interval?.high, it.p, it.statistic, it.standardError].flatMap((x) => x ?? [])
    : [];
const close = (a: Estimate, b: Estimate): boolean =>
  isEstimated(a) && isEstimated(b)
    ? numbers(a).every((it, i) => Math.abs(it - (numbers(b)[i] ?? Number.NaN)) <= 1e-6 * Math.max(1, Math.abs(it)))
    : JSON.stringify(a) === JSON.stringify(b);

test('whatever two raters answer, every number is finite or has a reason, and an interval holds its estimate', () => {
  fc.assert(
    fc.property(pairs, (of) => {
      const one = of.map((it) => it[0]);
      for (const it of [...all(of), meanOf(one, 0.95), sdOf(one, 0.95), quantileOf(one, 0.3), shareOf(1, 5, 0.95)]) {
        expect(numbers(it).every(Number.isFinite)).toBe(true);
        if (isEstimated(it) && it.interval !== undefined) {
          expect(it.interval.low).toBeLessThanOrEqual(it.estimate + 1e-9);
          expect(it.interval.high).toBeGreaterThanOrEqual(it.estimate - 1e-9);
        }
      }
      const alpha = alphaOf(of, 0.95, 'feldt-alpha-items');
      expect(numbers(alpha).every(Number.isFinite)).toBe(true);
    }),
    { numRuns: 500, seed: 1 },
  );
});

test('a shift of both raters moves no correlation, no ICC and no difference', () => {
  fc.assert(
    fc.property(pairs, fc.integer({ min: -50, max: 50 }), (of, by) => {
      const moved = of.map(([a, b]): Pair => [a + by, b + by]);
      const after = all(moved);
      expect(all(of).every((it, i) => close(it, after[i] as Estimate))).toBe(true);
    }),
    { numRuns: 300, seed: 2 },
  );
});

test('the order of patients changes nothing', () => {
  fc.assert(
    fc.property(pairs, (of) => {
      const after = all(of.toReversed());
      expect(all(of).every((it, i) => close(it, after[i] as Estimate))).toBe(true);
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('raters exchanged turn the difference round and leave the ICCs, Lin and the correlations', () => {
  fc.assert(
    fc.property(pairs, (of) => {
      const turned = of.map(([a, b]): Pair => [b, a]);
      const [before, after] = [iccOf(of, 0.95), iccOf(turned, 0.95)];
      expect(close(before.a1, after.a1) && close(before.c1, after.c1)).toBe(true);
      expect(close(linOf(of, 0.95), linOf(turned, 0.95))).toBe(true);
      expect(close(spearmanOf(of, 0.95), spearmanOf(turned, 0.95))).toBe(true);
    }),
    { numRuns: 300, seed: 4 },
  );
});

test('an adjusted p is never below its own and never above one', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (p) => {
      const adjusted = holm(p);
      expect(adjusted.every((it, i) => it >= (p[i] ?? 0) && it <= 1)).toBe(true);
    }),
    { seed: 5 },
  );
});

const scaled = (data: CohortData, by: number, plus: number): CohortData => ({
  ...data,
  rows: data.rows.map((it) => (it.total === undefined ? it : { ...it, total: it.total * by + plus })),
});
const model = (data: CohortData) => {
  const [found] = development(cohortOf(data, PLAN), false);
  const contrast = found?.contrasts[0]?.difference;
  const interaction = found?.interaction;
  if (contrast === undefined || !isEstimated(contrast) || interaction === undefined || !isTested(interaction))
    throw new Error('not fitted');
  return { estimate: contrast.estimate, df: contrast.df ?? 0, p: contrast.p ?? 0, f: interaction.f };
};

test('the mixed model does not know the unit or the origin of the score', () => {
  const base = model(DATA);
  for (const [by, plus] of [
    [1, 100],
    [1 / 12, 0],
    [10, -40],
  ] as const) {
    const found = model(scaled(DATA, by, plus));
    expect(found.estimate / by).toBeCloseTo(base.estimate, 4);
    expect(found.df).toBeCloseTo(base.df, 3);
    expect(found.p).toBeCloseTo(base.p, 5);
    expect(found.f).toBeCloseTo(base.f, 4);
  }
});

test('the mixed model does not know the order of rows and patients, nor which arm is named first', () => {
  const base = model(DATA);
  const turned = model({ ...DATA, rows: DATA.rows.toReversed(), patients: DATA.patients.toReversed() });
  expect(turned.estimate).toBeCloseTo(base.estimate, 6);
  expect(turned.p).toBeCloseTo(base.p, 6);
  const exchanged = development(cohortOf(DATA, { ...PLAN, comparison: { of: 'usual', against: 'digital' } }), false)[0]
    ?.contrasts[0]?.difference;
  expect(exchanged && isEstimated(exchanged) && exchanged.estimate).toBeCloseTo(-base.estimate, 6);
});

test('with every rating given and no covariate, the difference at a visit is the t test’s, with its n − 2 degrees of freedom', () => {
  const data = goldenCohort('balanced');
  const bare = { ...PLAN, development: { site: false, baselineDistress: false, age: false } };
  const [found] = development(cohortOf(data, bare), false);
  const arms = new Map(data.patients.map((it) => [it.patient, it.arm]));
  const totals = (arm: string) =>
    data.rows
      .filter((it) => it.rater === 'patient' && it.visit === 'm6' && arms.get(it.patient) === arm)
      .map((it) => it.total ?? 0);
  const [digital, usual] = [totals('digital'), totals('usual')];
  const mean = (values: readonly number[]) => values.reduce((sum, it) => sum + it, 0) / values.length;
  const squares = (values: readonly number[]) => values.reduce((sum, it) => sum + (it - mean(values)) ** 2, 0);
  const n = digital.length + usual.length;
  const se = Math.sqrt(((squares(digital) + squares(usual)) / (n - 2)) * (1 / digital.length + 1 / usual.length));
  const m6 = found?.contrasts.find((it) => it.at === 'm6')?.difference;
  if (m6 === undefined || !isEstimated(m6)) throw new Error('not fitted');
  expect(m6.estimate).toBeCloseTo(mean(digital) - mean(usual), 8);
  expect(m6.standardError).toBeCloseTo(se, 5);
  expect(m6.df).toBeCloseTo(n - 2, 3);
});

test('a bootstrap with the same seed is the same, and of another arm its own', () => {
  const cells = () => agreement(cohortOf(DATA, PLAN)).map((it) => it.iccA1Bootstrap);
  expect(cells()).toEqual(cells());
  const [first, second] = cells();
  expect(first).not.toEqual(second);
});
