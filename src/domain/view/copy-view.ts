import type { Words } from '../protocol.ts';

/* Drafted by the page that shows it; whoever answers it may change anything here. */

/** One answer in words, in the language of the form. */
export interface CopyAnswer {
  readonly linkId: string;
  readonly question: string;
  /** Absent: not answered. */
  readonly answer?: string;
}

/** Somebody who looked at a response. */
export interface CopyLook {
  /** Instant. */
  readonly at: string;
  /** Role and name as the hospital shows them: "Therapist · Anna Vidal". */
  readonly who: string;
  /** The patient's own look. */
  readonly isSelf: boolean;
}

export interface CopyResponse {
  readonly id: string;
  readonly title: Words;
  /** Instant or local date it was answered. */
  readonly authored: string;
  readonly language: 'en' | 'es' | 'ca';
  readonly answers: readonly CopyAnswer[];
  /** Who may read it. */
  readonly readers: Words;
  /** Newest first; `missing` where the record of accesses cannot be read. */
  readonly looks: readonly CopyLook[] | { readonly state: 'missing'; readonly why: Words };
}

/** `GET /api/copy`: newest first. A therapist's rating is never in it. */
export interface CopyView {
  readonly responses: readonly CopyResponse[];
  readonly asOf: string;
}
