import { expect, test } from '@jest/globals';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { agreement } from '../../src/analysis/cohort/agreement.ts';
import { cohortOf } from '../../src/analysis/cohort/cohort.ts';
import { decomposition } from '../../src/analysis/cohort/decomposition.ts';
import { descriptives } from '../../src/analysis/cohort/descriptives.ts';
import { development } from '../../src/analysis/cohort/development.ts';
import { imputation } from '../../src/analysis/cohort/imputation.ts';
import { sensitivity } from '../../src/analysis/cohort/sensitivity.ts';
import type { CohortData, CohortPatient, CohortRow } from '../../src/analysis/cohort-data.ts';
import { isEstimated } from '../../src/analysis/estimate.ts';
import type { CohortAnalysis, Findings } from '../../src/analysis/result.ts';
import { GOLDEN_PLAN, goldenCohort } from './golden-cohort.ts';

/* What an outside statistician found the analysis to say beyond its data; each was wrong once. */

const PLAN = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 20 },
  missing: { ...GOLDEN_PLAN.missing, imputations: 2 },
};
const BASE = goldenCohort('balanced');
const analysed = (data: CohortData): CohortAnalysis => analyseCohort(data, PLAN, { masked: false, reliableChange: [] });
const findingsOf = (data: CohortData): Findings => {
  const { findings } = analysed(data);
  if (findings === undefined) throw new Error('masked');
  return findings;
};
const withPatients = (change: (it: CohortPatient, index: number) => CohortPatient): CohortData => ({
  ...BASE,
  patients: BASE.patients.map(change),
});
const withRows = (change: (it: CohortRow) => CohortRow): CohortData => ({ ...BASE, rows: BASE.rows.map(change) });
const only = (keep: (it: CohortPatient, index: number) => boolean, data: CohortData = BASE): CohortData => {
  const patients = data.patients.filter(keep);
  const kept = new Set(patients.map((it) => it.patient));
  return { ...data, patients, rows: data.rows.filter((it) => kept.has(it.patient)) };
};

/** As it stood before the last visit of some patients was due, and the first of some others. */
function early(data: CohortData, late: ReadonlySet<string>, none: ReadonlySet<string>): CohortData {
  const isDue = (patient: string, visit: string): boolean =>
    !none.has(patient) && !(late.has(patient) && visit === 'm12');
  return {
    ...data,
    patients: data.patients.map((it) => ({
      ...it,
      visits: it.visits.map((at) =>
        isDue(it.patient, at.visit) ? at : { ...at, flow: { patient: 'not-due', therapist: 'not-due' } },
      ),
    })),
    rows: data.rows.filter((it) => isDue(it.patient, it.visit)),
  };
}
const some = (from: number, to: number): ReadonlySet<string> =>
  new Set(BASE.patients.slice(from, to).map((it) => it.patient));

test('a rating that is not due yet is not missing: where all that was due was given there is nothing to impute', () => {
  const cohort = cohortOf(early(BASE, some(0, 10), some(10, 14)), PLAN);
  for (const it of descriptives(cohort)) expect([it.arm, it.visit, it.missing]).toEqual([it.arm, it.visit, 0]);
  expect(imputation(cohort).map((it) => it.reason)).toEqual(['no-missing-data', 'no-missing-data']);
  // Whoever answered all that was due is complete.
  expect(sensitivity(cohort).map((it) => it.run)).not.toContain('complete-cases');
});

test('what is not due yet is completed, but neither counted as imputed nor shifted: the calendar alone tips nothing', () => {
  const [late, none, withheld] = [some(0, 20), some(20, 24), some(24, 30)];
  const rows = BASE.rows.filter((it) => it.visit !== 'm6' || !withheld.has(it.patient));
  const [now, then] = [BASE, early(BASE, late, none)].map((data) => {
    const known = new Set(rows);
    const cohort = cohortOf({ ...data, rows: data.rows.filter((it) => known.has(it)) }, PLAN);
    return imputation(cohort).find((it) => it.rater === 'patient');
  });
  expect([now?.imputed, now?.notDue]).toEqual([withheld.size, 0]);
  expect([then?.imputed, then?.notDue]).toEqual([withheld.size, late.size]);
  // One point on each of the withheld, by the least squares’ weight of a patient: about their share of all ratings of an arm.
  const moved = [now, then].map((it) => {
    const at = it?.shifts.filter(({ shifted, delta }) => shifted === 'of' && (delta === 0 || delta === -10)) ?? [];
    const [none, ten] = [0, -10].map((delta) => at.find((one) => one.delta === delta)?.difference);
    return none !== undefined && ten !== undefined && isEstimated(none) && isEstimated(ten)
      ? ten.estimate - none.estimate
      : Number.NaN;
  });
  const inArm = (data: CohortData): number => data.patients.filter((it) => it.arm === 'digital').length;
  const ofDigital = BASE.patients.filter((it) => withheld.has(it.patient) && it.arm === 'digital').length;
  const expected = (-10 * ofDigital) / (3 * inArm(BASE));
  expect(moved[0]).toBeCloseTo(expected, 0);
  // Four patients of whom nothing was due are not in it; the twenty ratings to come weigh nothing.
  expect(Math.abs((moved[1] ?? 0) / (moved[0] ?? 1) - 1)).toBeLessThan(0.2);
});

test('a visit that cannot be compared is not in the model, and the model says which are', () => {
  const rows = BASE.rows.filter((it) => it.visit !== 'm12' || it.patient === BASE.patients[0]?.patient);
  const { development } = findingsOf({ ...BASE, rows });
  expect(development.map((it) => it.visitsIn)).toEqual([
    ['m3', 'm6'],
    ['m3', 'm6'],
  ]);
});

test('two arms of other names than the plan’s are arms: what was not compared says why', () => {
  const renamed: CohortData = {
    ...withPatients((it) => ({ ...it, arm: it.arm === 'digital' ? 'intervention' : 'control' })),
    arms: ['intervention', 'control'].map((arm) => ({ arm, label: arm })),
  };
  const { development, joint, imputation } = findingsOf(renamed);
  const reasons = [...development.map((it) => it.interaction), joint.threeWay, joint.raterByArm, ...imputation].map(
    (it) => ('reason' in it ? it.reason : 'estimated'),
  );
  expect(new Set(reasons)).toEqual(new Set(['arms-not-as-planned']));
});

test('a third arm is a deviation with its patients', () => {
  const third: CohortData = {
    ...withPatients((it, index) => (index % 4 === 0 ? { ...it, arm: 'third' } : it)),
    arms: [...BASE.arms, { arm: 'third', label: 'third' }],
  };
  const n = third.patients.filter((it) => it.arm === 'third').length;
  expect(analysed(third).deviations).toContainEqual({ code: 'arm-outside-plan', about: 'third', n });
});

test('three patients are too few, and no covariate was dropped of a model that was not made', () => {
  const found = analysed(only((_, index) => index < 3));
  expect(found.findings?.development.map((it) => it.reason)).toEqual(['too-few', 'too-few']);
  expect(found.deviations.filter((it) => it.code === 'covariate-dropped')).toEqual([]);
});

test('three strays of the other arm do not join the two arms in what was measured in one', () => {
  const strays = new Set(
    BASE.patients
      .filter((it) => it.arm === 'usual')
      .slice(0, 3)
      .map((it) => it.patient),
  );
  const inOne = withPatients((it) => ({
    ...it,
    visits: it.visits.map((visit) => (it.arm === 'usual' ? { ...visit, sus: undefined } : visit)),
  }));
  const joined: CohortData = {
    ...inOne,
    patients: inOne.patients.map((it) =>
      strays.has(it.patient) ? { ...it, visits: it.visits.map((visit) => ({ ...visit, sus: 2.5 })) } : it,
    ),
  };
  const [one, other] = [inOne, joined].map((it) => findingsOf(it).associations);
  const left = [{ arm: 'usual', n: 3 }];
  const singleOf = (it: Findings['associations'] | undefined) => it?.single.filter((of) => of.variable === 'sus');
  const withinOf = (it: Findings['associations'] | undefined) =>
    it?.betweenWithin.filter((of) => of.variable === 'sus');
  // The same numbers as without them, and their arm named as left out.
  expect(singleOf(other)).toEqual(singleOf(one)?.map((it) => ({ ...it, arms: ['digital'], armsLeftOut: left })));
  expect(withinOf(other)).toEqual(withinOf(one)?.map((it) => ({ ...it, armsLeftOut: left })));
  expect(other?.together).toEqual(one?.together.map((it) => ({ ...it, armsLeftOut: left })));
});

test('what three patients of each arm were measured in is measured in neither: too few, not six of one', () => {
  const few = new Set(
    ['usual', 'digital'].flatMap((arm) =>
      BASE.patients
        .filter((it) => it.arm === arm)
        .slice(0, 3)
        .map((it) => it.patient),
    ),
  );
  const { associations } = findingsOf(
    withPatients((it) => ({
      ...it,
      visits: it.visits.map((visit) => (few.has(it.patient) ? visit : { ...visit, sus: undefined })),
    })),
  );
  for (const it of associations.single.filter((one) => one.variable === 'sus')) {
    expect(it).toMatchObject({ arms: [], pearson: { reason: 'too-few' }, spearman: { reason: 'too-few' } });
    expect(it.armsLeftOut.map(({ n }) => n)).toEqual([3, 3]);
  }
  for (const it of associations.betweenWithin.filter((one) => one.variable === 'sus'))
    expect([it.between, it.within]).toMatchObject([{ reason: 'too-few' }, { reason: 'too-few' }]);
});

test('a variance between therapists that is not in the data has a reason: one therapist an arm, or a patient', () => {
  const arms = new Map(BASE.patients.map((it) => [it.patient, it.arm]));
  const perArm = withRows((it) => ({ ...it, therapist: `of ${arms.get(it.patient)}` }));
  const perPatient = withRows((it) => ({ ...it, therapist: `of ${it.patient}` }));
  for (const data of [perArm, perPatient])
    for (const { therapistModel } of findingsOf(data).development) {
      expect(therapistModel?.variance).toMatchObject({ reason: 'not-identified' });
      expect(therapistModel?.interaction).toMatchObject({ reason: 'not-identified' });
      expect(therapistModel?.contrasts).toEqual([]);
    }
  for (const data of [perArm, perPatient])
    expect(findingsOf(data).decomposition).toMatchObject({ reason: 'not-identified', parts: [] });
});

test('two or three therapists tell no tails: a reason stands in place of the bootstrap interval', () => {
  for (const count of [2, 3, 4]) {
    const places = new Map(BASE.patients.map((it, index) => [it.patient, Math.floor(index / 2) % count]));
    const data = withRows((it) => ({ ...it, therapist: `t${places.get(it.patient)}` }));
    const cells = agreement(cohortOf(data, PLAN));
    for (const { therapists, iccA1Bootstrap, iccC1Bootstrap, bootstrapUnreliable } of cells) {
      expect([therapists, bootstrapUnreliable]).toEqual([count, true]);
      for (const it of [iccA1Bootstrap, iccC1Bootstrap])
        if (count < 4) expect(it).toMatchObject({ noInterval: 'too-few' });
        else expect(it).toMatchObject({ interval: { level: PLAN.level } });
    }
  }
});

test('no variance has an interval of no width, or one that ends nowhere', () => {
  for (const name of ['few-therapists', 'one-arm']) {
    const cohort = cohortOf(goldenCohort(name), PLAN);
    const variances = [
      ...decomposition(cohort).parts.map((it) => it.variance),
      ...development(cohort, true).flatMap((it) => it.therapistModel?.variance ?? []),
    ];
    expect(variances.length).toBeGreaterThan(4);
    for (const it of variances) {
      if (!isEstimated(it) || it.interval === undefined) continue;
      expect(it.interval.high / it.interval.low).toBeGreaterThan(1.002);
      expect(it.interval.high / it.interval.low).toBeLessThan(1e8);
    }
  }
});

test('ratings that are all alike leave nothing to draw from', () => {
  const first = new Set(BASE.patients.slice(0, 4).map((it) => it.patient));
  const flat = withRows((it) => (it.rater === 'therapist' ? { ...it, total: 84 } : it));
  const rows = flat.rows.filter((it) => it.visit !== 'm6' || !first.has(it.patient));
  const found = findingsOf({ ...flat, rows }).imputation.find((it) => it.rater === 'therapist');
  expect(found?.reason).toBe('zero-variance');
});
