import { readFileSync } from 'node:fs';
import {
  COMMUNICATION_KINDS,
  type CohortData,
  type CohortPatient,
  type CohortRow,
  type Rater,
} from '../../src/analysis/cohort-data.ts';
import type { AnalysisPlan } from '../../src/analysis/plan.ts';

export const VISITS = ['m3', 'm6', 'm12'];
export const COHORTS = ['balanced', 'missing', 'ceiling', 'few-therapists', 'one-arm'];

const folder = new URL('golden/', import.meta.url);

type Line = Readonly<Record<string, string>>;

function lines(name: string): Line[] {
  const [head = '', ...rest] = readFileSync(new URL(`${name}.csv`, folder), 'utf8')
    .trim()
    .split('\n');
  const names = head.split(',');
  return rest.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((it, i) => [it, cells[i] ?? '']));
  });
}

const number = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text);

/** A simulated cohort of golden/simulate.R as the analysis reads it. */
export function goldenCohort(name: string): CohortData {
  const all = lines(name);
  const arms = ['usual', 'digital'].filter((arm) => all.some((it) => it.arm === arm));
  const byPatient = Map.groupBy(all, (it) => it.patient ?? '');
  return {
    arms: arms.map((arm) => ({ arm, label: arm })),
    visits: VISITS,
    scale: { min: 12, max: 84 },
    patients: [...byPatient].map(([patient, own]) => patientOf(patient, own)),
    therapists: [...Map.groupBy(all, (it) => it.therapist ?? '')].map(([therapist, own]) => ({
      therapist,
      site: own[0]?.site ?? '',
      vasPlatform: [number(own[0]?.platform) ?? 0],
    })),
    rows: all.map(rowOf),
  };
}

function patientOf(patient: string, own: readonly Line[]): CohortPatient {
  const first = own[0] ?? {};
  return {
    patient,
    arm: first.arm,
    site: first.site ?? '',
    ageAtInclusion: number(first.age),
    baselineDistress: number(first.distress),
    left: undefined,
    visits: VISITS.map((visit) => {
      const at = own.filter((it) => it.visit === visit);
      const rate = number(at[0]?.contacts);
      const state = (rater: Rater) => (at.some((it) => it.rater === rater) ? 'answered' : 'not-answered');
      return {
        visit,
        sus: number(at[0]?.sus),
        vasApp: number(at[0]?.vas_app),
        communications:
          rate === undefined
            ? undefined
            : (Object.fromEntries(
                COMMUNICATION_KINDS.map((kind) => [kind, { count: 0, per30Days: kind === 'message' ? rate : 0 }]),
              ) as Record<(typeof COMMUNICATION_KINDS)[number], { count: number; per30Days: number }>),
        flow: { patient: state('patient'), therapist: state('therapist') },
      };
    }),
  };
}

const rowOf = (it: Line): CohortRow => ({
  patient: it.patient ?? '',
  therapist: it.therapist,
  visit: it.visit ?? '',
  rater: it.rater === 'therapist' ? 'therapist' : 'patient',
  day: undefined,
  total: number(it.total),
  subscales: { task: number(it.task), bond: number(it.bond), goal: number(it.goal) },
  answered: 12,
  prorated: false,
  uniform: false,
  language: 'es',
  version: '1.0.0',
  daysApart: 2,
  exposed: false,
});

/** The plan the golden numbers were computed by. */
export const GOLDEN_PLAN: AnalysisPlan = {
  version: '1.0.0',
  date: '2026-11-23',
  primary: { outcome: 'patient', contrast: 'average' },
  comparison: { of: 'digital', against: 'usual' },
  visits: VISITS,
  level: 0.95,
  development: { site: true, baselineDistress: true, age: true },
  agreement: { bootstrap: 400, minimumTherapists: 10, lateDays: 14 },
  associations: [
    { variable: 'age', outcome: 'patient', coefficient: 'pearson', family: true },
    { variable: 'sus', outcome: 'patient', coefficient: 'pearson', family: true },
    { variable: 'vas-app', outcome: 'patient', coefficient: 'pearson', family: true },
    { variable: 'communication', outcome: 'patient', coefficient: 'spearman', family: true },
  ],
  missing: { imputations: 50, deltas: [0, -2, -5, -10] },
  seed: 20261123,
  minimum: 5,
};

// The golden files are written by golden.R and read by name only: their shape is asserted by every comparison made.
// biome-ignore lint/suspicious/noExplicitAny: numbers of another program, looked up by path
export const golden = (name: string): any => JSON.parse(readFileSync(new URL(`${name}.golden.json`, folder), 'utf8'));
