import { without } from '../estimate.ts';
import { type Pair, spearmanOf } from '../estimators/correlation.ts';
import { contrastOf } from '../mixed/contrast.ts';
import { momentsOf } from '../mixed/moments.ts';
import { randomIntercept } from '../mixed/structure.ts';
import { betweenTherapistsDf } from '../mixed/tells-therapists.ts';
import { fitWithTherapists, isTherapistFit } from '../mixed/therapist-fit.ts';
import type { TherapistAssociation } from '../result.ts';
import { type Cohort, type Rating, ratedBy } from './cohort.ts';
import { designOf, weightsOf } from './design.ts';
import { ofMeasuredArms } from './measured-arms.ts';

/** A variance between therapists below this part of the others is one of zero (as lme4’s isSingular: an SD of 1e-4). */
const SINGULAR = 1e-8;

/**
 * The therapist’s alliance and the therapist’s satisfaction with the platform: a variable of therapists, so that
 * therapists are the clusters of the model and the cases of the correlation, however many patients each has.
 */
export function platformAssociation(cohort: Cohort): TherapistAssociation {
  const satisfaction = new Map(
    cohort.data.therapists.flatMap(({ therapist, vasPlatform }): [string, number][] =>
      vasPlatform.length === 0 ? [] : [[therapist, vasPlatform.reduce((sum, it) => sum + it, 0) / vasPlatform.length]],
    ),
  );
  const satisfactionOf = (it: Rating): number | undefined =>
    satisfaction.get(cohort.therapistOf.get(it.row.patient) ?? '');
  const having = ratedBy(cohort, 'therapist').filter((it) => satisfactionOf(it) !== undefined);
  const { found, ratings: rated, cohort: measured } = ofMeasuredArms(cohort, having);
  const pairs = therapistMeans(cohort, rated, satisfaction);
  const { armsLeftOut } = found;
  const spearman = spearmanOf(pairs, cohort.plan.level);
  const base = { therapists: pairs.length, ratings: rated.length, armsLeftOut, spearman };
  if (having.length === 0) return { ...base, slope: without(0, 'measured-nowhere') };
  // Slope and intercept of fewer than five clusters are a line through points.
  if (pairs.length < 5) return { ...base, slope: without(pairs.length, 'too-few') };
  const design = designOf(measured, rated, {
    layers: 1,
    layerOf: () => 0,
    more: [{ name: 'vas-platform', valueOf: (it) => satisfactionOf(it) ?? 0 }],
  });
  if (design.visits.length < 2) return { ...base, slope: without(pairs.length, 'too-few') };
  const moments = momentsOf(design.rows, design.columns, true);
  const fit = fitWithTherapists(moments, randomIntercept(design.visits.length));
  if (!isTherapistFit(fit)) return { ...base, slope: without(pairs.length, fit.reason) };
  const weights = weightsOf(design, [[design.columns - 1, 1]]);
  // Where the variance between therapists is estimated at zero Satterthwaite’s method counts patients: the variable has no
  // more evidence than there are therapists.
  const most = { df: betweenTherapistsDf(moments), method: 'reml-containment' } as const;
  const slope = contrastOf(fit.inference, weights, pairs.length, cohort.plan.level, most);
  return { ...base, slope, singular: fit.between < SINGULAR * fit.theta.reduce((sum, it) => sum + it, 0) };
}

function therapistMeans(cohort: Cohort, rated: readonly Rating[], satisfaction: ReadonlyMap<string, number>): Pair[] {
  const sums = new Map<string, { n: number; sum: number }>();
  for (const rating of rated) {
    const therapist = cohort.therapistOf.get(rating.row.patient) ?? '';
    const own = sums.get(therapist) ?? { n: 0, sum: 0 };
    sums.set(therapist, own);
    own.n += 1;
    own.sum += rating.total;
  }
  return [...sums].map(([therapist, it]): Pair => [satisfaction.get(therapist) ?? 0, it.sum / it.n]);
}
