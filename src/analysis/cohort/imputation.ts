import { RATERS, type Rater } from '../cohort-data.ts';
import { type Estimate, isEstimated, type Reason, without } from '../estimate.ts';
import { impute } from '../imputation/gibbs.ts';
import { type Completed, pool } from '../imputation/rubin.ts';
import { type Shiftable, shiftable } from '../imputation/shifted-moments.ts';
import { contrastOf } from '../mixed/contrast.ts';
import { fitMixed, isFitted } from '../mixed/fit.ts';
import { kenwardRoger } from '../mixed/kenward-roger.ts';
import type { Moments } from '../mixed/moments.ts';
import { unstructured } from '../mixed/structure.ts';
import { seeded } from '../numeric/random.ts';
import type { Imputed, ShiftedArm } from '../result.ts';
import type { Cohort } from './cohort.ts';
import { type Completing, completingOf } from './completed.ts';
import { averagedDifference } from './development.ts';

const SHIFTED: readonly ShiftedArm[] = ['of', 'against', 'both'];

/** Multiple imputation by arm and rater, shifted by each δ of the plan in either and both arms: what a rating that is not given would have to be. */
export const imputation = (cohort: Cohort): Imputed[] => RATERS.map((rater) => imputedFor(cohort, rater));

function imputedFor(cohort: Cohort, rater: Rater): Imputed {
  const { imputations, deltas } = cohort.plan.missing;
  const completing = completingOf(cohort, rater);
  const none = (reason: Reason): Imputed => ({ rater, imputations, reason, imputed: 0, shifts: [], tipping: [] });
  if (typeof completing === 'string') return none(completing);
  const drawn = draw(cohort, rater, completing, imputations);
  if (drawn === undefined) return none('no-convergence');
  const analyses = analyse(cohort, completing, drawn);
  const shifts = SHIFTED.flatMap((shifted) =>
    deltas.map((delta) => ({
      shifted,
      delta,
      difference: pool(analyses(shifted, delta), completing.design.patients, cohort.plan.level),
    })),
  );
  const imputed = completing.arms.reduce((sum, it) => sum + it.data.missing.reduce((n, one) => n + one, 0), 0);
  return {
    rater,
    imputations,
    imputed,
    shifts,
    tipping: SHIFTED.map((shifted) => ({ shifted, delta: tippingOf(shifts.filter((it) => it.shifted === shifted)) })),
  };
}

/** The completed y of each imputation, in the order of the design’s rows. */
function draw(cohort: Cohort, rater: Rater, completing: Completing, imputations: number): Float64Array[] | undefined {
  const { design, arms } = completing;
  const completed = Array.from({ length: imputations }, () => Float64Array.from(design.rows, (it) => it.y));
  const visits = design.visits.length;
  for (const [arm, { data, places }] of arms.entries()) {
    const random = seeded(cohort.plan.seed, 'imputation', rater, design.arms[arm] ?? '');
    const drawn = impute(data, imputations, random, (y, which) => {
      const into = completed[which];
      for (const [i, place] of places.entries())
        for (let t = 0; t < visits; t += 1) if (into !== undefined) into[place + t] = y[i * visits + t] ?? 0;
    });
    if (!drawn) return undefined;
  }
  return completed;
}

/** The averaged arm difference of each imputation under a shift. */
function analyse(
  cohort: Cohort,
  { design, arms }: Completing,
  completed: readonly Float64Array[],
): (shifted: ShiftedArm, delta: number) => Completed[] {
  const visits = design.visits.length;
  const imputed = arms.map(({ data, places }) => {
    const mask = new Uint8Array(design.rows.length);
    for (const [i, place] of places.entries()) mask.set(data.missing.subarray(i * visits, (i + 1) * visits), place);
    return mask;
  });
  const base: Shiftable = shiftable({ rows: design.rows, visits, columns: design.columns, imputed });
  const moments = completed.map((y) => base.at(y));
  const weights = averagedDifference(design);
  const starts: (Float64Array | undefined)[] = completed.map(() => undefined);
  return (shifted, delta) =>
    moments.flatMap((at, i): Completed[] => {
      // Arms of a design: the reference first, then the one compared with it.
      const found = difference(
        at([shifted === 'of' ? 0 : delta, shifted === 'against' ? 0 : delta]),
        weights,
        starts[i],
      );
      starts[i] = found?.factors ?? starts[i];
      return found === undefined ? [] : [found];
    });

  function difference(
    data: Moments,
    contrast: Float64Array,
    start: Float64Array | undefined,
  ): (Completed & { readonly factors: Float64Array }) | undefined {
    const fit = fitMixed(data, unstructured(visits), start);
    const inference = isFitted(fit) ? kenwardRoger(fit) : undefined;
    if (inference === undefined || !isFitted(fit)) return undefined;
    const it = contrastOf(inference, contrast, data.patients, cohort.plan.level);
    if (!isEstimated(it) || it.standardError === undefined || it.df === undefined) return undefined;
    return { estimate: it.estimate, variance: it.standardError ** 2, df: it.df, factors: fit.factors };
  }
}

/** The first shift, in the plan’s order, at which the interval no longer stands on the same side of zero as without one. */
function tippingOf(shifts: Imputed['shifts']): Estimate {
  const side = (it: Estimate): number =>
    isEstimated(it) && it.interval !== undefined ? Number(it.interval.low > 0) - Number(it.interval.high < 0) : 0;
  const [first, ...rest] = shifts;
  if (first === undefined) return without(0, 'no-data');
  const tipped = rest.find((it) => side(it.difference) !== side(first.difference));
  return tipped === undefined
    ? without(first.difference.n, 'conclusion-never-changes')
    : { n: first.difference.n, estimate: tipped.delta, method: 'rubin-barnard-rubin' };
}
