import { expect, test } from '@jest/globals';
import { agreement } from '../../src/analysis/cohort/agreement.ts';
import { associations } from '../../src/analysis/cohort/associations.ts';
import { type Cohort, cohortOf, ratedBy } from '../../src/analysis/cohort/cohort.ts';
import { descriptives } from '../../src/analysis/cohort/descriptives.ts';
import { designOf } from '../../src/analysis/cohort/design.ts';
import { type Estimate, isEstimated } from '../../src/analysis/estimate.ts';
import { momentsOf } from '../../src/analysis/mixed/moments.ts';
import { betweenTherapistsDf } from '../../src/analysis/mixed/tells-therapists.ts';
import { COHORTS, GOLDEN_PLAN, golden, goldenCohort } from './golden-cohort.ts';

const cohort = (name: string): Cohort => cohortOf(goldenCohort(name), GOLDEN_PLAN);

/** What agreement, t and correlation are held to. */
const EXACT = 1e-6;
const MIXED = 1e-3;

function near(actual: number | undefined, expected: number, what: string, tolerance = EXACT): void {
  const off = Math.abs((actual ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected));
  expect({ what, actual, expected, near: off < tolerance }).toEqual({ what, actual, expected, near: true });
}

/** Estimate and both ends of the interval. */
function nearInterval(actual: Estimate, [estimate = 0, low = 0, high = 0]: number[], what: string): void {
  if (!isEstimated(actual)) throw new Error(what);
  near(actual.estimate, estimate, what);
  near(actual.interval?.low, low, `${what} low`);
  near(actual.interval?.high, high, `${what} high`);
}

test.each(COHORTS)('ICCs, limits’ parts, bias and Pearson of cohort %s are those of psych and stats in R', (name) => {
  const cells = agreement(cohort(name));
  for (const expected of golden(name).agreement) {
    const cell = cells.find((it) => it.arm === expected.arm && it.visit === expected.visit);
    if (cell === undefined) throw new Error(`${expected.arm} ${expected.visit}`);
    const what = `${expected.arm} ${expected.visit}`;
    expect(cell.dyads).toBe(expected.n);
    nearInterval(cell.iccA1, expected.iccA1, `${what} ICC(A,1)`);
    nearInterval(cell.iccC1, expected.iccC1, `${what} ICC(C,1)`);
    nearInterval(cell.meanDifference, expected.mean, `${what} mean difference`);
    if (isEstimated(cell.meanDifference)) near(cell.meanDifference.statistic, expected.mean[3], `${what} t`);
    if (isEstimated(cell.meanDifference)) near(cell.meanDifference.p, expected.mean[4], `${what} p`);
    if (isEstimated(cell.sdOfDifference)) near(cell.sdOfDifference.estimate, expected.sd, `${what} SD`);
    nearInterval(cell.pearson, expected.pearson, `${what} Pearson`);
    nearInterval(cell.proportionalBias, expected.slope, `${what} proportional bias`);
  }
});

test.each(COHORTS)('α, the share at the maximum and the quartiles of cohort %s are R’s', (name) => {
  const cells = descriptives(cohort(name)).filter((it) => it.rater === 'patient');
  for (const expected of golden(name).agreement) {
    const cell = cells.find((it) => it.arm === expected.arm && it.visit === expected.visit);
    if (cell === undefined) throw new Error(`${expected.arm} ${expected.visit}`);
    nearInterval(cell.atMaximum, expected.ceiling, 'share at the maximum');
    nearInterval(cell.reliability, [expected.alpha, ...expected.alphaFeldt], 'α');
    for (const [i, it] of [cell.q1, cell.median, cell.q3].entries())
      if (isEstimated(it)) near(it.estimate, expected.quartiles[i], `quartile ${i + 1}`);
  }
});

const GOLDEN_NAME = { age: 'age', sus: 'sus', 'vas-app': 'vas_app', communication: 'contacts' } as const;

test.each(COHORTS)('associations over patients of cohort %s are those of cor.test and lm', (name) => {
  const expected = golden(name).associations;
  const found = associations(cohort(name));
  for (const { variable, spearman, pearson } of found.single) {
    const own = expected[GOLDEN_NAME[variable as keyof typeof GOLDEN_NAME]];
    expect(pearson.n).toBe(own.n);
    nearInterval(pearson, own.pearson, `${variable} Pearson`);
    if (isEstimated(spearman)) near(spearman.estimate, own.spearman, `${variable} Spearman`);
  }
  const [together] = found.together;
  if (together === undefined) throw new Error('SUS and VAS');
  nearInterval(together.sus, expected.together.sus, 'SUS');
  nearInterval(together.vasApp, expected.together.vasApp, 'VAS');
  near(together.unique?.sus, expected.together.r2 - expected.together.r2vas, 'unique to SUS');
  near(together.unique?.common, expected.together.r2sus + expected.together.r2vas - expected.together.r2, 'common');
});

test.each(COHORTS)(
  'SUS between and within patients, and the platform’s VAS between therapists, of cohort %s are lme4’s',
  (name) => {
    const expected = golden(name).associations;
    const found = associations(cohort(name));
    const sus = found.betweenWithin.find((it) => it.variable === 'sus');
    for (const part of ['between', 'within'] as const) {
      const slope = sus?.[part];
      if (slope === undefined || !isEstimated(slope)) throw new Error(part);
      near(slope.estimate, expected.betweenWithin[part].estimate, part, MIXED);
      near(slope.standardError, expected.betweenWithin[part].se, `${part} standard error`, MIXED);
      near(slope.df, expected.betweenWithin[part].df, `${part} df`, MIXED);
    }
    const { slope, therapists } = found.platform;
    if (name === 'few-therapists') {
      expect({ therapists, slope }).toEqual({ therapists: 4, slope: { n: 4, reason: 'too-few' } });
      return;
    }
    if (!isEstimated(slope)) throw new Error('platform');
    near(slope.estimate, expected.platform.estimate, 'platform', MIXED);
    near(slope.standardError, expected.platform.se, 'platform standard error', MIXED);
    // Satterthwaite as lmerTest has it, but no more than R’s rank [X Z] − rank X: what is left between therapists.
    const { df, between, singular } = expected.platform;
    near(slope.df, Math.min(df, between.containment), 'platform df', MIXED);
    expect(slope.method).toBe(df <= between.containment ? 'reml-satterthwaite' : 'reml-containment');
    expect(found.platform.singular).toBe(singular);
  },
);

test.each(COHORTS)(
  'degrees of freedom left between therapists of cohort %s are nlme’s, therapists in arms or not',
  (name) => {
    const { between, betweenInArms } = golden(name).associations.platform;
    const armOf = new Map(goldenCohort(name).patients.map((it) => [it.patient, it.arm]));
    const satisfaction = new Map(goldenCohort(name).therapists.map((it) => [it.therapist, it.vasPlatform[0] ?? 0]));
    for (const [inArms, expected] of [
      [false, between],
      [true, betweenInArms],
    ] as const) {
      const data = goldenCohort(name);
      const rows = data.rows.map((it) => ({
        ...it,
        therapist: inArms ? `${it.therapist} ${armOf.get(it.patient)}` : it.therapist,
      }));
      const own = cohortOf({ ...data, rows }, GOLDEN_PLAN);
      const design = designOf(own, ratedBy(own, 'therapist'), {
        layers: 1,
        layerOf: () => 0,
        more: [{ name: 'platform', valueOf: ({ row }) => satisfaction.get(row.therapist?.split(' ')[0] ?? '') ?? 0 }],
      });
      expect(expected.nlme).toBe(expected.containment);
      expect(betweenTherapistsDf(momentsOf(design.rows, design.columns, true))).toBe(expected.nlme);
    }
  },
);
