import { measuredAt } from '../../analysis/cohort/measured.ts';
import { type CohortPatient, type CohortRow, RATERS, type Rater } from '../../analysis/cohort-data.ts';
import type { AnalysisPlan, Deviation } from '../../analysis/plan.ts';
import type { PatientRatings } from './csv.ts';

/** What is counted of one covariate over the patients whom one rater rated. */
interface Covariate {
  readonly name: string;
  readonly read: (patient: CohortPatient) => number | undefined;
  known: number;
  unknown: number;
  first: number | undefined;
  varies: boolean;
}

/** What is counted of the data of one rater. */
interface RaterCounts {
  readonly covariates: readonly Covariate[];
  /** The same over patients of the compared arms alone. */
  readonly compared: readonly Covariate[];
  /** Ratings with a total by arm and visit. */
  readonly cells: Map<string, number>;
  readonly measured: Set<string>;
}

/** Deviations from the plan that the data alone show, counted while patients go by. */
export interface DeviationCount {
  note(it: PatientRatings): void;
  /** As the analysis names them; that a model fell back is known only once the data are analysed. */
  deviations(): Deviation[];
}

/** Counts by a plan; holds counts alone, however many patients go by. */
export function countDeviations(plan: AnalysisPlan): DeviationCount {
  const arms = new Map<string, number>();
  const counts = { withoutArm: 0, changed: 0 };
  const raters = new Map<Rater, RaterCounts>(RATERS.map((it) => [it, newCounts(plan)]));
  return {
    note: ({ patient, rows }) => {
      if (patient.arm === undefined) counts.withoutArm += 1;
      else arms.set(patient.arm, (arms.get(patient.arm) ?? 0) + 1);
      const rated = rows.filter((it) => it.total !== undefined && plan.visits.includes(it.visit));
      if (new Set(rated.flatMap((it) => it.therapist ?? [])).size > 1) counts.changed += 1;
      for (const [rater, own] of raters)
        noteRater(
          own,
          patient,
          rated.filter((it) => it.rater === rater),
          plan,
        );
    },
    deviations: () => {
      const { comparison } = plan;
      const compared = comparison !== undefined && arms.has(comparison.of) && arms.has(comparison.against);
      return [
        ...(arms.size > 0 && counts.withoutArm > 0
          ? [{ code: 'patient-without-arm', n: counts.withoutArm } as const]
          : []),
        ...(comparison !== undefined && !compared ? [{ code: 'arms-not-as-planned' } as const] : []),
        ...[...arms].flatMap(([about, n]): Deviation[] =>
          !compared || isCompared(about, plan) ? [] : [{ code: 'arm-outside-plan', about, n }],
        ),
        ...(counts.changed > 0 ? [{ code: 'therapist-changed', n: counts.changed } as const] : []),
        ...[...raters].flatMap(([rater, own]) => ofRater(rater, own, plan, compared ? comparison : undefined)),
        ...plan.associations
          .filter((it) => !raters.get(it.outcome)?.measured.has(it.variable))
          .map((it): Deviation => ({ code: 'covariate-not-measured', about: `${it.outcome}:${it.variable}` })),
      ];
    },
  };
}

const isCompared = (arm: string | undefined, { comparison }: AnalysisPlan): boolean =>
  comparison !== undefined && (arm === comparison.of || arm === comparison.against);

function newCounts({ development }: AnalysisPlan): RaterCounts {
  const covariate = (name: string, read: Covariate['read']): Covariate => ({
    name,
    read,
    known: 0,
    unknown: 0,
    first: undefined,
    varies: false,
  });
  const covariates = (): Covariate[] => [
    ...(development.baselineDistress ? [covariate('baseline-distress', (it) => it.baselineDistress)] : []),
    ...(development.age ? [covariate('age', (it) => it.ageAtInclusion)] : []),
  ];
  return {
    covariates: covariates(),
    compared: covariates(),
    cells: new Map(),
    measured: new Set(),
  };
}

function noteRater(own: RaterCounts, patient: CohortPatient, rated: readonly CohortRow[], plan: AnalysisPlan): void {
  if (rated.length === 0) return;
  const noted = isCompared(patient.arm, plan) ? [...own.covariates, ...own.compared] : own.covariates;
  for (const it of noted) {
    const value = it.read(patient);
    if (value === undefined) it.unknown += 1;
    else it.known += 1;
    it.first ??= value;
    it.varies ||= value !== undefined && value !== it.first;
  }
  for (const row of rated) {
    const cell = `${patient.arm ?? ''}|${row.visit}`;
    own.cells.set(cell, (own.cells.get(cell) ?? 0) + 1);
    for (const { variable } of plan.associations)
      if (measuredAt(variable, { row, patient }) !== undefined) own.measured.add(variable);
  }
}

function ofRater(
  rater: Rater,
  own: RaterCounts,
  plan: AnalysisPlan,
  comparison: AnalysisPlan['comparison'],
): Deviation[] {
  const few = (visit: string): boolean =>
    comparison === undefined
      ? [...own.cells].reduce((sum, [cell, n]) => sum + (cell.endsWith(`|${visit}`) ? n : 0), 0) < plan.minimum
      : [comparison.of, comparison.against].some((arm) => (own.cells.get(`${arm}|${visit}`) ?? 0) < plan.minimum);
  return [
    ...(comparison === undefined ? own.covariates : own.compared).flatMap((it): Deviation[] => {
      const about = `${rater}:${it.name}`;
      if (it.known < 2 || !it.varies) return [{ code: 'covariate-dropped', about, n: it.known }];
      return it.unknown > 0 ? [{ code: 'patients-without-covariate', about, n: it.unknown }] : [];
    }),
    ...plan.visits
      .filter(few)
      .map((visit): Deviation => ({ code: 'visits-not-as-planned', about: `${rater}:${visit}` })),
  ];
}
