import type { Words } from '../protocol.ts';
import type { PersonNamed, Shown } from './patient-view.ts';

/* Drafted by the page that reads it; whoever answers it may change anything here. */

export interface AnswerView {
  readonly linkId: string;
  /** Wording where the site has a licence for it, else the neutral label. */
  readonly question: Words;
  /** Absent: not answered. */
  readonly answer?: Words;
  /** What the answer counts, after reversal. */
  readonly weight?: number;
  readonly reversed?: boolean;
  readonly scale?: Words;
}

export interface ScoreView {
  readonly measure: string;
  readonly title: Words;
  readonly score: Shown<{ readonly value: number; readonly low: number; readonly high: number }>;
  /** "mean of the answered, after reversal, times 4". */
  readonly rule?: Words;
}

/** `GET /api/patients/:id/responses/:responseId` */
export interface ResponseView {
  readonly id: string;
  readonly patient: { readonly id: string; readonly name: string };
  readonly form: {
    readonly title: Words;
    readonly canonical: string;
    readonly wording: 'licensed' | 'free' | 'neutral';
  };
  readonly rater: { readonly kind: 'patient' | 'therapist'; readonly person?: PersonNamed };
  readonly authored: string;
  readonly status: string;
  readonly visit?: Words;
  readonly language?: string;
  readonly answers: readonly AnswerView[];
  readonly answered: number;
  readonly scores: readonly ScoreView[];
  readonly notCounted?: boolean;
  readonly keyUnconfirmed?: boolean;
  /** Where it came from: who entered it, through what. */
  readonly origin: {
    readonly enteredBy?: PersonNamed;
    readonly source?: string;
    readonly receivedAt?: string;
    readonly scoredAt?: string;
    readonly method?: string;
  };
}
