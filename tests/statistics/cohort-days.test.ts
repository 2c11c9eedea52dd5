import { expect, test } from '@jest/globals';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import type { CohortData, CohortRow } from '../../src/analysis/cohort-data.ts';
import { GOLDEN_PLAN, goldenCohort } from './golden-cohort.ts';

const PLAN = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 100 },
  missing: { imputations: 5, deltas: [0, -5] },
};
const OPEN = { masked: false, reliableChange: [] };

/** Paths of every number that is not finite. */
function notFinite(value: unknown, path = ''): string[] {
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path} = ${value}`];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, it]) => notFinite(it, `${path}.${key}`));
}

const withRows = (data: CohortData, change: (row: CohortRow) => CohortRow[]): CohortData => ({
  ...data,
  rows: data.rows.flatMap(change),
});
const BASE = goldenCohort('few-therapists');

const DAYS: readonly (readonly [string, CohortData])[] = [
  ['nobody', { ...BASE, patients: [], therapists: [], rows: [] }],
  ['patients and no rating', { ...BASE, rows: [] }],
  [
    'one patient',
    { ...BASE, patients: BASE.patients.slice(0, 1), rows: BASE.rows.filter((it) => it.patient === 'p001') },
  ],
  [
    'all scores at the ceiling',
    withRows(BASE, (it) => [{ ...it, total: 84, subscales: { task: 28, bond: 28, goal: 28 } }]),
  ],
  ['patients at the ceiling', withRows(BASE, (it) => [it.rater === 'patient' ? { ...it, total: 84 } : it])],
  ['therapists who never answer', withRows(BASE, (it) => (it.rater === 'therapist' ? [] : [it]))],
  ['a visit with one patient', withRows(BASE, (it) => (it.visit === 'm12' && it.patient !== 'p001' ? [] : [it]))],
  ['one visit', withRows(BASE, (it) => (it.visit === 'm3' ? [it] : []))],
  [
    'raters who always say the same',
    withRows(BASE, (it) => [
      { ...it, total: BASE.rows.find((one) => one.patient === it.patient && one.visit === it.visit)?.total },
    ]),
  ],
  [
    'each patient the same at every visit',
    withRows(BASE, (it) => [{ ...it, total: 40 + Number(it.patient.slice(1)) / 2 }]),
  ],
  ['no therapist known', withRows(BASE, (it) => [{ ...it, therapist: undefined }])],
  ['a therapist for each patient', withRows(BASE, (it) => [{ ...it, therapist: it.patient }])],
  ['no arms', { ...BASE, arms: [], patients: BASE.patients.map((it) => ({ ...it, arm: undefined })) }],
  ['nobody in one arm', { ...BASE, patients: BASE.patients.map((it) => ({ ...it, arm: 'usual' })) }],
  ['four patients', { ...BASE, patients: BASE.patients.slice(0, 4) }],
  [
    'covariates nobody measured',
    {
      ...BASE,
      patients: BASE.patients.map((it) => ({ ...it, ageAtInclusion: undefined, baselineDistress: undefined })),
    },
  ],
  ['sites of one patient each', { ...BASE, patients: BASE.patients.map((it) => ({ ...it, site: it.patient })) }],
];

test.each(DAYS)('with %s every number is finite or has a reason', (_, data) => {
  expect(notFinite(analyseCohort(data, PLAN, OPEN))).toEqual([]);
});

test('with all scores at the ceiling development and agreement say that nothing varies', () => {
  const [, data] = DAYS[3] ?? ['', BASE];
  const { findings } = analyseCohort(data, PLAN, OPEN);
  expect(findings?.development.map((it) => it.reason)).toEqual(['zero-variance', 'zero-variance']);
  expect(findings?.agreement.every((it) => 'reason' in it.iccA1 && it.iccA1.reason === 'zero-variance')).toBe(true);
  expect(findings?.descriptives.every((it) => 'estimate' in it.atMaximum && it.atMaximum.estimate === 1)).toBe(true);
});

test('a visit with one patient leaves the comparison, and the report is told', () => {
  const [, data] = DAYS[6] ?? ['', BASE];
  const found = analyseCohort(data, PLAN, OPEN);
  expect(found.findings?.development[0]?.contrasts.map((it) => it.at)).toEqual(['average', 'm3', 'm6']);
  expect(found.deviations).toContainEqual({ code: 'visits-not-as-planned', about: 'patient:m12' });
});

test('a patient in no or two arms is counted and not compared', () => {
  const [first, ...rest] = BASE.patients;
  const patients = [...(first ? [{ ...first, arm: undefined }] : []), ...rest];
  const found = analyseCohort({ ...BASE, patients }, PLAN, OPEN);
  expect(found.patients).toBe(48);
  expect(found.findings?.development[0]?.patients).toBe(47);
  expect(found.deviations).toContainEqual({ code: 'patient-without-arm', n: 1 });
  expect(found.flow.included).toContainEqual({ arm: 'none', n: 1 });
});

test('a second rating in one window is not counted twice', () => {
  const doubled = withRows(BASE, (it) => [it, { ...it, total: 12 }]);
  const found = analyseCohort(doubled, PLAN, OPEN).findings;
  expect(found?.development).toEqual(analyseCohort(BASE, PLAN, OPEN).findings?.development);
});

test('a rating of which nobody knows whose work it rates makes no dyad and no change, as in the record', () => {
  const unknown = withRows(BASE, (it) => {
    const { therapist: _therapist, ...rest } = it;
    return [it.visit === 'm6' && it.rater === 'patient' ? { ...rest, therapist: undefined } : it];
  });
  const found = analyseCohort(unknown, PLAN, OPEN);
  expect(found.findings?.agreement.filter((it) => it.visit === 'm6').map((it) => it.dyads)).toEqual([0, 0, 0]);
  const cell = found.findings?.change[0]?.cells.find((it) => it.arm === 'all' && it.from === 'm3' && it.to === 'm6');
  expect([cell?.unjudged['therapist-unknown'], cell?.unjudged['therapist-changed'], cell?.mean.n]).toEqual([41, 0, 0]);
});

test('ratings of two therapists at one visit are no dyad, and a change of therapist has no verdict', () => {
  const moved = withRows(BASE, (it) => [
    it.visit === 'm6' && it.rater === 'patient' ? { ...it, therapist: 'other' } : it,
  ]);
  const found = analyseCohort(moved, PLAN, OPEN);
  const m6 = found.findings?.agreement.filter((it) => it.visit === 'm6').map((it) => it.dyads);
  expect(m6).toEqual([0, 0, 0]);
  const cell = found.findings?.change[0]?.cells.find((it) => it.arm === 'all' && it.from === 'm3' && it.to === 'm6');
  // The contract: across therapists there is no change at all, neither a verdict nor a part in the mean.
  expect([cell?.unjudged['therapist-changed'], cell?.mean.n]).toEqual([41, 0]);
  expect(found.deviations.some((it) => it.code === 'therapist-changed')).toBe(true);
});

test('while a trial runs only flow is there, arms are not told apart and no score is in it', () => {
  const found = analyseCohort(BASE, PLAN, { masked: true, reliableChange: [] });
  expect(found.findings).toBeUndefined();
  expect(found.flow.included).toEqual([{ arm: 'masked', n: 48 }]);
  expect(JSON.stringify(found)).not.toMatch(/usual|digital/);
  const others = withRows(BASE, (it) => [{ ...it, total: 12 }]);
  expect(analyseCohort(others, PLAN, { masked: true, reliableChange: [] })).toEqual(found);
});

test('SUS measured in one arm is related to alliance in that arm alone', () => {
  const found = analyseCohort(goldenCohort('missing'), PLAN, OPEN).findings?.associations;
  expect(found?.single.find((it) => it.variable === 'sus')?.arms).toEqual(['digital']);
  expect(found?.single.find((it) => it.variable === 'age')?.arms).toEqual(['usual', 'digital']);
});

test('a bootstrap over four therapists is labelled unreliable, over fifteen not', () => {
  const unreliable = (data: CohortData): boolean | undefined =>
    analyseCohort(data, PLAN, OPEN).findings?.agreement.find((it) => it.arm === 'all')?.bootstrapUnreliable;
  expect(unreliable(BASE)).toBe(true);
  expect(unreliable(goldenCohort('missing'))).toBe(false);
});
