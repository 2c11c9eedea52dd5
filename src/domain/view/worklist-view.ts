import type { Words } from '../protocol.ts';

/* Drafted by the page that shows it; whoever answers it may change anything here. */

export type Need = 'safety' | 'proposal' | 'overdue' | 'alliance-change';

/** One thing that waits for somebody, in order of weight. */
export interface NeedView {
  readonly kind: Need;
  /** "Step up to psychoeducation", "WAI-S, therapist: overdue 9 days". */
  readonly text: Words;
  /** It comes first of its kind: to be decided before now, or a sign that nobody has taken up. */
  readonly late?: boolean;
}

export interface WorklistRow {
  readonly id: string;
  readonly name: string;
  readonly age?: number;
  readonly recordNumber?: string;
  readonly level?: { readonly code: string; readonly rank: number; readonly title: Words };
  readonly needs: readonly NeedView[];
  /** Local date; absent: none recorded. */
  readonly lastContact?: string;
  readonly nextDue?: { readonly title: Words; readonly date: string };
  readonly paused?: boolean;
}

/** `GET /api/worklist?q&need&sort&page` */
export interface WorklistView {
  readonly rows: readonly WorklistRow[];
  /** How many fit the filter, and how many there are of each need in all. */
  readonly total: number;
  readonly counts: Readonly<Record<Need | 'all', number>>;
  /** From 1. */
  readonly page: number;
  readonly pages: number;
  /** Instant of the answer. */
  readonly asOf: string;
}
