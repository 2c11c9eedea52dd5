import type { AskState, Rater } from './cohort-data.ts';
import type { Estimate, Reason, Test } from './estimate.ts';
import type { Deviation } from './plan.ts';
import type { ArmOrAll } from './result-arms.ts';
import type { AgreementCell, Associations, Decomposition, ReliableChange } from './result-relations.ts';

export type * from './result-arms.ts';
export type * from './result-relations.ts';

/** Participants at one visit: how many of each state. Never holds a score: it may be shown while a trial runs. */
export interface FlowCell {
  readonly arm: ArmOrAll;
  readonly visit: string;
  readonly rater: Rater;
  readonly states: Readonly<Record<AskState, number>>;
  /** Answered of those due and not left. */
  readonly response: Estimate;
}

export interface Flow {
  /** Patients by arm, in the order of the data’s arms; those without an arm under `none`. */
  readonly included: readonly { readonly arm: ArmOrAll; readonly n: number }[];
  readonly left: readonly { readonly arm: ArmOrAll; readonly reason: string; readonly n: number }[];
  readonly cells: readonly FlowCell[];
  /** Visits that both raters completed, by arm and visit. */
  readonly both: readonly { readonly arm: ArmOrAll; readonly visit: string; readonly share: Estimate }[];
  /** How often each pattern of answered visits (e.g. `m3+m12`) occurs, by arm and rater. */
  readonly patterns: readonly {
    readonly arm: ArmOrAll;
    readonly rater: Rater;
    readonly visits: readonly string[];
    readonly n: number;
  }[];
}

/** One rater’s totals in one arm at one visit. */
export interface DescriptiveCell {
  readonly arm: ArmOrAll;
  readonly visit: string;
  readonly rater: Rater;
  /** Patients of the arm whose rating was due and who have no total at this visit. */
  readonly missing: number;
  readonly mean: Estimate;
  readonly sd: Estimate;
  readonly median: Estimate;
  readonly q1: Estimate;
  readonly q3: Estimate;
  readonly min: Estimate;
  readonly max: Estimate;
  /** Share at the top of the scale. */
  readonly atMaximum: Estimate;
  /** Cronbach’s α; of the three subscales where items are not in the data set. */
  readonly reliability: Estimate;
}

export type CovarianceStructure = 'unstructured' | 'random-intercept';

export interface CovarianceEntry {
  readonly a: string;
  readonly b: string;
  readonly covariance: number;
  readonly correlation: number;
}

/** Adjusted mean of one arm at one visit. */
export interface AdjustedMean {
  readonly arm: ArmOrAll;
  readonly visit: string;
  readonly mean: Estimate;
}

/** Contrast of the two arms, `of` − `against`, in score points and in SDs. */
export interface ArmContrast {
  /** `average` or a visit. */
  readonly at: string;
  readonly difference: Estimate;
  readonly standardised: Estimate;
}

/** The development of one rater’s alliance. */
export interface Development {
  readonly rater: Rater;
  readonly patients: number;
  readonly ratings: number;
  /** Visits that are in the model, in order: those at which every compared cell holds the plan’s minimum. */
  readonly visitsIn: readonly string[];
  /** What was fitted; absent with `reason`. */
  readonly structure?: CovarianceStructure;
  readonly reason?: Reason;
  /** Why the unstructured model was not kept. */
  readonly fellBack?: Reason;
  readonly covariates: readonly string[];
  readonly covariance: readonly CovarianceEntry[];
  /** −2 log restricted likelihood, with its constant. */
  readonly deviance?: number;
  readonly means: readonly AdjustedMean[];
  readonly contrasts: readonly ArmContrast[];
  /** Whether development differs: arm × visit. */
  readonly interaction: Test;
  /** Whether anything changes over visits: visit, averaged over arms. */
  readonly visits: Test;
  /** The same with a random effect of the therapist. */
  readonly therapistModel?: {
    readonly therapists: number;
    readonly variance: Estimate;
    readonly contrasts: readonly ArmContrast[];
    readonly interaction: Test;
  };
}

/** Both raters in one model: what a claim about a difference between raters needs. */
export interface JointDevelopment {
  readonly patients: number;
  readonly ratings: number;
  readonly reason?: Reason;
  readonly deviance?: number;
  /** Variances of the patient’s and the therapist’s intercept, their correlation, residual variance. */
  readonly variances: readonly { readonly part: string; readonly value: number }[];
  /** Rater × arm × visit: whether the raters’ development differs between arms. */
  readonly threeWay: Test;
  /** Rater × arm: whether the arm difference averaged over visits differs between raters. */
  readonly raterByArm: Estimate;
  /** Rater × visit in the whole cohort. */
  readonly raterByVisit: Test;
  /** Therapist − patient, averaged over visits and arms. */
  readonly rater: Estimate;
  /** The same with a residual variance for each rater, as sensitivity. */
  readonly residualByRater?: { readonly threeWay: Test; readonly raterByArm: Estimate };
}

export type SensitivityCode =
  | 'complete-cases'
  | 'without-prorated'
  | 'without-uniform'
  | 'without-late-paired'
  | 'without-exposed'
  | `language:${string}`;

export interface SensitivityRun {
  readonly run: SensitivityCode;
  /** Rows left out. */
  readonly dropped: number;
  readonly development: readonly Development[];
  readonly agreement: readonly AgreementCell[];
}

/** Which arm’s imputed ratings are shifted. */
export type ShiftedArm = 'of' | 'against' | 'both';

export interface Imputed {
  readonly rater: Rater;
  readonly imputations: number;
  readonly reason?: Reason;
  /** Ratings that were due and not given: imputed, and shifted. */
  readonly imputed: number;
  /** Ratings that are not due yet, of patients of whom others were: completed and never shifted. */
  readonly notDue: number;
  readonly shifts: readonly {
    readonly shifted: ShiftedArm;
    readonly delta: number;
    /** Arm difference averaged over visits. */
    readonly difference: Estimate;
  }[];
  /** First shift at which the interval of the averaged difference changes side on whether it holds zero. */
  readonly tipping: readonly { readonly shifted: ShiftedArm; readonly delta: Estimate }[];
}

/** The whole analysis. With arms masked only `flow` is there. */
export interface CohortAnalysis {
  readonly planVersion: string;
  readonly seed: number;
  readonly level: number;
  readonly masked: boolean;
  readonly patients: number;
  readonly therapists: number;
  readonly deviations: readonly Deviation[];
  readonly flow: Flow;
  readonly findings?: Findings;
}

export interface Findings {
  readonly descriptives: readonly DescriptiveCell[];
  readonly development: readonly Development[];
  readonly joint: JointDevelopment;
  readonly agreement: readonly AgreementCell[];
  readonly decomposition: Decomposition;
  readonly change: readonly ReliableChange[];
  readonly associations: Associations;
  readonly sensitivity: readonly SensitivityRun[];
  readonly imputation: readonly Imputed[];
}
