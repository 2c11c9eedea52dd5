import type { Authored } from './instant.ts';
import type { Instrument } from './instrument.ts';
import type { Visit, VisitPlan } from './programme.ts';
import { placeVisit } from './visit.ts';

/** One score of a rating: a value in score points, or none, because too little was answered. */
export interface RatedScore {
  readonly value: number | undefined;
  /** True where unanswered items were replaced by the mean of the answered. */
  readonly prorated: boolean;
}

/** One response that may be scored, read whole: who, about whom, when, how much. */
export interface Rating {
  /** `QuestionnaireResponse/…` */
  readonly response: string;
  /** What the response is known by, across amendments and copies. */
  readonly key: string;
  readonly instrument: Instrument;
  /** `Patient/…`, `Practitioner/…` or the platform's `Device/…`: the subject of the score. */
  readonly subject: string;
  /** `Patient/…` or `Practitioner/…` */
  readonly rater: string;
  /** The therapist whose work is rated; absent where nobody can tell, and for everything but the alliance. */
  readonly therapist: string | undefined;
  readonly authored: Authored;
  readonly language: string | undefined;
  /** True once the response was amended. */
  readonly amended: boolean;
  /** By measure: `total`, `task`, `bond` … */
  readonly scores: ReadonlyMap<string, RatedScore>;
  /** Scored items that were answered. */
  readonly answered: number;
  /** All twelve raw answers one and the same extreme. */
  readonly uniform: boolean;
  readonly keyConfirmed: boolean;
  /** A coordinator accepted it in place of an earlier one of the same visit. */
  readonly accepted: boolean;
}

export interface PlacedRating extends Rating {
  readonly visit: Visit;
  /** False for a rating of a study instrument that came after the one that counts. */
  readonly counted: boolean;
}

export const totalOf = (rating: Rating): number | undefined => rating.scores.get('total')?.value;

const inOrder = (a: Rating, b: Rating): number =>
  a.authored.epochMs - b.authored.epochMs || (a.response < b.response ? -1 : a.response > b.response ? 1 : 0);

/**
 * Places every rating of one subject at its visit and says which count. Of a study instrument the first with a total
 * for one therapist, rater and visit; of a series all, and the visit names the one nearest to its target.
 */
export function placeRatings(
  ratings: readonly Rating[],
  inclusion: string | undefined,
  plan: VisitPlan,
): PlacedRating[] {
  const ordered = [...ratings].sort(inOrder);
  const placed = ordered.map((rating) => ({
    rating,
    ...placeVisit(rating.authored.date, inclusion, plan, rating.instrument.id),
  }));
  const nearest = new Map<string, { distance: number; response: string }>();
  for (const { rating, visit, distance } of placed) {
    if (rating.instrument.use !== 'series' || visit === 'unscheduled') continue;
    const key = `${rating.instrument.id}|${visit}`;
    const best = nearest.get(key);
    if (best === undefined || distance < best.distance) nearest.set(key, { distance, response: rating.response });
  }
  const holders = slotHolders(placed);
  return placed.map(({ rating, visit }): PlacedRating => {
    if (rating.instrument.use === 'series') {
      const named =
        visit !== 'unscheduled' && nearest.get(`${rating.instrument.id}|${visit}`)?.response === rating.response;
      return { ...rating, visit: named ? visit : 'unscheduled', counted: true };
    }
    const holder = holders.get(slotOf(rating, visit));
    return { ...rating, visit, counted: visit === 'unscheduled' || holder === undefined || holder === rating.response };
  });
}

const slotOf = (rating: Rating, visit: Visit): string =>
  [rating.instrument.id, rating.therapist ?? '', rating.rater, visit].join('|');

/** The rating that counts in each slot: the first with a total, or the first with a total that was accepted instead. */
function slotHolders(placed: readonly { rating: Rating; visit: Visit }[]): Map<string, string> {
  const holders = new Map<string, string>();
  for (const accepted of [true, false]) {
    for (const { rating, visit } of placed) {
      const slot = slotOf(rating, visit);
      if (rating.accepted === accepted && totalOf(rating) !== undefined && !holders.has(slot))
        holders.set(slot, rating.response);
    }
  }
  return holders;
}
