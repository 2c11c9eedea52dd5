import { without } from '../estimate.ts';
import { type Pair, spearmanOf } from '../estimators/correlation.ts';
import { contrastOf } from '../mixed/contrast.ts';
import { momentsOf } from '../mixed/moments.ts';
import { randomIntercept } from '../mixed/structure.ts';
import { fitWithTherapists, isTherapistFit } from '../mixed/therapist-fit.ts';
import type { TherapistAssociation } from '../result.ts';
import { ofMeasuredArms, whereMeasured } from './between-within.ts';
import { type Cohort, type Rating, ratedBy } from './cohort.ts';
import { designOf, weightsOf } from './design.ts';

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
  const rated = ofMeasuredArms(
    cohort,
    ratedBy(cohort, 'therapist').filter((it) => satisfactionOf(it) !== undefined),
  );
  const pairs = therapistMeans(cohort, rated, satisfaction);
  const base = { therapists: pairs.length, ratings: rated.length, spearman: spearmanOf(pairs, cohort.plan.level) };
  if (rated.length === 0) return { ...base, slope: without(0, 'measured-nowhere') };
  // Slope and intercept of fewer than five clusters are a line through points.
  if (pairs.length < 5) return { ...base, slope: without(pairs.length, 'too-few') };
  const design = designOf(whereMeasured(cohort, rated), rated, {
    layers: 1,
    layerOf: () => 0,
    more: [{ name: 'vas-platform', valueOf: (it) => satisfactionOf(it) ?? 0 }],
  });
  if (design.visits.length < 2) return { ...base, slope: without(pairs.length, 'too-few') };
  const moments = momentsOf(design.rows, design.columns, true);
  const found = fitWithTherapists(moments, randomIntercept(design.visits.length));
  if (!isTherapistFit(found)) return { ...base, slope: without(pairs.length, found.reason) };
  const weights = weightsOf(design, [[design.columns - 1, 1]]);
  // A variable of therapists has the evidence of therapists: their number less intercept and slope bounds the df, which
  // Satterthwaite’s method no longer does where the variance between therapists is estimated at zero.
  const slope = contrastOf(found.inference, weights, pairs.length, cohort.plan.level, pairs.length - 2);
  return { ...base, slope, singular: found.between < 1e-6 };
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
