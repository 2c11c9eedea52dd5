import { expect, test } from '@jest/globals';
import { type Cohort, cohortOf, ratedBy } from '../../src/analysis/cohort/cohort.ts';
import { decomposition } from '../../src/analysis/cohort/decomposition.ts';
import { designOf, weightsOf } from '../../src/analysis/cohort/design.ts';
import { development } from '../../src/analysis/cohort/development.ts';
import { jointDevelopment } from '../../src/analysis/cohort/joint.ts';
import { RATERS } from '../../src/analysis/cohort-data.ts';
import { isEstimated, isTested } from '../../src/analysis/estimate.ts';
import { contrastOf, type Inference, testOf } from '../../src/analysis/mixed/contrast.ts';
import { fitMixed, isFitted } from '../../src/analysis/mixed/fit.ts';
import { kenwardRoger } from '../../src/analysis/mixed/kenward-roger.ts';
import { momentsOf } from '../../src/analysis/mixed/moments.ts';
import { randomIntercept } from '../../src/analysis/mixed/structure.ts';
import { fitWithTherapists, isTherapistFit } from '../../src/analysis/mixed/therapist-fit.ts';
import { COHORTS, GOLDEN_PLAN, golden, goldenCohort } from './golden-cohort.ts';

/** The tolerance that the mixed models are held to, relative, or absolute near zero. */
function near(actual: number | undefined, expected: number, what: string): void {
  const off = Math.abs((actual ?? Number.NaN) - expected) / Math.max(1, Math.abs(expected));
  expect({ what, actual, expected, near: off < 1e-3 }).toEqual({ what, actual, expected, near: true });
}

const cohort = (name: string): Cohort => cohortOf(goldenCohort(name), GOLDEN_PLAN);
const TWO_ARMS = COHORTS.filter((it) => it !== 'one-arm');

const each = COHORTS.flatMap((name) => RATERS.map((rater) => ({ name, rater })));
const eachTwoArms = each.filter((it) => it.name !== 'one-arm');

test.each(each)(
  'the unstructured model of the $rater in cohort $name has nlme::gls’ deviance and covariance',
  ({ name, rater }) => {
    const expected = golden(name).development[rater].unstructured;
    const found = development(cohort(name), false).find((it) => it.rater === rater);
    expect(found?.structure).toBe('unstructured');
    near(found?.deviance, expected.deviance, 'deviance');
    for (const entry of found?.covariance ?? []) {
      const [i, j] = [GOLDEN_PLAN.visits.indexOf(entry.a), GOLDEN_PLAN.visits.indexOf(entry.b)];
      near(entry.covariance, expected.covariance[i][j], `${entry.a} ${entry.b}`);
    }
  },
);

test.each(eachTwoArms)(
  'arm differences and the interaction of the $rater in cohort $name are those of gls with Kenward–Roger by dense matrices',
  ({ name, rater }) => {
    const expected = golden(name).development[rater].unstructured.tests;
    const found = development(cohort(name), false).find((it) => it.rater === rater);
    expect(found?.contrasts.map((it) => it.at)).toEqual(['average', 'm3', 'm6', 'm12']);
    for (const { at, difference } of found?.contrasts ?? []) {
      if (!isEstimated(difference)) throw new Error(at);
      near(difference.estimate, expected[at].estimate, `${at} estimate`);
      near(difference.standardError, expected[at].se, `${at} standard error`);
      near(difference.df, expected[at].df, `${at} df`);
      near(difference.p, expected[at].p, `${at} p`);
    }
    const interaction = found?.interaction;
    if (interaction === undefined || !isTested(interaction)) throw new Error('no interaction');
    near(interaction.f, expected.interaction.f, 'F');
    near(interaction.denominatorDf, expected.interaction.df, 'df');
    near(interaction.p, expected.interaction.p, 'p');
  },
);

test.each(eachTwoArms)(
  'the standardised difference of the $rater in cohort $name is over the SD pooled within arms',
  ({ name, rater }) => {
    const pooled = golden(name).development[rater].pooledSd;
    const found = development(cohort(name), false).find((it) => it.rater === rater);
    for (const { at, difference, standardised } of found?.contrasts.slice(1) ?? []) {
      if (!isEstimated(difference) || !isEstimated(standardised)) throw new Error(at);
      near(standardised.estimate, difference.estimate / pooled[at], at);
    }
  },
);

interface Expected {
  readonly estimate?: number;
  readonly se?: number;
  readonly df: number;
  readonly f: number;
  readonly p: number;
}

/** The average difference and the interaction of a fitted design against another program’s. */
function compare(inference: Inference, name: string, rater: (typeof RATERS)[number], tests: Record<string, Expected>) {
  const whole = cohort(name);
  const design = designOf(whole, ratedBy(whole, rater));
  const at = (v: number, by: number): [number, number][] => [
    [design.column(0, 1, v), by],
    [design.column(0, 0, v), -by],
  ];
  const average = weightsOf(design, [...at(0, 1 / 3), ...at(1, 1 / 3), ...at(2, 1 / 3)]);
  const found = contrastOf(inference, average, 1, 0.95);
  if (!isEstimated(found)) throw new Error('no average');
  near(found.estimate, tests.average?.estimate ?? Number.NaN, 'estimate');
  near(found.standardError, tests.average?.se ?? Number.NaN, 'standard error');
  near(found.df, tests.average?.df ?? Number.NaN, 'df');
  const rows = [1, 2].map((v) => weightsOf(design, [...at(v, 1), ...at(0, -1)]));
  const joint = testOf(inference, rows, 1);
  if (!isTested(joint)) throw new Error('no interaction');
  near(joint.f, tests.interaction?.f ?? Number.NaN, 'F');
  near(joint.denominatorDf, tests.interaction?.df ?? Number.NaN, 'denominator df');
  near(joint.p, tests.interaction?.p ?? Number.NaN, 'p');
}

test.each(eachTwoArms)(
  'with a patient random intercept the $rater’s tests in cohort $name are lme4’s with pbkrtest’s Kenward–Roger',
  ({ name, rater }) => {
    const whole = cohort(name);
    const expected = golden(name).development[rater].randomIntercept;
    const design = designOf(whole, ratedBy(whole, rater));
    const fit = fitMixed(momentsOf(design.rows, design.columns, false), randomIntercept(3));
    if (!isFitted(fit)) throw new Error(fit.reason);
    near(fit.deviance, expected.deviance, 'deviance');
    near(fit.theta[0], expected.variances.Residual, 'residual variance');
    near(fit.theta[1], expected.variances.patient, 'patient variance');
    const inference = kenwardRoger(fit);
    if (inference === undefined) throw new Error('no inference');
    compare(inference, name, rater, expected.tests);
  },
);

test.each(eachTwoArms)(
  'with patient and therapist random intercepts the $rater’s tests in cohort $name are lmerTest’s by Satterthwaite',
  ({ name, rater }) => {
    const whole = cohort(name);
    const expected = golden(name).development[rater].therapist;
    const design = designOf(whole, ratedBy(whole, rater));
    const fit = fitWithTherapists(momentsOf(design.rows, design.columns, true), randomIntercept(3));
    if (!isTherapistFit(fit)) throw new Error(fit.reason);
    near(fit.deviance, expected.deviance, 'deviance');
    near(fit.between, expected.variances.therapist, 'therapist variance');
    compare(fit.inference, name, rater, expected.tests);
  },
);

test.each(eachTwoArms)(
  'the therapist model over unstructured residuals of the $rater in cohort $name is nlme::lme’s',
  ({ name, rater }) => {
    const expected = golden(name).development[rater].therapistUnstructured;
    const found = development(cohort(name), true).find((it) => it.rater === rater)?.therapistModel;
    const average = found?.contrasts[0]?.difference;
    if (found === undefined || average === undefined || !isEstimated(average) || !isEstimated(found.variance))
      throw new Error('no therapist model');
    near(average.estimate, expected.average, 'average');
    near(found.variance.estimate, expected.variance, 'variance');
  },
);

test.each(COHORTS)('the joint model of cohort %s has lme4’s deviance and variances', (name) => {
  const expected = golden(name).joint;
  const found = jointDevelopment(cohort(name));
  near(found.deviance, expected.deviance, 'deviance');
  const part = (it: string) => found.variances.find((one) => one.part === it)?.value;
  near(part('patient-intercept'), expected.vcov[0], 'patient');
  near(part('therapist-intercept'), expected.vcov[1], 'therapist');
  near(part('intercept-correlation'), expected.vcov[2] / Math.sqrt(expected.vcov[0] * expected.vcov[1]), 'correlation');
  near(part('residual'), expected.vcov[3], 'residual');
});

test.each(TWO_ARMS)(
  'rater × arm and rater × arm × visit in cohort %s are lme4’s with pbkrtest’s Kenward–Roger',
  (name) => {
    const expected = golden(name).joint;
    const { raterByArm, threeWay } = jointDevelopment(cohort(name));
    if (!isEstimated(raterByArm) || !isTested(threeWay)) throw new Error('no test');
    near(raterByArm.estimate, expected.raterByArm.estimate, 'rater × arm');
    near(raterByArm.standardError, expected.raterByArm.se, 'standard error');
    near(raterByArm.df, expected.raterByArm.df, 'df');
    near(threeWay.f, expected.threeWay.f, 'F');
    near(threeWay.denominatorDf, expected.threeWay.df, 'denominator df');
    near(threeWay.p, expected.threeWay.p, 'p');
  },
);

test.each(COHORTS)('therapist, patient and dyad variances of cohort %s are lme4’s', (name) => {
  const expected = golden(name).joint.decomposition;
  const found = decomposition(cohort(name));
  const names = { residual: 'Residual', patient: 'patient', dyad: 'patient:rater', therapist: 'therapist' };
  expect(found.parts.map((it) => it.part)).toEqual(['residual', 'patient', 'dyad', 'therapist']);
  for (const { part, variance } of found.parts) {
    if (!isEstimated(variance)) throw new Error(part);
    near(variance.estimate, expected[names[part]], part);
  }
  expect(found.parts.reduce((sum, it) => sum + it.share, 0)).toBeCloseTo(1, 12);
});
