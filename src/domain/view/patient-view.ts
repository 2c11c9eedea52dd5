import type { Words } from '../protocol.ts';

/*
 * What the page of one patient reads. Drafted by the page that shows it; whoever answers it may change anything here.
 * Dates are local (`2026-03-03`) or instants. What a person may not see is absent, and `withheld` says that something is.
 */

/** A value, or why there is none to show. */
export type Shown<T> =
  | ({ readonly state: 'shown' } & T)
  | {
      readonly state: 'missing';
      readonly why: MissingWhy;
      readonly asked?: string;
      readonly due?: string;
      readonly daysLate?: number;
    }
  | { readonly state: 'withheld'; readonly why: WithheldWhy };

/** Why nothing is there. `not-due`: its window has not opened; `no-score`: answered too little to be scored. */
export type MissingWhy = 'not-due' | 'asked' | 'overdue' | 'not-answered' | 'no-score' | 'not-asked';
/** Why something is not shown: the study goes on; the own rating of that visit comes first; not released; not this role's. */
export type WithheldWhy = 'study' | 'own-rating-first' | 'no-consent' | 'not-your-role';

export interface PersonNamed {
  /** `Practitioner/…` or another reference. */
  readonly reference: string;
  readonly name?: string;
}

export interface PatientBanner {
  readonly id: string;
  readonly name: string;
  readonly birthDate?: string;
  readonly age?: number;
  readonly recordNumber?: string;
  readonly language?: string;
  readonly level?: { readonly code: string; readonly rank: number; readonly title: Words; readonly since?: string };
  readonly consents: readonly { readonly purpose: string; readonly title: Words; readonly given: boolean }[];
  readonly mode: 'study' | 'care';
  readonly paused?: { readonly since: string; readonly until?: string; readonly reason?: string };
  readonly deceased?: boolean;
}

export interface SignView {
  /** Id of the safety-review Task. */
  readonly task: string;
  readonly takenUp: boolean;
  readonly raisedAt?: string;
  readonly respondBy?: string;
  readonly owner?: PersonNamed;
  readonly responseId?: string;
}

/** An answer or a score that something rests on. */
export interface EvidenceView {
  readonly measure: string;
  readonly title: Words;
  readonly value: number;
  readonly of?: number;
  readonly date: string;
  readonly responseId?: string;
}

export interface ProposalView {
  readonly id: string;
  readonly direction: 'up' | 'down';
  readonly to: { readonly code: string; readonly rank: number; readonly title: Words };
  /** Absent where it rests on what the reader may not see. */
  readonly sentence?: Words;
  readonly rule: { readonly canonical: string; readonly action: string };
  readonly evidence: readonly EvidenceView[];
  /** What the new level adds, and what it ends. */
  readonly adds: readonly Words[];
  readonly ends: readonly Words[];
  readonly decideBy?: string;
  readonly escalated: boolean;
  readonly owner?: PersonNamed;
  readonly mayDecide: boolean;
  readonly agreementMissing: boolean;
}

export interface DueView {
  readonly task: string;
  readonly instrument: string;
  readonly title: Words;
  readonly rater: 'patient' | 'therapist';
  readonly visit?: string;
  readonly opens: string;
  readonly due: string;
  readonly state: 'upcoming' | 'open' | 'overdue' | 'expired';
  readonly daysLate?: number;
  readonly mayReschedule?: boolean;
}

/** One rating of the alliance. */
export interface AllianceScore {
  readonly total: number;
  /** Half of the 95 % interval; absent where the centre has declared no error. */
  readonly error?: number;
  readonly task?: number;
  readonly bond?: number;
  readonly goal?: number;
  readonly answered?: number;
  readonly prorated?: boolean;
  readonly date: string;
  readonly responseId?: string;
  readonly keyUnconfirmed?: boolean;
  readonly uniformAnswers?: boolean;
  /** Whose work it is about. */
  readonly rated?: PersonNamed;
  /** Since the visit before. */
  readonly change?: {
    readonly value: number;
    readonly fromVisit: string;
    /** Code of `CodeSystem/reliable-change`; absent: nobody can say. */
    readonly verdict?: 'reliable-increase' | 'no-reliable-change' | 'reliable-decrease';
    readonly critical?: number;
  };
}

export interface AllianceVisitView {
  readonly visit: string;
  readonly title: Words;
  /** Months after inclusion. */
  readonly months: number;
  readonly target: string;
  readonly patient: Shown<AllianceScore>;
  readonly therapist: Shown<AllianceScore>;
  /** Patient total less therapist total, where both are shown. */
  readonly gap?: { readonly value: number; readonly error?: number; readonly daysApart?: number };
}

export interface AllianceView {
  readonly low: number;
  readonly high: number;
  readonly items: number;
  readonly visits: readonly AllianceVisitView[];
  readonly therapist?: PersonNamed;
}

export interface ReadingView {
  readonly date: string;
  readonly value: number;
  readonly responseId?: string;
  readonly answered?: number;
  readonly keyUnconfirmed?: boolean;
}

export interface MeasureView {
  readonly measure: string;
  readonly title: Words;
  readonly low: number;
  readonly high: number;
  readonly readings: readonly ReadingView[];
  /** Cut-offs of the protocol's rules, each with what follows from it. */
  readonly limits: readonly { readonly value: number; readonly comparator: string; readonly title: Words }[];
  readonly validDays?: number;
  readonly overdue?: { readonly days: number };
}

export interface LevelStayView {
  readonly plan: string;
  readonly code: string;
  readonly rank: number;
  readonly title: Words;
  readonly from: string;
  readonly to?: string;
  readonly direction: 'start' | 'up' | 'down';
  readonly decidedBy?: PersonNamed;
  readonly reason?: string;
  readonly sentence?: Words;
  readonly evidence: readonly EvidenceView[];
  readonly restedOnAmended?: boolean;
}

/** A proposal that is over without a step. */
export interface PastProposalView {
  readonly id: string;
  readonly date: string;
  readonly title: Words;
  readonly sentence?: Words;
  /** Code of `CodeSystem/step-reason` with its words. */
  readonly outcome: Words;
  readonly by?: PersonNamed;
  readonly note?: string;
}

export interface ContactMonthView {
  /** `2026-03` */
  readonly month: string;
  readonly message: number;
  readonly call: number;
  readonly video: number;
  readonly inPerson: number;
}

export interface ToolView {
  readonly measure: string;
  readonly title: Words;
  readonly visit?: Words;
  readonly low: number;
  readonly high: number;
  readonly score: Shown<{ readonly value: number; readonly date: string; readonly responseId?: string }>;
}

/** What a person may do on this page: only what is true is offered, and the server decides again. */
export interface PatientRights {
  readonly decide: boolean;
  readonly override: boolean;
  readonly safety: boolean;
  readonly enrol: boolean;
  readonly pause: boolean;
  readonly handover: boolean;
  readonly reschedule: boolean;
  readonly logContact: boolean;
  readonly answer: boolean;
}

/** `GET /api/patients/:id` */
export interface PatientView {
  readonly banner: PatientBanner;
  /** Instant of the answer. */
  readonly asOf: string;
  readonly rights: PatientRights;
  readonly signs: readonly SignView[];
  readonly safetyOutcomes: readonly { readonly code: string; readonly title: Words }[];
  readonly proposal?: ProposalView;
  readonly due: readonly DueView[];
  readonly alliance: Shown<AllianceView>;
  readonly distress: readonly MeasureView[];
  readonly levels: readonly {
    readonly code: string;
    readonly rank: number;
    readonly title: Words;
    readonly activities: readonly Words[];
  }[];
  readonly stays: readonly LevelStayView[];
  readonly pastProposals: readonly PastProposalView[];
  /** `missing` where no feed tells of contacts: unknown, never none. */
  readonly contacts: Shown<{ readonly months: readonly ContactMonthView[]; readonly last?: string }>;
  readonly tools: readonly ToolView[];
  /** Colleagues to whom the patient may be handed over. */
  readonly colleagues?: readonly PersonNamed[];
}
