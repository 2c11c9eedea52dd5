import { type Estimate, type Reason, type Test, without } from '../estimate.ts';
import { contrastOf, type Inference, testOf } from '../mixed/contrast.ts';
import { fitMixed, isFitted } from '../mixed/fit.ts';
import { kenwardRoger } from '../mixed/kenward-roger.ts';
import { momentsOf } from '../mixed/moments.ts';
import { type Block, correlated, type Structure, variance } from '../mixed/structure.ts';
import type { JointDevelopment } from '../result.ts';
import type { Cohort } from './cohort.ts';
import { type Design, designOf, weightsOf } from './design.ts';

/** Both raters in one model: rater × arm × visit, a correlated intercept of the patient for each rater. */
export function jointDevelopment(cohort: Cohort): JointDevelopment {
  const design = designOf(cohort, cohort.ratings, {
    layers: 2,
    layerOf: (it) => (it.row.rater === 'patient' ? 0 : 1),
  });
  const base = { patients: design.patients, ratings: design.rows.length };
  if (design.visits.length < 2) return { ...base, ...nothing(design.patients, 'too-few') };
  const moments = momentsOf(design.rows, design.columns, false);
  const raters = raterOfOccasion(design);
  const common = variance('residual', raters.length, (a, b) => a === b);
  const fit = fitMixed(moments, structureOf(raters, [common]));
  if (!isFitted(fit)) return { ...base, ...nothing(design.patients, fit.reason) };
  const inference = kenwardRoger(fit);
  if (inference === undefined) return { ...base, ...nothing(design.patients, 'not-identified') };
  const [residual = 0, patient = 0, covariance = 0, therapist = 0] = fit.theta;
  const own = fitMixed(moments, structureOf(raters, residualsByRater(raters)));
  const separate = isFitted(own) ? kenwardRoger(own) : undefined;
  return {
    ...base,
    deviance: fit.deviance,
    variances: [
      { part: 'patient-intercept', value: patient },
      { part: 'therapist-intercept', value: therapist },
      ...(patient * therapist > 0
        ? [{ part: 'intercept-correlation', value: covariance / Math.sqrt(patient * therapist) }]
        : []),
      { part: 'residual', value: residual },
    ],
    ...claims(cohort, design, inference),
    ...(separate && {
      residualByRater: { threeWay: threeWay(design, separate), raterByArm: raterByArm(cohort, design, separate) },
    }),
  };
}

const nothing = (n: number, reason: Reason) => ({
  reason,
  variances: [],
  threeWay: without(n, reason),
  raterByArm: without(n, reason),
  raterByVisit: without(n, reason),
  rater: without(n, reason),
});

export const raterOfOccasion = (design: Design): number[] => [0, 1].flatMap((rater) => design.visits.map(() => rater));

const structureOf = (raters: readonly number[], residuals: readonly Block[]): Structure => ({
  occasions: raters.length,
  blocks: [...residuals, correlated('intercepts', raters, 2)],
});

const residualsByRater = (raters: readonly number[]): Block[] =>
  [0, 1].map((rater) => variance(`residual-${rater}`, raters.length, (a, b) => a === b && raters[a] === rater));

const claims = (cohort: Cohort, design: Design, inference: Inference) => ({
  threeWay: threeWay(design, inference),
  raterByArm: raterByArm(cohort, design, inference),
  raterByVisit: raterByVisit(design, inference),
  rater: raterDifference(cohort, design, inference),
});

/** Weights of Σ sign(rater)·sign(arm)·cell at one visit. */
const crossed = (design: Design, visit: number, by: number): [number, number][] =>
  [0, 1].flatMap((rater) =>
    [0, 1].map((arm): [number, number] => [design.column(rater, arm, visit), by * (rater === arm ? 1 : -1)]),
  );

function threeWay(design: Design, inference: Inference): Test {
  if (design.arms.length < 2) return without(design.patients, design.notCompared);
  const contrasts = design.visits
    .slice(1)
    .map((_, v) => weightsOf(design, [...crossed(design, v + 1, 1), ...crossed(design, 0, -1)]));
  return testOf(inference, contrasts, design.patients);
}

function raterByArm(cohort: Cohort, design: Design, inference: Inference): Estimate {
  if (design.arms.length < 2) return without(design.patients, design.notCompared);
  const weights = weightsOf(
    design,
    design.visits.flatMap((_, v) => crossed(design, v, 1 / design.visits.length)),
  );
  return contrastOf(inference, weights, design.patients, cohort.plan.level);
}

/** Therapist − patient at one visit, averaged over arms. */
const raterAt = (design: Design, visit: number, by: number): [number, number][] =>
  design.arms.flatMap((_, arm): [number, number][] => [
    [design.column(1, arm, visit), by / design.arms.length],
    [design.column(0, arm, visit), -by / design.arms.length],
  ]);

function raterByVisit(design: Design, inference: Inference): Test {
  const contrasts = design.visits
    .slice(1)
    .map((_, v) => weightsOf(design, [...raterAt(design, v + 1, 1), ...raterAt(design, 0, -1)]));
  return testOf(inference, contrasts, design.patients);
}

function raterDifference(cohort: Cohort, design: Design, inference: Inference): Estimate {
  const weights = weightsOf(
    design,
    design.visits.flatMap((_, v) => raterAt(design, v, 1 / design.visits.length)),
  );
  return contrastOf(inference, weights, design.patients, cohort.plan.level);
}
