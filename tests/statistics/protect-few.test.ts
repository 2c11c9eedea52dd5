import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { type Estimate, isEstimated } from '../../src/analysis/estimate.ts';
import { protectFew, reasonsWithoutFew } from '../../src/analysis/protect-few.ts';
import type { CohortAnalysis } from '../../src/analysis/result.ts';
import { GOLDEN_PLAN, goldenCohort } from './golden-cohort.ts';

const PLAN = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 20 },
  missing: { ...GOLDEN_PLAN.missing, imputations: 2 },
};
const BASE = goldenCohort('balanced');
const arms = new Map(BASE.patients.map((it) => [it.patient, it.arm]));

/** The analysis with so many patients of `usual` rated at 12 months. */
function withAtM12(left: number): CohortAnalysis {
  const kept = new Set(
    BASE.patients
      .filter((it) => it.arm === 'usual')
      .slice(0, left)
      .map((it) => it.patient),
  );
  const rows = BASE.rows.filter((it) => it.visit !== 'm12' || arms.get(it.patient) !== 'usual' || kept.has(it.patient));
  return protectFew(analyseCohort({ ...BASE, rows }, PLAN, { masked: false, reliableChange: [] }));
}

interface OfArm {
  readonly arm: string;
}
const toldArms = <T extends OfArm>(
  cells: readonly T[] | undefined,
  isAt: (it: T) => boolean,
  of: (it: T) => Estimate,
) => (cells ?? []).filter((it) => isAt(it) && isEstimated(of(it))).map((it) => it.arm);

test.each([1, 4])('with %d rated in one arm, neither they nor the whole that would give them away are told', (few) => {
  const { findings } = withAtM12(few);
  for (const rater of ['patient', 'therapist'] as const)
    expect(
      toldArms(
        findings?.descriptives,
        (it) => it.visit === 'm12' && it.rater === rater,
        (it) => it.mean,
      ),
    ).toEqual(['digital']);
  const at = findings?.agreement.filter((it) => it.visit === 'm12');
  expect(
    toldArms(
      at,
      () => true,
      (it) => it.meanDifference,
    ),
  ).toEqual(['digital']);
  expect(at?.filter((it) => it.points.length > 0).map((it) => it.arm)).toEqual(['digital']);
  const change = findings?.change[0]?.cells;
  expect(
    toldArms(
      change,
      (it) => it.from === 'm6' && it.to === 'm12',
      (it) => it.mean,
    ),
  ).toEqual(['digital']);
});

test('with five rated in one arm they are told, but never the score of one person as lowest or highest', () => {
  const { findings } = withAtM12(5);
  const at = findings?.descriptives.filter((it) => it.visit === 'm12' && it.rater === 'patient');
  expect(at?.map((it) => it.arm).toSorted()).toEqual(['all', 'digital', 'usual']);
  expect(at?.every((it) => isEstimated(it.mean))).toBe(true);
  for (const it of findings?.descriptives ?? [])
    expect([isEstimated(it.min), isEstimated(it.max)]).toEqual([false, false]);
});

test('of a verdict that is that of a few none is told: the others of its whole would tell it', () => {
  const { findings } = withAtM12(24);
  for (const { cells } of findings?.change ?? [])
    for (const it of cells) {
      const shares = [it.increased, it.unchanged, it.decreased];
      const counts = shares.map((one) => (isEstimated(one) ? Math.round(one.estimate * one.n) : undefined));
      expect(counts.filter((one) => one !== undefined && one > 0 && one < 5)).toEqual([]);
      expect(new Set(counts.map((one) => one === undefined)).size).toBe(1);
    }
});

test('why somebody left is not told of a few; how many left is', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('died', 'withdrawn', 'off-study'), fc.nat({ max: 20 })), (counts) => {
      const shown = reasonsWithoutFew(counts);
      const sum = (of: Readonly<Record<string, number>>) => Object.values(of).reduce((a, b) => a + b, 0);
      expect(sum(shown)).toBe(sum(counts));
      for (const [reason, n] of Object.entries(shown)) expect(reason === 'any' || n === 0 || n >= 5).toBe(true);
    }),
  );
});
