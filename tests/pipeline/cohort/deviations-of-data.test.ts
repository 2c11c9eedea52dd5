import { expect, test } from '@jest/globals';
import { analyseCohort } from '../../../src/analysis/analyse-cohort.ts';
import type { CohortData } from '../../../src/analysis/cohort-data.ts';
import { countDeviations } from '../../../src/pipeline/cohort/deviations-of-data.ts';
import { GOLDEN_PLAN, goldenCohort } from '../../statistics/golden-cohort.ts';

const PLAN = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 20 },
  missing: { ...GOLDEN_PLAN.missing, imputations: 2 },
};
const inOrder = (all: readonly object[]): string[] => all.map((it) => JSON.stringify(it)).sort();

test('a third arm is a deviation in the manifest of a data set as in its analysis, and lends the models no covariate', () => {
  const data = goldenCohort('balanced');
  const inThird = new Set(data.patients.filter((_, index) => index % 4 === 0).map((it) => it.patient));
  const withThird: CohortData = {
    ...data,
    arms: [...data.arms, { arm: 'third', label: 'third' }],
    patients: data.patients.map((it) =>
      inThird.has(it.patient)
        ? { ...it, arm: 'third', ageAtInclusion: undefined }
        : { ...it, baselineDistress: it.baselineDistress ?? 3 },
    ),
  };
  const counted = countDeviations(PLAN);
  for (const patient of withThird.patients)
    counted.note({ patient, rows: withThird.rows.filter((it) => it.patient === patient.patient) });
  const { deviations } = analyseCohort(withThird, PLAN, { masked: false, reliableChange: [] });
  expect(inOrder(counted.deviations())).toEqual(inOrder(deviations));
  expect(deviations).toContainEqual({ code: 'arm-outside-plan', about: 'third', n: inThird.size });
});
