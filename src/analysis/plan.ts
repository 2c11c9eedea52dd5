import type { CommunicationKind, Rater } from './cohort-data.ts';

export type Coefficient = 'spearman' | 'pearson';
/** `communication` is the rate of all kinds together; `communication:<kind>` of one. */
export type AssociatedVariable = 'age' | 'sus' | 'vas-app' | 'communication' | `communication:${CommunicationKind}`;

export interface PlannedAssociation {
  readonly variable: AssociatedVariable;
  readonly outcome: Rater;
  /** The declared coefficient; the other is descriptive. */
  readonly coefficient: Coefficient;
  /** Counted in the family that Holm’s procedure adjusts. */
  readonly family: boolean;
}

/** What the analysis does: a versioned JSON in `CONTENT_DIR` (`programme/analysis-plan.json`). */
export interface AnalysisPlan {
  readonly version: string;
  /** Day it was fixed, ISO. */
  readonly date: string;
  readonly primary: { readonly outcome: Rater; readonly contrast: 'average' | 'interaction' };
  /** Which arm is compared with which: estimates are `of` − `against`. Absent: one cohort. */
  readonly comparison?: { readonly of: string; readonly against: string };
  readonly visits: readonly string[];
  /** Confidence of every interval. */
  readonly level: number;
  readonly development: {
    readonly site: boolean;
    readonly baselineDistress: boolean;
    readonly age: boolean;
  };
  readonly agreement: {
    readonly bootstrap: number;
    /** Below this many therapists a bootstrap over them is labelled unreliable. */
    readonly minimumTherapists: number;
    /** A dyad whose ratings are further apart is late-paired, in days. */
    readonly lateDays: number;
  };
  readonly associations: readonly PlannedAssociation[];
  readonly missing: {
    /** At least 50. */
    readonly imputations: number;
    /** Shifts in score points, in order, 0 first. */
    readonly deltas: readonly number[];
  };
  /** Seed of bootstrap and imputation. */
  readonly seed: number;
  /** Fewest patients for an estimate of a cell. */
  readonly minimum: number;
}

/** What was done otherwise than planned. Stable codes. */
export interface Deviation {
  readonly code:
    | 'patient-without-arm'
    | 'therapist-changed'
    | 'covariate-dropped'
    | 'patients-without-covariate'
    | 'random-intercept-instead-of-unstructured'
    | 'covariate-not-measured'
    | 'arms-not-as-planned'
    | 'arm-outside-plan'
    | 'visits-not-as-planned'
    | 'rows-outside-plan';
  /** Rater, covariate or visit it is about. */
  readonly about?: string;
  /** Patients or rows concerned. */
  readonly n?: number;
}
