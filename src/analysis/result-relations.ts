import type { Rater } from './cohort-data.ts';
import type { Estimate, Reason } from './estimate.ts';
import type { AssociatedVariable, Coefficient } from './plan.ts';
import type { ArmOrAll } from './result-arms.ts';

/** What is missing where patient and therapist do not agree; `weak`: a shared order is there, and poor. */
export type AgreementLack = 'bias' | 'ordering' | 'both' | 'weak' | 'weak-and-bias' | 'none' | 'undecided';

/** Patient and therapist at one visit. Differences are patient − therapist. */
export interface AgreementCell {
  readonly arm: ArmOrAll;
  readonly visit: string;
  readonly dyads: number;
  readonly therapists: number;
  /** Absolute agreement, single rating. */
  readonly iccA1: Estimate;
  /** Consistency, single rating. */
  readonly iccC1: Estimate;
  /** The same, interval by bootstrap over therapists. */
  readonly iccA1Bootstrap: Estimate;
  readonly iccC1Bootstrap: Estimate;
  /** Fewer therapists than the plan’s minimum: the bootstrap must be labelled so. */
  readonly bootstrapUnreliable: boolean;
  readonly meanDifference: Estimate;
  readonly sdOfDifference: Estimate;
  readonly lowerLimit: Estimate;
  readonly upperLimit: Estimate;
  /** Slope of the difference on the mean of both. */
  readonly proportionalBias: Estimate;
  readonly lin: Estimate;
  readonly pearson: Estimate;
  /** What the intervals show to be missing; `undecided` where they do not tell. */
  readonly lack: AgreementLack;
  /** Points of the Bland–Altman figure; no pseudonym. */
  readonly points: readonly { readonly mean: number; readonly difference: number }[];
}

export type VariancePart = 'therapist' | 'patient' | 'dyad' | 'residual';

/** Where the alliance of a cohort varies. */
export interface Decomposition {
  readonly ratings: number;
  readonly patients: number;
  readonly therapists: number;
  readonly reason?: Reason;
  readonly parts: readonly { readonly part: VariancePart; readonly variance: Estimate; readonly share: number }[];
}

/** Why a pair of ratings has no verdict: as for the single patient’s change Observation. */
export type Unjudged =
  | 'prorated-total'
  | 'language-or-version-changed'
  | 'therapist-changed'
  /** The record does not say whose work one of the two is about. */
  | 'therapist-unknown'
  | 'no-reliable-change-parameters';

/** Change of one rater between two visits. */
export interface ChangeCell {
  readonly arm: ArmOrAll;
  readonly rater: Rater;
  readonly from: string;
  readonly to: string;
  readonly mean: Estimate;
  readonly increased: Estimate;
  readonly unchanged: Estimate;
  readonly decreased: Estimate;
  /** Pairs without a verdict, by why. */
  readonly unjudged: Readonly<Record<Unjudged, number>>;
}

/** SD and reliability behind a verdict, and where they come from. */
export interface ChangeParameters {
  readonly from: 'content' | 'cohort';
  /** Absent where they hold for any language (from the cohort). */
  readonly language?: string;
  readonly sd: number;
  readonly reliability: number;
  readonly reliabilityKind: string;
  /** |Δ| beyond which a change is reliable, in score points. */
  readonly critical: number;
}

export interface ReliableChange {
  readonly rater: Rater;
  readonly parameters: readonly ChangeParameters[];
  /** Why there are no verdicts. */
  readonly reason?: Reason;
  readonly cells: readonly ChangeCell[];
}

/** Where a thing is measured. */
export interface MeasuredIn {
  /** Arms in which it was measured in the plan’s minimum of patients. */
  readonly arms: readonly string[];
  /** Arms in which it was measured in fewer, and in how many: they are not analysed with the others. */
  readonly armsLeftOut: readonly { readonly arm: string; readonly n: number }[];
}

/** One correlation over patients (means over the visits at which both were measured). */
export interface Association extends MeasuredIn {
  readonly variable: AssociatedVariable;
  readonly outcome: Rater;
  readonly declared: Coefficient;
  readonly spearman: Estimate;
  readonly pearson: Estimate;
  readonly family: boolean;
  /** p of the declared coefficient after Holm, where it belongs to the family. */
  readonly adjustedP?: number;
}

/** SUS and VAS together. */
export interface JointSatisfaction extends Pick<MeasuredIn, 'armsLeftOut'> {
  readonly outcome: Rater;
  readonly n: number;
  /** Change of alliance for one SD more, the other held. */
  readonly sus: Estimate;
  readonly vasApp: Estimate;
  /** How SUS and VAS go together. */
  readonly overlap: Estimate;
  readonly varianceInflation?: number;
  /** Parts of R². */
  readonly unique?: { readonly sus: number; readonly vasApp: number; readonly common: number };
}

/** Mixed model of a variable that varies over visits. */
export interface BetweenWithin extends Pick<MeasuredIn, 'armsLeftOut'> {
  readonly variable: AssociatedVariable;
  readonly outcome: Rater;
  readonly patients: number;
  readonly ratings: number;
  /** Points of alliance for one unit between patients, and within a patient. */
  readonly between: Estimate;
  readonly within: Estimate;
}

/** Satisfaction with the platform: a therapist-level variable. */
export interface TherapistAssociation extends Pick<MeasuredIn, 'armsLeftOut'> {
  readonly therapists: number;
  readonly ratings: number;
  /** Points of the therapist’s alliance for one point of satisfaction, therapists as clusters. */
  readonly slope: Estimate;
  /** Set where the model found no variance between therapists. */
  readonly singular?: boolean;
  /** Over therapists’ means; n is the number of therapists. */
  readonly spearman: Estimate;
}

export interface Associations {
  readonly single: readonly Association[];
  readonly together: readonly JointSatisfaction[];
  readonly betweenWithin: readonly BetweenWithin[];
  readonly platform: TherapistAssociation;
}
