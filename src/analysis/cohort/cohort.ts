import type { CohortData, CohortPatient, CohortRow, Rater } from '../cohort-data.ts';
import type { Reason } from '../estimate.ts';
import type { AnalysisPlan } from '../plan.ts';

/** One rating with a total, at a visit of the plan, of a patient of the cohort. */
export interface Rating {
  readonly row: CohortRow;
  readonly patient: CohortPatient;
  /** Index of the patient in the data. */
  readonly index: number;
  /** Index of the visit in the plan. */
  readonly visit: number;
  readonly total: number;
}

/** The data set as the analysis goes through it. */
export interface Cohort {
  readonly data: CohortData;
  readonly plan: AnalysisPlan;
  readonly visits: readonly string[];
  /** Arms of the data, in order; empty for one cohort. */
  readonly arms: readonly string[];
  /** The planned comparison where both its arms are in the data. */
  readonly comparison: { readonly of: string; readonly against: string } | undefined;
  /** At most one for a patient, visit and rater. */
  readonly ratings: readonly Rating[];
  /** Therapist whom a patient’s first rating is about: the one a model nests the patient under. */
  readonly therapistOf: ReadonlyMap<string, string>;
}

/** Index of a data set by a plan; `rows` where only some of them count. */
export function cohortOf(data: CohortData, plan: AnalysisPlan, rows: readonly CohortRow[] = data.rows): Cohort {
  const visits = plan.visits.filter((it) => data.visits.includes(it));
  const arms = data.arms.map((it) => it.arm);
  const planned = plan.comparison;
  const patients = new Map(data.patients.map((patient, index) => [patient.patient, { patient, index }]));
  const seen = new Set<string>();
  const ratings = rows.flatMap((row): Rating[] => {
    const found = patients.get(row.patient);
    const visit = visits.indexOf(row.visit);
    const key = `${row.patient}\u0000${row.visit}\u0000${row.rater}`;
    if (found === undefined || visit < 0 || row.total === undefined || !Number.isFinite(row.total) || seen.has(key))
      return [];
    seen.add(key);
    return [{ row, ...found, visit, total: row.total }];
  });
  return {
    data,
    plan,
    visits,
    arms,
    comparison: planned && arms.includes(planned.of) && arms.includes(planned.against) ? planned : undefined,
    ratings,
    therapistOf: firstTherapists(ratings),
  };
}

function firstTherapists(ratings: readonly Rating[]): Map<string, string> {
  const first = new Map<string, { visit: number; therapist: string }>();
  for (const { row, visit } of ratings) {
    const known = first.get(row.patient);
    if (row.therapist !== undefined && (known === undefined || visit < known.visit))
      first.set(row.patient, { visit, therapist: row.therapist });
  }
  return new Map([...first].map(([patient, it]) => [patient, it.therapist]));
}

/** Why the planned arms are not compared. */
export const notCompared = ({ arms }: Cohort): Reason => (arms.length > 1 ? 'arms-not-as-planned' : 'one-arm');

/** Whether a rating of a visit was to come by now: one that is not due yet is not missing. */
export const isDue = ({ visits }: CohortPatient, visit: string, rater: Rater): boolean =>
  visits.find((it) => it.visit === visit)?.flow[rater] !== 'not-due';

/** Every arm and the whole; the whole alone where there are no arms. */
export const armsAndAll = (cohort: Cohort): readonly string[] => [...cohort.arms, 'all'];

export const isIn = (arm: string, patient: CohortPatient): boolean => arm === 'all' || patient.arm === arm;

export const ratedBy = (cohort: Cohort, rater: Rater): Rating[] =>
  cohort.ratings.filter((it) => it.row.rater === rater);

/** Both ratings of one visit about the same therapist. */
export interface RatedPair {
  readonly patient: CohortPatient;
  readonly visit: number;
  readonly therapist: string | undefined;
  readonly byPatient: Rating;
  readonly byTherapist: Rating;
}

export function pairsOf(cohort: Cohort): RatedPair[] {
  const key = (it: Rating): string => `${it.index}/${it.visit}`;
  const byTherapists = new Map(ratedBy(cohort, 'therapist').map((it) => [key(it), it]));
  return ratedBy(cohort, 'patient').flatMap((byPatient): RatedPair[] => {
    const byTherapist = byTherapists.get(key(byPatient));
    if (byTherapist === undefined) return [];
    const [one, other] = [byPatient.row.therapist, byTherapist.row.therapist];
    // Ratings of two therapies are no dyad, nor is one of which nobody knows whose work it rates: as in the record.
    if (one === undefined || one !== other) return [];
    return [{ patient: byPatient.patient, visit: byPatient.visit, therapist: one, byPatient, byTherapist }];
  });
}
