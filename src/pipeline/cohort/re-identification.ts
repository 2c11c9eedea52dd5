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

/** k-anonymity over each set of quasi-identifiers (Sweeney 2002); an unknown value is a value like any other. */
export function reIdentificationRisks(
  data: CohortData,
  sets: readonly (readonly QuasiIdentifier[])[],
  threshold: number,
): ReIdentificationRisk[] {
  return sets.map((quasiIdentifiers) => {
    const sizes = groupSizes(data, quasiIdentifiers);
    const small = sizes.filter((it) => it < threshold);
    const patients = data.patients.length;
    return {
      quasiIdentifiers,
      patients,
      smallestGroup: sizes.reduce((least, it) => Math.min(least, it), patients),
      alone: sizes.filter((it) => it === 1).length,
      below: small.reduce((sum, it) => sum + it, 0),
      // Each group of m patients adds m · 1/m = 1 to the sum over patients.
      averageRisk: patients === 0 ? undefined : sizes.length / patients,
    };
  });
}

function groupSizes(data: CohortData, quasiIdentifiers: readonly QuasiIdentifier[]): number[] {
  const groups = new Map<string, number>();
  for (const patient of data.patients) {
    const known = { age: patient.ageAtInclusion, site: patient.site, arm: patient.arm, left: patient.left };
    const combination = JSON.stringify(quasiIdentifiers.map((it) => known[it] ?? null));
    groups.set(combination, (groups.get(combination) ?? 0) + 1);
  }
  return [...groups.values()];
}
