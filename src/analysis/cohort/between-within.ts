import type { Rater } from '../cohort-data.ts';
import { type Reason, without } from '../estimate.ts';
import { contrastOf } from '../mixed/contrast.ts';
import { fitMixed, isFitted } from '../mixed/fit.ts';
import { kenwardRoger } from '../mixed/kenward-roger.ts';
import { momentsOf } from '../mixed/moments.ts';
import { randomIntercept } from '../mixed/structure.ts';
import type { AssociatedVariable } from '../plan.ts';
import type { BetweenWithin } from '../result.ts';
import { type Cohort, type Rating, ratedBy } from './cohort.ts';
import { designOf, weightsOf } from './design.ts';
import { measuredAt } from './measured.ts';
import { ofMeasuredArms } from './measured-arms.ts';

/** Alliance on a patient’s mean of the variable and on the deviation from it, arm × visit and covariates held; patient random intercept. */
export function betweenWithin(cohort: Cohort, variable: AssociatedVariable, outcome: Rater): BetweenWithin {
  const having = ratedBy(cohort, outcome).filter((it) => measuredAt(variable, it) !== undefined);
  const { found, ratings, cohort: within } = ofMeasuredArms(cohort, having);
  const measured = ratings.flatMap((rating) => {
    const value = measuredAt(variable, rating);
    return value === undefined ? [] : [{ rating, value }];
  });
  const means = meansOf(measured);
  const values = new Map(measured.map((it) => [it.rating, it.value]));
  const meanOf = (it: Rating): number => means.get(it.index) ?? 0;
  const design = designOf(
    within,
    measured.map((it) => it.rating),
    {
      layers: 1,
      layerOf: () => 0,
      more: [
        { name: 'between', valueOf: meanOf },
        { name: 'within', valueOf: (it) => (values.get(it) ?? 0) - meanOf(it) },
      ],
    },
  );
  const { armsLeftOut } = found;
  const base = { variable, outcome, armsLeftOut, patients: design.patients, ratings: design.rows.length };
  const none = (reason: Reason): BetweenWithin => ({
    ...base,
    between: without(design.patients, reason),
    within: without(design.patients, reason),
  });
  if (having.length === 0) return none('measured-nowhere');
  if (design.visits.length < 2) return none('too-few');
  const fit = fitMixed(momentsOf(design.rows, design.columns, false), randomIntercept(design.visits.length));
  if (!isFitted(fit)) return none(fit.reason);
  const inference = kenwardRoger(fit);
  if (inference === undefined) return none('not-identified');
  const slope = (column: number) =>
    contrastOf(inference, weightsOf(design, [[column, 1]]), design.patients, cohort.plan.level);
  return { ...base, between: slope(design.columns - 2), within: slope(design.columns - 1) };
}

function meansOf(measured: readonly { readonly rating: Rating; readonly value: number }[]): Map<number, number> {
  const sums = new Map<number, { n: number; sum: number }>();
  for (const { rating, value } of measured) {
    const own = sums.get(rating.index) ?? { n: 0, sum: 0 };
    sums.set(rating.index, own);
    own.n += 1;
    own.sum += value;
  }
  return new Map([...sums].map(([index, it]) => [index, it.sum / it.n]));
}
