import { expect, test } from '@jest/globals';
import type { CohortData, CohortPatient } from '../../../src/analysis/cohort-data.ts';
import { reIdentificationRisks } from '../../../src/pipeline/cohort/re-identification.ts';

const patient = (id: string, ageAtInclusion: number | undefined, site: string): CohortPatient => ({
  patient: id,
  arm: undefined,
  site,
  ageAtInclusion,
  baselineDistress: undefined,
  left: undefined,
  visits: [],
});
const cohort = (patients: readonly CohortPatient[]): CohortData => ({
  arms: [],
  visits: [],
  scale: { min: 12, max: 84 },
  patients,
  therapists: [],
  rows: [],
});

test('a patient who is alone with age and site is counted as such', () => {
  // Counted by hand: {50, s1} × 2, {51, s1} × 1, {unknown, s2} × 1.
  const data = cohort([
    patient('a', 50, 's1'),
    patient('b', 50, 's1'),
    patient('c', 51, 's1'),
    patient('d', undefined, 's2'),
  ]);
  expect(reIdentificationRisks(data, [['site'], ['age', 'site']], 3)).toEqual([
    { quasiIdentifiers: ['site'], patients: 4, smallestGroup: 1, alone: 1, below: 1, averageRisk: 0.5 },
    { quasiIdentifiers: ['age', 'site'], patients: 4, smallestGroup: 1, alone: 2, below: 4, averageRisk: 0.75 },
  ]);
});

test('a cohort without patients has no risk, and says no number for it', () => {
  expect(reIdentificationRisks(cohort([]), [['age']], 5)).toEqual([
    { quasiIdentifiers: ['age'], patients: 0, smallestGroup: 0, alone: 0, below: 0, averageRisk: undefined },
  ]);
});
