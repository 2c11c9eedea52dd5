import { RATERS, type Rater } from '../cohort-data.ts';
import { isEstimated, without } from '../estimate.ts';
import { holm, type Pair, pearsonOf, spearmanOf } from '../estimators/correlation.ts';
import { regress } from '../estimators/least-squares.ts';
import { isConstant, sdOf } from '../estimators/location.ts';
import type { AssociatedVariable, PlannedAssociation } from '../plan.ts';
import type { Association, Associations, JointSatisfaction } from '../result.ts';
import { betweenWithin } from './between-within.ts';
import { type Cohort, type Rating, ratedBy } from './cohort.ts';
import { measuredAt } from './measured.ts';
import { isMeasured, measuredArms } from './measured-arms.ts';
import { platformAssociation } from './platform.ts';

/** What goes with alliance, by the plan’s list. */
export function associations(cohort: Cohort): Associations {
  const planned = cohort.plan.associations;
  const varying = planned.filter((it) => it.variable !== 'age');
  return {
    single: adjusted(planned.map((it) => single(cohort, it))),
    together: RATERS.filter((rater) => planned.some((it) => it.outcome === rater && it.variable === 'sus')).map((it) =>
      together(cohort, it),
    ),
    betweenWithin: varying.map((it) => betweenWithin(cohort, it.variable, it.outcome)),
    platform: platformAssociation(cohort),
  };
}

/** One pair a patient: means over the visits at which both were measured, so that patients are independent. */
function single(cohort: Cohort, planned: PlannedAssociation): Association {
  const { variable, outcome, coefficient, family } = planned;
  const all = patientMeans(ratedBy(cohort, outcome), [variable]);
  const found = measuredArms(cohort, all);
  const pairs = all.filter((it) => isMeasured(found, it.arm)).map((it): Pair => [it.values[0] ?? 0, it.total]);
  const { level, minimum } = cohort.plan;
  const few = pairs.length < minimum;
  const reason = all.length === 0 ? 'measured-nowhere' : 'too-few';
  return {
    variable,
    outcome,
    ...found,
    declared: coefficient,
    spearman: few ? without(pairs.length, reason) : spearmanOf(pairs, level),
    pearson: few ? without(pairs.length, reason) : pearsonOf(pairs, level),
    family,
  };
}

/** Holm over those of the family that have a p. */
function adjusted(found: readonly Association[]): Association[] {
  const pOf = (it: Association): number | undefined => {
    const declared = it[it.declared];
    return it.family && isEstimated(declared) ? declared.p : undefined;
  };
  const members = found.filter((it) => pOf(it) !== undefined);
  const corrected = holm(members.map((it) => pOf(it) ?? 1));
  return found.map((it) => {
    const adjustedP = corrected[members.indexOf(it)];
    return adjustedP === undefined ? it : { ...it, adjustedP };
  });
}

interface PatientMean {
  readonly index: number;
  readonly arm: string | undefined;
  readonly total: number;
  readonly values: readonly number[];
}

function patientMeans(ratings: readonly Rating[], variables: readonly AssociatedVariable[]): PatientMean[] {
  const sums = new Map<number, { n: number; total: number; values: number[]; arm: string | undefined }>();
  for (const rating of ratings) {
    const values = variables.flatMap((it) => measuredAt(it, rating) ?? []);
    if (values.length < variables.length) continue;
    const own = sums.get(rating.index) ?? { n: 0, total: 0, values: values.map(() => 0), arm: rating.patient.arm };
    sums.set(rating.index, own);
    own.n += 1;
    own.total += rating.total;
    own.values = own.values.map((it, i) => it + (values[i] ?? 0));
  }
  return [...sums].map(([index, it]) => ({
    index,
    arm: it.arm,
    total: it.total / it.n,
    values: it.values.map((value) => value / it.n),
  }));
}

/** SUS and VAS in one regression, each in SDs, and how much of what they explain they share. */
function together(cohort: Cohort, outcome: Rater): JointSatisfaction {
  const all = patientMeans(ratedBy(cohort, outcome), ['sus', 'vas-app']);
  const { armsLeftOut, ...found } = measuredArms(cohort, all);
  const means = all.filter((it) => isMeasured({ armsLeftOut, ...found }, it.arm));
  const { level, minimum } = cohort.plan;
  const n = means.length;
  const columns = [0, 1].map((i) => means.map((it) => it.values[i] ?? 0));
  const reason = all.length === 0 ? 'measured-nowhere' : n < minimum ? 'too-few' : undefined;
  const none = (why: Parameters<typeof without>[1]): JointSatisfaction => ({
    outcome,
    armsLeftOut,
    n,
    sus: without(n, why),
    vasApp: without(n, why),
    overlap: without(n, why),
  });
  if (reason !== undefined) return none(reason);
  const totals = means.map((it) => it.total);
  if (columns.some(isConstant)) return none('zero-variance');
  const scaled = columns.map((column) => {
    const sd = sdOf(column, level);
    return column.map((it) => it / (isEstimated(sd) ? sd.estimate : 1));
  });
  const overlap = pearsonOf(
    means.map((it): Pair => [it.values[0] ?? 0, it.values[1] ?? 0]),
    level,
  );
  const full = regress(scaled, totals, level);
  if ('reason' in full) return { ...none(full.reason), overlap };
  const alone = scaled.map((column) => {
    const found = regress([column], totals, level);
    return 'reason' in found ? 0 : found.rSquared;
  });
  const [withSus = 0, withVas = 0] = alone;
  const r = isEstimated(overlap) ? overlap.estimate : 1;
  return {
    outcome,
    armsLeftOut,
    n,
    sus: full.slopes[0] ?? without(n, 'no-data'),
    vasApp: full.slopes[1] ?? without(n, 'no-data'),
    overlap,
    ...(Math.abs(r) < 1 ? { varianceInflation: 1 / (1 - r ** 2) } : {}),
    unique: {
      sus: full.rSquared - withVas,
      vasApp: full.rSquared - withSus,
      common: withSus + withVas - full.rSquared,
    },
  };
}
