/** Codes of `CodeSystem/visit`. */
export type Visit = 'baseline' | 'm3' | 'm6' | 'm12' | 'unscheduled';

export interface VisitWindow {
  readonly visit: Exclude<Visit, 'unscheduled'>;
  /** Calendar months after inclusion; the last day of a shorter month. */
  readonly months: number;
  /** Days before and after the target, both included. */
  readonly early: number;
  readonly late: number;
  /** Instruments (ids) that are never labelled with this visit. */
  readonly except: readonly string[];
}

export interface VisitPlan {
  readonly version: string;
  /** In order of target; bounds never overlap. */
  readonly windows: readonly VisitWindow[];
}

/** SD and reliability behind a verdict on change, with where they come from. None ship. */
export interface ReliableChangeParameters {
  readonly instrument: string;
  readonly language: string;
  /** Standard deviation of the total, in score points. */
  readonly sd: number;
  /** Reliability, 0 to 1 exclusive. */
  readonly reliability: number;
  readonly reliabilityKind: string;
  readonly population: string;
  readonly source: string;
}

export type ConsentPurpose = 'digital-follow-up' | 'contact' | 'research' | 'alliance-release';

/** Which purposes a site requires an explicit Consent for. What is required and absent is not given. */
export interface ConsentPolicy {
  readonly required: readonly ConsentPurpose[];
}
