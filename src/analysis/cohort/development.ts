import { sampleVariance } from 'simple-statistics';
import { RATERS, type Rater } from '../cohort-data.ts';
import { type Estimate, isEstimated, type Reason, type Test, without } from '../estimate.ts';
import { contrastOf, type Inference, testOf } from '../mixed/contrast.ts';
import { type Fit, fitMixed, isFitted, type NotFitted } from '../mixed/fit.ts';
import { kenwardRoger } from '../mixed/kenward-roger.ts';
import { momentsOf } from '../mixed/moments.ts';
import { randomIntercept, unstructured } from '../mixed/structure.ts';
import { fitWithTherapists, isTherapistFit } from '../mixed/therapist-fit.ts';
import type { ArmContrast, CovarianceEntry, CovarianceStructure, Development } from '../result.ts';
import { type Cohort, ratedBy } from './cohort.ts';
import { type Design, designOf, weightsOf } from './design.ts';
import { varianceEstimate } from './variance-estimate.ts';

/** Development of the alliance for each rater; with the therapist model where `therapists` asks for it. */
export const development = (cohort: Cohort, therapists: boolean): Development[] =>
  RATERS.map((rater) => developmentOf(cohort, rater, designOf(cohort, ratedBy(cohort, rater)), therapists));

function developmentOf(cohort: Cohort, rater: Rater, design: Design, therapists: boolean): Development {
  const base = {
    rater,
    patients: design.patients,
    ratings: design.rows.length,
    covariates: design.covariates,
    visitsIn: design.visits,
  };
  const chosen = fitDesign(design, therapists);
  if ('reason' in chosen) return { ...base, ...nothing(design.patients, chosen.reason) };
  const { fit, structure, fellBack } = chosen;
  const inference = kenwardRoger(fit);
  if (inference === undefined) return { ...base, ...nothing(design.patients, 'not-identified') };
  const scale = standardDeviations(design);
  return {
    ...base,
    structure,
    ...(fellBack === undefined ? {} : { fellBack }),
    covariance: covarianceEntries(fit, design.visits),
    deviance: fit.deviance,
    means: adjustedMeans(cohort, design, inference),
    contrasts: armContrasts(design, inference, cohort.plan.level, scale),
    interaction: interactionOf(design, inference),
    visits: visitTest(design, inference),
    ...(therapists ? therapistPart(cohort, design, fit, scale) : {}),
  };
}

const nothing = (n: number, reason: Reason) => ({
  reason,
  covariance: [],
  means: [],
  contrasts: [],
  interaction: without(n, reason),
  visits: without(n, reason),
});

interface Chosen {
  readonly fit: Fit;
  readonly structure: CovarianceStructure;
  readonly fellBack?: Reason;
}

/** The unstructured model, or a patient random intercept where that does not converge. */
export function fitDesign(design: Design, withGroups: boolean): Chosen | NotFitted {
  const moments = momentsOf(design.rows, design.columns, withGroups);
  if (design.visits.length === 0) return { reason: design.offered === 0 ? 'no-data' : 'too-few' };
  const free = fitMixed(moments, unstructured(design.visits.length));
  if (isFitted(free) && kenwardRoger(free) !== undefined) return { fit: free, structure: 'unstructured' };
  if (design.visits.length === 1) return isFitted(free) ? { reason: 'not-identified' } : free;
  const fellBack = isFitted(free) ? 'not-identified' : free.reason;
  const plain = fitMixed(moments, randomIntercept(design.visits.length));
  return isFitted(plain) ? { fit: plain, structure: 'random-intercept', fellBack } : plain;
}

function covarianceEntries(fit: Fit, visits: readonly string[]): CovarianceEntry[] {
  const { covariance } = fit;
  return visits.flatMap((a, i) =>
    visits.slice(0, i + 1).map((b, j) => ({
      a,
      b,
      covariance: covariance.get(i, j),
      correlation: covariance.get(i, j) / Math.sqrt(covariance.get(i, i) * covariance.get(j, j)),
    })),
  );
}

const adjustedMeans = (cohort: Cohort, design: Design, inference: Inference): Development['means'] =>
  design.arms.flatMap((arm, a) =>
    design.visits.map((visit, v) => ({
      arm,
      visit,
      mean: contrastOf(inference, weightsOf(design, [[design.column(0, a, v), 1]]), design.patients, cohort.plan.level),
    })),
  );

/** `of` − `against` at one visit. */
const differenceAt = (design: Design, visit: number, by = 1): [number, number][] => [
  [design.column(0, 1, visit), by],
  [design.column(0, 0, visit), -by],
];

/** The weights of the arm difference averaged over visits. */
const averagedDifference = (design: Design): Float64Array =>
  weightsOf(
    design,
    design.visits.flatMap((_, v) => differenceAt(design, v, 1 / design.visits.length)),
  );

function armContrasts(
  design: Design,
  inference: Inference,
  level: number,
  scale: readonly number[],
): readonly ArmContrast[] {
  if (design.arms.length < 2) return [];
  const estimate = (weights: Float64Array): Estimate => contrastOf(inference, weights, design.patients, level);
  const overall = Math.sqrt(scale.reduce((sum, it) => sum + it ** 2, 0) / scale.length);
  const contrast = (at: string, weights: Float64Array, sd: number): ArmContrast => {
    const difference = estimate(weights);
    return { at, difference, standardised: standardised(difference, sd) };
  };
  return [
    contrast('average', averagedDifference(design), overall),
    ...design.visits.map((visit, v) => contrast(visit, weightsOf(design, differenceAt(design, v)), scale[v] ?? 0)),
  ];
}

/** The difference in pooled SDs; the SD is taken as known, as docs/statistics.md says. */
function standardised(difference: Estimate, sd: number): Estimate {
  if (!isEstimated(difference)) return difference;
  if (!(sd > 0)) return without(difference.n, 'zero-variance');
  const { n, estimate, interval } = difference;
  const scaled = interval && { ...interval, low: interval.low / sd, high: interval.high / sd };
  return { n, estimate: estimate / sd, method: 'difference-over-pooled-sd', ...(scaled && { interval: scaled }) };
}

/** SD of the totals within arms, pooled, at each visit. */
function standardDeviations(design: Design): number[] {
  const cells = new Map<number, number[]>();
  for (const { x, y } of design.rows) {
    const column = x.indexOf(1);
    const own = cells.get(column);
    if (own === undefined) cells.set(column, [y]);
    else own.push(y);
  }
  return design.visits.map((_, v) => {
    let [squares, df] = [0, 0];
    for (const arm of design.arms.keys()) {
      const own = cells.get(design.column(0, arm, v)) ?? [];
      if (own.length < 2) continue;
      squares += (own.length - 1) * sampleVariance(own);
      df += own.length - 1;
    }
    return Math.sqrt(squares / df);
  });
}

function interactionOf(design: Design, inference: Inference): Test {
  if (design.arms.length < 2) return without(design.patients, design.notCompared);
  if (design.visits.length < 2) return without(design.patients, 'too-few');
  const contrasts = design.visits
    .slice(1)
    .map((_, v) => weightsOf(design, [...differenceAt(design, v + 1), ...differenceAt(design, 0, -1)]));
  return testOf(inference, contrasts, design.patients);
}

function visitTest(design: Design, inference: Inference): Test {
  if (design.visits.length < 2) return without(design.patients, 'too-few');
  const contrasts = design.visits.slice(1).map((_, v) =>
    weightsOf(
      design,
      design.arms.flatMap((_arm, a): [number, number][] => [
        [design.column(0, a, v + 1), 1 / design.arms.length],
        [design.column(0, a, 0), -1 / design.arms.length],
      ]),
    ),
  );
  return testOf(inference, contrasts, design.patients);
}

function therapistPart(
  cohort: Cohort,
  design: Design,
  fit: Fit,
  scale: readonly number[],
): Pick<Development, 'therapistModel'> {
  const found = fitWithTherapists(fit.moments, fit.structure, fit.factors);
  if (!isTherapistFit(found)) {
    const none = without(design.patients, found.reason);
    const therapists = new Set(design.rows.map((it) => it.group)).size;
    return { therapistModel: { therapists, variance: none, contrasts: [], interaction: none } };
  }
  const { inference, therapists, between, logErrors } = found;
  return {
    therapistModel: {
      therapists,
      variance: varianceEstimate(between, logErrors.at(-1), design.patients, cohort.plan.level),
      contrasts: armContrasts(design, inference, cohort.plan.level, scale),
      interaction: interactionOf(design, inference),
    },
  };
}
