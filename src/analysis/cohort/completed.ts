import type { CohortPatient, Rater } from '../cohort-data.ts';
import type { Reason } from '../estimate.ts';
import type { Incomplete } from '../imputation/normal-model.ts';
import { type Cohort, isDue, notCompared, type Rating, ratedBy } from './cohort.ts';
import { type Design, designOf } from './design.ts';

/** One rater’s ratings of all patients of the compared arms, at every visit of the design. */
export interface Completing {
  readonly design: Design;
  /** For each arm of the design (reference first): its data, and where its patients’ first rows lie in `design.rows`. */
  readonly arms: readonly CompletedArm[];
}

interface CompletedArm {
  readonly data: Incomplete;
  readonly places: readonly number[];
  /** patients × visits of `data`; 1 where a rating was due and not given: what alone is counted, and shifted. */
  readonly withheld: Uint8Array;
}

/**
 * The ratings to be completed; every patient of the compared arms of whom something was due has a row at every visit. What
 * is not due yet was withheld by nobody: it is completed so that a patient’s mean is one over all visits, as the model
 * takes it, and is neither counted nor shifted.
 */
export function completingOf(cohort: Cohort, rater: Rater): Completing | Reason {
  const { comparison } = cohort;
  if (comparison === undefined) return notCompared(cohort);
  const observed = ratedBy(cohort, rater);
  const { visits } = designOf(cohort, observed);
  if (visits.length < 2) return 'too-few';
  const indices = visits.map((it) => cohort.visits.indexOf(it));
  const known = new Map(observed.map((it) => [`${it.index}/${it.visit}`, it]));
  const isCompared = (it: CohortPatient): boolean => it.arm === comparison.of || it.arm === comparison.against;
  const isAsked = (patient: CohortPatient, index: number): boolean =>
    visits.some((it, i) => known.has(`${index}/${indices[i]}`) || isDue(patient, it, rater));
  const all = cohort.data.patients.flatMap((patient, index) =>
    isCompared(patient) && isAsked(patient, index)
      ? indices.map((visit) => known.get(`${index}/${visit}`) ?? absent(cohort, patient, index, visit, rater))
      : [],
  );
  const withheld = all.map((it) => Number.isNaN(it.total) && isDue(it.patient, it.row.visit, rater));
  if (!withheld.includes(true)) return 'no-missing-data';
  const design = designOf({ ...cohort, ratings: all }, all);
  return { design, arms: design.arms.map((_, arm) => armOf(design, arm, withheld)) };
}

/** A rating that was not given: NaN marks it inside this module and is filled before anything is computed. */
function absent(cohort: Cohort, patient: CohortPatient, index: number, visit: number, rater: Rater): Rating {
  return {
    patient,
    index,
    visit,
    total: Number.NaN,
    row: {
      patient: patient.patient,
      therapist: undefined,
      visit: cohort.visits[visit] ?? '',
      rater,
      day: undefined,
      total: undefined,
      subscales: { task: undefined, bond: undefined, goal: undefined },
      answered: undefined,
      prorated: false,
      uniform: false,
      language: undefined,
      version: undefined,
      daysApart: undefined,
      exposed: false,
    },
  };
}

function armOf(design: Design, arm: number, isWithheld: readonly boolean[]): CompletedArm {
  const visits = design.visits.length;
  const cells = design.arms.length * visits;
  const places: number[] = [];
  for (let first = 0; first < design.rows.length; first += visits)
    if (design.rows[first]?.x[design.column(0, arm, 0)] === 1) places.push(first);
  const varying = Array.from({ length: design.columns - cells }, (_, i) => cells + i).filter((column) =>
    places.some((place) => design.rows[place]?.x[column] !== design.rows[places[0] ?? 0]?.x[column]),
  );
  const columns = 1 + varying.length;
  const y = new Float64Array(places.length * visits);
  const missing = new Uint8Array(places.length * visits);
  const withheld = new Uint8Array(places.length * visits);
  const z = new Float64Array(places.length * columns);
  for (const [i, place] of places.entries()) {
    z[i * columns] = 1;
    for (const [a, column] of varying.entries()) z[i * columns + 1 + a] = design.rows[place]?.x[column] ?? 0;
    for (let t = 0; t < visits; t += 1) {
      const value = design.rows[place + t]?.y ?? Number.NaN;
      y[i * visits + t] = Number.isNaN(value) ? 0 : value;
      missing[i * visits + t] = Number.isNaN(value) ? 1 : 0;
      withheld[i * visits + t] = isWithheld[place + t] === true ? 1 : 0;
    }
  }
  return { data: { patients: places.length, visits, y, missing, z, columns }, places, withheld };
}
