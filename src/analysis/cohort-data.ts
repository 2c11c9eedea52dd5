/**
 * The data set of the cohort analysis: what `analyseCohort` reads and what the CSV export writes.
 * `undefined` is a value: it was not measured, not answered, or nobody knows. Nothing here is zero in its place.
 */

export type Rater = 'patient' | 'therapist';
export const RATERS: readonly Rater[] = ['patient', 'therapist'];

export type CommunicationKind = 'message' | 'call' | 'video' | 'in-person' | 'group';
export const COMMUNICATION_KINDS: readonly CommunicationKind[] = ['message', 'call', 'video', 'in-person', 'group'];

export type Subscale = 'task' | 'bond' | 'goal';

/** One rating that counts: one row for a patient, visit and rater. Absent ratings have no row (their state is in `flow`). */
export interface CohortRow {
  /** Pseudonym. */
  readonly patient: string;
  /** Coded therapist whose work is rated, or who rates; `undefined` where nobody knows. */
  readonly therapist: string | undefined;
  readonly visit: string;
  readonly rater: Rater;
  /** Whole days from inclusion to the rating. */
  readonly day: number | undefined;
  /** 12–84; `undefined` for a rating without a total. */
  readonly total: number | undefined;
  /** 4–28 each. */
  readonly subscales: Readonly<Record<Subscale, number | undefined>>;
  /** Items answered, 0–12. */
  readonly answered: number | undefined;
  readonly prorated: boolean;
  /** All raw answers one and the same extreme. */
  readonly uniform: boolean;
  readonly language: string | undefined;
  readonly version: string | undefined;
  /** Whole days between the two ratings of the dyad; `undefined` without a partner. */
  readonly daysApart: number | undefined;
  /** The rater had been shown the other’s rating before this one. */
  readonly exposed: boolean;
}

/** Contacts of one kind in the window before the rating. */
export interface CommunicationAmount {
  readonly count: number;
  /** For each 30 days of the window; `undefined` for an empty window. */
  readonly per30Days: number | undefined;
}

/** What became of one asked rating. */
export type AskState =
  /** A total exists. */
  | 'answered'
  /** Answered, but too little for a total. */
  | 'without-total'
  /** Asked, and the window has passed. */
  | 'not-answered'
  /** Never asked (paused, handed over, no consent), and the window has passed. */
  | 'not-asked'
  /** The window is still open or to come. */
  | 'not-due'
  /** The patient had left before the window. */
  | 'left';

/** One patient at one visit. */
export interface PatientVisit {
  readonly visit: string;
  readonly sus: number | undefined;
  readonly vasApp: number | undefined;
  /** By kind; `undefined`, all or one, where no feed tells: never zero in its place. */
  readonly communications: Readonly<Record<CommunicationKind, CommunicationAmount | undefined>> | undefined;
  readonly flow: Readonly<Record<Rater, AskState>>;
}

export interface CohortPatient {
  readonly patient: string;
  /** Code of one of `CohortData.arms`; `undefined` where none or several are known: such a patient is counted and not compared. */
  readonly arm: string | undefined;
  readonly site: string;
  /** Completed years. */
  readonly ageAtInclusion: number | undefined;
  /** Distress Thermometer, 0–10, at inclusion. */
  readonly baselineDistress: number | undefined;
  /** Why the patient left, as coded (`withdrawn`, `died`, …). */
  readonly left: string | undefined;
  /** In the order of the plan’s visits; one for each of them. */
  readonly visits: readonly PatientVisit[];
}

export interface CohortTherapist {
  readonly therapist: string;
  readonly site: string;
  /** Satisfaction with the monitoring platform, 0–100, one value for each time it was asked. */
  readonly vasPlatform: readonly number[];
}

export interface CohortArm {
  readonly arm: string;
  readonly label: string;
}

export interface CohortData {
  /** Empty where the cohort has none: it is then analysed as one. */
  readonly arms: readonly CohortArm[];
  /** Alliance visits in order, e.g. m3, m6, m12. */
  readonly visits: readonly string[];
  /** Bounds of the total. */
  readonly scale: { readonly min: number; readonly max: number };
  readonly patients: readonly CohortPatient[];
  readonly therapists: readonly CohortTherapist[];
  readonly rows: readonly CohortRow[];
}
