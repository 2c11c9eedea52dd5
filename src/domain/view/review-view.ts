import type { Words } from '../protocol.ts';

export interface ReviewIssue {
  /** Stable word: `out-of-range`, `wrong-rater` … */
  readonly reason: string;
  readonly text: Words;
  readonly linkId?: string;
}

/** One response that was refused or is doubtful, and waits for a person. */
export interface ReviewItem {
  readonly task: string;
  /** With what tells two people of one name apart. */
  readonly patient?: {
    readonly id: string;
    readonly name?: string;
    readonly recordNumber?: string;
    readonly birthDate?: string;
  };
  readonly form?: Words;
  readonly responseId?: string;
  /** Whether the answers may be looked at: a known form, and no rating of the alliance, which no coordinator sees. */
  readonly mayOpen?: boolean;
  /** Who answered, where the response says so. */
  readonly rater?: { readonly kind: 'patient' | 'therapist' | 'other'; readonly name?: string };
  readonly authored?: string;
  readonly raisedAt?: string;
  readonly issues: readonly ReviewIssue[];
  /** What may be done with it: `accept` counts a rating that was not counted, `refuse` and `close` end the review. */
  readonly actions: readonly ('accept' | 'refuse' | 'close')[];
}

/** `GET /api/review?reason&page` */
export interface ReviewView {
  readonly items: readonly ReviewItem[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly reasons: readonly { readonly reason: string; readonly text: Words; readonly count: number }[];
}

/** What could not be delivered. Never its content. */
export interface DeadLetter {
  readonly id: string;
  readonly kind: string;
  readonly since: string;
  readonly tries: number;
  /** Stable word of the last failure. */
  readonly reason: string;
  readonly mayReplay: boolean;
  /** Never of who looked at what: that record is not the coordinator’s to lose. */
  readonly mayDrop: boolean;
}

/** `GET /api/dead-letters` */
export interface DeadLettersView {
  readonly letters: readonly DeadLetter[];
}

export interface JobView {
  readonly name: string;
  readonly title: Words;
  readonly lastRun?: {
    readonly endedAt: string;
    readonly ok: boolean;
    readonly durationMs?: number;
    readonly counts?: Readonly<Record<string, number>>;
    readonly reason?: string;
  };
  readonly next?: string;
  /** Later than it should be. */
  readonly isLate: boolean;
}

/** `GET /api/jobs` */
export interface JobsView {
  readonly jobs: readonly JobView[];
}

export interface ResponseRate {
  readonly instrument: string;
  readonly title: Words;
  readonly rater: 'patient' | 'therapist';
  readonly visit?: Words;
  readonly asked: number;
  readonly answered: number;
  readonly expired: number;
}

/** `GET /api/response-rates?from&to`. Never by therapist. */
export interface ResponseRatesView {
  readonly from: string;
  readonly to: string;
  readonly rates: readonly ResponseRate[];
}
