import { RATERS, type Rater } from '../cohort-data.ts';
import { type Estimate, isEstimated, type Reason, without } from '../estimate.ts';
import { impute } from '../imputation/gibbs.ts';
import { type Completed, pool } from '../imputation/rubin.ts';
import { shiftedRegression } from '../imputation/shifted-regression.ts';
import { seeded } from '../numeric/random.ts';
import type { Imputed, ShiftedArm } from '../result.ts';
import type { Cohort } from './cohort.ts';
import { type Completing, completingOf } from './completed.ts';

const SHIFTED: readonly ShiftedArm[] = ['of', 'against', 'both'];

/** Multiple imputation by arm and rater, shifted by each δ of the plan in either and both arms: what a rating that is not given would have to be. */
export const imputation = (cohort: Cohort): Imputed[] => RATERS.map((rater) => imputedFor(cohort, rater));

function imputedFor(cohort: Cohort, rater: Rater): Imputed {
  const { imputations, deltas } = cohort.plan.missing;
  const completing = completingOf(cohort, rater);
  const none = (reason: Reason): Imputed => ({
    rater,
    imputations,
    reason,
    imputed: 0,
    notDue: 0,
    shifts: [],
    tipping: [],
  });
  if (typeof completing === 'string') return none(completing);
  const drawn = draw(cohort, rater, completing, imputations);
  if (drawn === undefined) return none(isFlat(completing) ? 'zero-variance' : 'no-convergence');
  const analyses = analyse(completing, drawn);
  if (analyses === undefined) return none('singular-design');
  const shifts = SHIFTED.flatMap((shifted) =>
    deltas.map((delta) => ({
      shifted,
      delta,
      difference: pool(analyses(shifted, delta), completing.design.patients, cohort.plan.level),
    })),
  );
  const count = (of: (it: Completing['arms'][number]) => Uint8Array): number =>
    completing.arms.reduce((sum, it) => sum + of(it).reduce((n, one) => n + one, 0), 0);
  const imputed = count((it) => it.withheld);
  return {
    rater,
    imputations,
    imputed,
    notDue: count((it) => it.data.missing) - imputed,
    shifts,
    tipping: SHIFTED.map((shifted) => ({ shifted, delta: tippingOf(shifts.filter((it) => it.shifted === shifted)) })),
  };
}

/** Whether one arm’s ratings are all the same at every visit: there is nothing to draw from. */
const isFlat = ({ arms }: Completing): boolean =>
  arms.some(({ data }) => {
    const known = data.y.filter((_, i) => data.missing[i] !== 1);
    return known.every((it) => it === known[0]);
  });

/** Each imputation’s means over visits of every patient, arm after arm. */
function draw(
  cohort: Cohort,
  rater: Rater,
  { design, arms }: Completing,
  imputations: number,
): Float64Array[] | undefined {
  const means = Array.from({ length: imputations }, () => new Float64Array(design.patients));
  const visits = design.visits.length;
  let offset = 0;
  for (const [arm, { data }] of arms.entries()) {
    const from = offset;
    const random = seeded(cohort.plan.seed, 'imputation', rater, design.arms[arm] ?? '');
    const drawn = impute(data, imputations, random, (y, which) => {
      const into = means[which];
      for (let i = 0; i < data.patients; i += 1)
        if (into !== undefined) into[from + i] = meanOf(y.subarray(i * visits, (i + 1) * visits));
    });
    if (!drawn) return undefined;
    offset += data.patients;
  }
  return means;
}

const meanOf = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i] ?? 0;
  return sum / values.length;
};

/** The averaged arm difference of each imputation under a shift: patients’ means on arm and covariates. */
function analyse(
  { design, arms }: Completing,
  means: readonly Float64Array[],
): ((shifted: ShiftedArm, delta: number) => Completed[]) | undefined {
  const places = arms.flatMap((it) => it.places);
  const cells = design.arms.length * design.visits.length;
  const reference = arms[0]?.data.patients ?? 0;
  const columns = [
    // Arms of a design: the reference first, then the one compared with it.
    Float64Array.from(places, (_, i) => (i < reference ? 0 : 1)),
    Float64Array.from(places, () => 1),
    ...Array.from({ length: design.columns - cells }, (_, a) =>
      Float64Array.from(places, (place) => design.rows[place]?.x[cells + a] ?? 0),
    ),
  ];
  const imputedShare = arms.flatMap(({ data, withheld }) =>
    Array.from({ length: data.patients }, (_, i) => meanOf(withheld.subarray(i * data.visits, (i + 1) * data.visits))),
  );
  const shifts = [0, 1].map((arm) =>
    Float64Array.from(imputedShare, (it, i) => (i < reference === (arm === 0) ? it : 0)),
  );
  const regression = shiftedRegression(columns, shifts);
  const each = regression && means.map((it) => regression.of(it));
  return (
    each &&
    ((shifted, delta) => each.map((at) => at([shifted === 'of' ? 0 : delta, shifted === 'against' ? 0 : delta])))
  );
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
