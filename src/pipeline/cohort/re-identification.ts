import type { CohortData } from '../../analysis/cohort-data.ts';

/** How easily somebody who knows these things of a patient finds the patient in the export. */
export interface ReIdentificationRisk {
  readonly quasiIdentifiers: readonly QuasiIdentifier[];
  readonly patients: number;
  /** Smallest group of patients who are alike in all of them (k); 0 without patients. */
  readonly smallestGroup: number;
  /** Patients who are alone with their combination. */
  readonly alone: number;
  /** Patients in groups below the threshold. */
  readonly below: number;
  /** Mean over patients of 1 / size of their group: the chance of the average patient to be picked out. */
  readonly averageRisk: number | undefined;
}

export type QuasiIdentifier = 'age' | 'site' | 'arm' | 'left';

/** What somebody may know of a patient. */
export type KnownOfPatient = Readonly<Record<QuasiIdentifier, string | number | undefined>>;

/** Groups of patients who are alike, counted while patients go by: memory grows with the groups, not with the patients. */
export interface RiskCount {
  note(patient: KnownOfPatient): void;
  risks(threshold: number): ReIdentificationRisk[];
}

/** k-anonymity over each set of quasi-identifiers (Sweeney 2002); an unknown value is a value like any other. */
export function countRisks(sets: readonly (readonly QuasiIdentifier[])[]): RiskCount {
  const counted = sets.map((quasiIdentifiers) => ({ quasiIdentifiers, groups: new Map<string, number>() }));
  let patients = 0;
  return {
    note: (known) => {
      patients += 1;
      for (const { quasiIdentifiers, groups } of counted) {
        const combination = JSON.stringify(quasiIdentifiers.map((it) => known[it] ?? null));
        groups.set(combination, (groups.get(combination) ?? 0) + 1);
      }
    },
    risks: (threshold) =>
      counted.map((it) => riskOf(it.quasiIdentifiers, [...it.groups.values()], patients, threshold)),
  };
}

/** The same of a whole data set. */
export function reIdentificationRisks(
  data: CohortData,
  sets: readonly (readonly QuasiIdentifier[])[],
  threshold: number,
): ReIdentificationRisk[] {
  const count = countRisks(sets);
  for (const { ageAtInclusion: age, site, arm, left } of data.patients) count.note({ age, site, arm, left });
  return count.risks(threshold);
}

const riskOf = (
  quasiIdentifiers: readonly QuasiIdentifier[],
  sizes: readonly number[],
  patients: number,
  threshold: number,
): ReIdentificationRisk => ({
  quasiIdentifiers,
  patients,
  smallestGroup: sizes.reduce((least, it) => Math.min(least, it), patients),
  alone: sizes.filter((it) => it === 1).length,
  below: sizes.filter((it) => it < threshold).reduce((sum, it) => sum + it, 0),
  // Each group of m patients adds m · 1/m = 1 to the sum over patients.
  averageRisk: patients === 0 ? undefined : sizes.length / patients,
});
