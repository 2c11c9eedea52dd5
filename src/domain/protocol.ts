import type { Visit } from './programme.ts';

/** Words in the three languages of the programme. */
export type Words = Readonly<Record<'en' | 'es' | 'ca', string>>;

/** A code of `CodeSystem/stepped-care-level`. */
export type LevelCode = string;

/** One level of care. Levels are cumulative: a level's activities go on in every level above it. */
export interface Level {
  readonly code: LevelCode;
  /** 1 for the lowest. */
  readonly rank: number;
  readonly title: Words;
  /** ActivityDefinitions (`url|version`) that this level adds. */
  readonly activities: readonly string[];
}

/** Reads the newest counted Observation of a measure, explicit about equality. */
export interface Comparison {
  /** Code of the derived Observation (`CodeSystem/measure`). */
  readonly measure: string;
  /** A component instead of the value. */
  readonly component?: string;
  readonly comparator: '>=' | '>' | '<=' | '<';
  /** In the measure's own units. */
  readonly value: number;
  /** How many of the newest readings must all meet it: hysteresis. 1 where one is enough. */
  readonly readings: number;
  /** A reading older than this many days says nothing any more. */
  readonly maxAgeDays: number;
}

/** Who may decide, and until when. */
export interface DecisionPolicy {
  /** Codes of `CodeSystem/role` any of which may decide. */
  readonly deciders: readonly string[];
  /** The patient's agreement must be recorded before the approval. */
  readonly patientAgreementFirst: boolean;
  /** Undecided after so many days: the next in `escalateTo` is told. */
  readonly decideWithinDays: number;
  readonly escalateTo: readonly string[];
  /** Undecided after so many days: revoked, with that reason. Greater than `decideWithinDays`. */
  readonly revokeAfterDays: number;
}

/** When to propose another level. */
export interface StepRule {
  readonly id: string;
  readonly direction: 'up' | 'down';
  readonly from: readonly LevelCode[];
  readonly to: LevelCode;
  /** All of them. */
  readonly when: readonly Comparison[];
  /** The present level lasts at least so many days before this rule may speak. */
  readonly minimumDwellDays: number;
  /** Of rules that hold at once the lowest order is proposed; no two that can hold at once have the same. */
  readonly order: number;
  /** What a clinician reads; `{value}`, `{limit}`, `{date}` stand for the evidence. */
  readonly sentence: Words;
  readonly decision: DecisionPolicy;
}

/** When a form falls due. */
export type Timing =
  | { readonly kind: 'visit'; readonly visit: Exclude<Visit, 'unscheduled'> }
  /** Every so many days from the start of the plan; `windowDays` is how long each stays open. */
  | { readonly kind: 'interval'; readonly everyDays: number; readonly windowDays: number }
  /** Where answers to other forms call for it: on the day from which every comparison holds, for so many days. */
  | {
      readonly kind: 'answer';
      /** All of them, as they stood at the instant of the answer. */
      readonly when: readonly Comparison[];
      readonly windowDays: number;
      /** Days after its opening before another answer may call for it again; at least as long as it is open. */
      readonly notAgainWithinDays: number;
    };

/** Who is asked what, and when. */
export interface ScheduledForm {
  readonly id: string;
  /** Instrument id: `wai-s-p` … */
  readonly instrument: string;
  readonly rater: 'patient' | 'therapist';
  readonly timing: Timing;
  /** The Task exists so many days before its window opens. */
  readonly createAheadDays: number;
  /** Days after the window's opening on which a reminder is due, if still open. */
  readonly remindAfterDays: readonly number[];
}

/** Forms over time, of one arm of the study or of care. */
export interface Schedule {
  /** `url|version` of its PlanDefinition. */
  readonly canonical: string;
  /** Code of `CodeSystem/arm` it is for; absent: whoever has a stepped-care plan. */
  readonly arm?: string;
  /** Whether whom it is for has levels of care; without, no plan of a level and no proposal. */
  readonly levels?: boolean;
  readonly title: Words;
  readonly forms: readonly ScheduledForm[];
}

/** One answer that must reach a person, whatever the total. */
export interface SafetyItem {
  readonly instrument: string;
  readonly linkId: string;
  /** LOINC codes under which other publishers ask the same. */
  readonly codes: readonly string[];
  /** A raw answer at or above this is a sign; an unreadable one always is. */
  readonly atLeast: number;
}

export interface SafetyPolicy {
  readonly items: readonly SafetyItem[];
  /** Minutes until somebody must have taken a sign up. */
  readonly respondWithinMinutes: number;
  /** A sign that was taken up and is not closed after so long is told to the last of the chain; never, where absent. */
  readonly closeWithinMinutes?: number;
  /** Minutes after the sign, and the role that is told then, if nobody has. The first is at 0. */
  readonly chain: readonly { readonly afterMinutes: number; readonly role: string }[];
  /** Outcomes with which a named clinician may close a sign: codes of `CodeSystem/safety-outcome`. */
  readonly outcomes: readonly string[];
  /** When somebody is watching; outside it, the patient and the page say that nobody is. */
  readonly watched: readonly { readonly days: readonly number[]; readonly from: string; readonly to: string }[];
}

/** The protocol of stepped care, as content declares it. */
export interface Protocol {
  readonly url: string;
  readonly version: string;
  /** By rank. */
  readonly levels: readonly Level[];
  readonly rules: readonly StepRule[];
  /** A screening not done for so many days is overdue, a state of its own. */
  readonly screening: { readonly measure: string; readonly overdueAfterDays: number };
  readonly schedules: readonly Schedule[];
  readonly safety: SafetyPolicy;
}
