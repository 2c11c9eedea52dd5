import type { MeasuredIn } from '../result.ts';
import type { Cohort, Rating } from './cohort.ts';

/**
 * The arms in which a thing is measured: those in which the plan’s minimum of patients were. Stray values of the others
 * would join two arms of which one alone tells, and are left out by name.
 */
export function measuredArms(
  { arms, plan }: Cohort,
  patients: readonly { readonly index: number; readonly arm: string | undefined }[],
): MeasuredIn {
  const counts = arms.map((arm) => ({
    arm,
    n: new Set(patients.filter((it) => it.arm === arm).map((it) => it.index)).size,
  }));
  return {
    arms: counts.filter((it) => it.n >= plan.minimum).map((it) => it.arm),
    armsLeftOut: counts.filter((it) => it.n > 0 && it.n < plan.minimum),
  };
}

/** Whether a patient counts where a thing is measured in these arms; one of no known arm does. */
export const isMeasured = ({ armsLeftOut }: MeasuredIn, arm: string | undefined): boolean =>
  armsLeftOut.every((it) => it.arm !== arm);

/** The ratings at which a thing was measured, as a model takes them. */
export interface Measured {
  readonly found: MeasuredIn;
  readonly ratings: readonly Rating[];
  /** Without the comparison, where the thing is not measured in both its arms. */
  readonly cohort: Cohort;
}

/** A thing measured in one of the compared arms is analysed in that arm alone: the comparison is then dropped, not the arm. */
export function ofMeasuredArms(cohort: Cohort, ratings: readonly Rating[]): Measured {
  const { comparison } = cohort;
  const found = measuredArms(
    cohort,
    ratings.map((it) => ({ index: it.index, arm: it.patient.arm })),
  );
  const kept = ratings.filter((it) => isMeasured(found, it.patient.arm));
  if (comparison === undefined) return { found, ratings: kept, cohort };
  const compared = [comparison.of, comparison.against].filter((it) => found.arms.includes(it));
  if (compared.length === 2) return { found, ratings: kept, cohort };
  const own = kept.filter(({ patient }) => patient.arm === undefined || compared.includes(patient.arm));
  return { found, ratings: own, cohort: { ...cohort, comparison: undefined } };
}
