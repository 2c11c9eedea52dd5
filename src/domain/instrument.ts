/** Who fills a form in. */
export type Rater = 'patient' | 'therapist';

/**
 * How ratings of one instrument count: of a `study` instrument the first rating with a total at each visit counts;
 * of a `series` every rating counts and the visit only labels the one nearest to its target.
 */
export type RatingUse = 'study' | 'series';

/** A scored item: the raw value of each answer, before any reversal. */
export interface ScoredItem {
  readonly linkId: string;
  /** Lowest and highest raw value that an answer can have. */
  readonly low: number;
  readonly high: number;
  /** `system|code` of each option to its raw value; absent where the answer is itself the number. */
  readonly weights?: ReadonlyMap<string, number>;
}

export interface KeyedItem {
  readonly linkId: string;
  /** A reversed item counts `low + high - raw`. */
  readonly reversed: boolean;
}

/**
 * One declared score: `(sum of its items after reversal, plus offset) × multiplier`, or the sum of its `parts`.
 * `minimumAnswered` items must be answered; where fewer than all are and `prorated` is true, the sum is
 * `mean of the answered × number of items`; where `prorated` is false it cannot be had.
 */
export interface ScoringKey {
  /** linkId of the hidden item that publishes this score, e.g. `score-total`. */
  readonly linkId: string;
  /** `total`, or the code of a subscale: `task`, `anxiety` … */
  readonly measure: string;
  readonly items: readonly KeyedItem[];
  /** Measures whose sum this score is; empty for a sum of items. */
  readonly parts: readonly string[];
  readonly minimumAnswered: number;
  readonly prorated: boolean;
  readonly offset: number;
  readonly multiplier: number;
  readonly low: number;
  readonly high: number;
}

/** An instrument in one version, as its Questionnaire declares it. */
export interface Instrument {
  /** Also the code of its score Observation in `measure`: `wai-s-p`, `phq-9` … */
  readonly id: string;
  readonly url: string;
  readonly version: string;
  readonly rater: Rater;
  readonly use: RatingUse;
  /** True of the two alliance forms: rated about one therapist, with dyad and change. */
  readonly alliance: boolean;
  /** Who the answers are about. */
  readonly subject: 'Patient' | 'Practitioner';
  readonly items: readonly ScoredItem[];
  readonly keys: readonly ScoringKey[];
  /** Standard codes of the total beside Vincle's own, e.g. LOINC 44261-6. */
  readonly totalCodes: readonly { readonly system: string; readonly code: string; readonly display?: string }[];
  /** Until a named person at the site has confirmed the key, what is derived from it carries a tag. */
  readonly keyConfirmed: boolean;
}
