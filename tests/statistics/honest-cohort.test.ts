import { expect, test } from '@jest/globals';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { agreement } from '../../src/analysis/cohort/agreement.ts';
import { cohortOf } from '../../src/analysis/cohort/cohort.ts';
import { decomposition } from '../../src/analysis/cohort/decomposition.ts';
import { development } from '../../src/analysis/cohort/development.ts';
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

test('a rating that is not due yet is not missing, and nothing is imputed while ratings are still to come', () => {
  const gone = new Set(BASE.patients.slice(0, 10).map((it) => it.patient));
  const data: CohortData = {
    ...withPatients((it) =>
      gone.has(it.patient)
        ? {
            ...it,
            visits: it.visits.map((visit) =>
              visit.visit === 'm12' ? { ...visit, flow: { patient: 'not-due', therapist: 'not-due' } } : visit,
            ),
          }
        : it,
    ),
    rows: BASE.rows.filter((it) => it.visit !== 'm12' || !gone.has(it.patient)),
  };
  const { descriptives, imputation, sensitivity } = findingsOf(data);
  for (const it of descriptives.filter((one) => one.visit === 'm12')) expect([it.arm, it.missing]).toEqual([it.arm, 0]);
  expect(imputation.map((it) => it.reason)).toEqual(['not-all-due', 'not-all-due']);
  // Whoever answered all that was due is complete.
  expect(sensitivity.map((it) => it.run)).not.toContain('complete-cases');
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
