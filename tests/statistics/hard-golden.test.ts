import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cohortOf } from '../../src/analysis/cohort/cohort.ts';
import { development } from '../../src/analysis/cohort/development.ts';
import type { CohortData } from '../../src/analysis/cohort-data.ts';
import { isEstimated } from '../../src/analysis/estimate.ts';
import { GOLDEN_PLAN } from './golden-cohort.ts';

const FOLDER = join(import.meta.dirname, 'golden');
const VISITS = ['m3', 'm6', 'm12'];
const PLAN = {
  ...GOLDEN_PLAN,
  minimum: 5,
  development: { ...GOLDEN_PLAN.development, site: false, baselineDistress: false, age: false },
};
interface OfR {
  readonly cohort: number;
  readonly deviance: number;
  readonly average: number;
  /** Smallest eigenvalue of the correlations: near zero there is no top to agree on. */
  readonly smallest: number;
}
const { cohorts }: { cohorts: readonly OfR[] } = JSON.parse(readFileSync(join(FOLDER, 'hard.golden.json'), 'utf8'));
const LINES = readFileSync(join(FOLDER, 'hard.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((it) => it.split(','));

function dataOf(cohort: number): CohortData {
  const lines = LINES.filter((it) => it[0] === String(cohort));
  const arms = new Map(lines.map(([, patient = '', arm = '']) => [patient, arm]));
  return {
    arms: ['digital', 'usual'].map((arm) => ({ arm, label: arm })),
    visits: VISITS,
    scale: { min: 12, max: 84 },
    therapists: [],
    patients: [...arms].map(([patient, arm]) => ({
      patient,
      arm,
      site: 's',
      ageAtInclusion: 50,
      baselineDistress: 4,
      left: undefined,
      visits: [],
    })),
    rows: lines.map(([, patient = '', , visit = '', total]) => ({
      patient,
      therapist: 't',
      visit,
      rater: 'patient' as const,
      day: 1,
      total: Number(total),
      subscales: { task: undefined, bond: undefined, goal: undefined },
      answered: 12,
      prorated: false,
      uniform: false,
      language: 'es',
      version: '1',
      daysApart: undefined,
      exposed: false,
    })),
  };
}

test('in small sharp cohorts the likelihood is as high as nlme’s of two optimisers, and the difference is its', () => {
  const inside = cohorts.filter((it) => it.smallest > 0.01);
  expect(inside.length).toBeGreaterThan(25);
  const off = inside.flatMap(({ cohort, deviance, average }) => {
    const [found] = development(cohortOf(dataOf(cohort), PLAN), false);
    const difference = found?.contrasts[0]?.difference;
    const estimate = difference !== undefined && isEstimated(difference) ? difference.estimate : Number.NaN;
    const reached = (found?.deviance ?? Number.POSITIVE_INFINITY) <= deviance + 1e-4;
    // A higher top than nlme’s is no error of ours: then its estimate is not the one to meet.
    const isHigher = (found?.deviance ?? 0) < deviance - 1e-3;
    const near = isHigher || Math.abs(estimate - average) <= 1e-3 * Math.max(1, Math.abs(average));
    return reached && near
      ? []
      : [{ cohort, deviance, found: found?.deviance, why: found?.fellBack, average, estimate }];
  });
  expect(off).toEqual([]);
});
