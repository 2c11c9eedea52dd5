import { daysApart } from './instant.ts';
import type { ReliableChangeParameters, Visit } from './programme.ts';
import { type PlacedRating, totalOf } from './rating.ts';

/** The visits at which alliance is rated, in order. */
const ALLIANCE_VISITS: readonly Visit[] = ['m3', 'm6', 'm12'];

/** Patient and therapist at one visit; a missing partner is a state. */
export interface Dyad {
  readonly patient: string;
  readonly therapist: string;
  readonly visit: Visit;
  readonly byPatient: PlacedRating | undefined;
  readonly byTherapist: PlacedRating | undefined;
}

export type ChangeVerdict = 'reliable-increase' | 'no-reliable-change' | 'reliable-decrease';
/** Why no verdict on a change is given. */
export type NoVerdict = 'no-reliable-change-parameters' | 'prorated-total' | 'language-or-version-changed';

/** One rater's change since the previous visit with a total about the same therapist. */
export interface Change {
  readonly patient: string;
  readonly therapist: string;
  readonly visit: Visit;
  readonly current: PlacedRating;
  /** Absent where the only earlier rating is about another therapist. */
  readonly previous: PlacedRating | undefined;
  /** Difference of totals beyond which it is reliable, in score points; absent without parameters. */
  readonly critical: number | undefined;
  readonly verdict: ChangeVerdict | NoVerdict | undefined;
}

/** Ratings of the alliance that count at a visit and have a total: what dyads and changes are made of. */
const usable = (ratings: readonly PlacedRating[]): PlacedRating[] =>
  ratings.filter(
    (it) => it.instrument.alliance && it.counted && it.therapist !== undefined && totalOf(it) !== undefined,
  );

/** The rating that counts for a therapist and visit. */
const at = (ratings: readonly PlacedRating[], therapist: string, visit: Visit): PlacedRating | undefined =>
  ratings.find((it) => it.therapist === therapist && it.visit === visit);

/** One dyad for each therapist and visit at which either rated. */
export function dyads(patient: string, ratings: readonly PlacedRating[]): Dyad[] {
  const all = usable(ratings);
  const byPatients = all.filter((it) => it.instrument.rater === 'patient');
  const byTherapists = all.filter((it) => it.instrument.rater === 'therapist');
  const therapists = [...new Set(all.flatMap((it) => it.therapist ?? []))].sort();
  return therapists.flatMap((therapist) =>
    ALLIANCE_VISITS.flatMap((visit) => {
      const byPatient = at(byPatients, therapist, visit);
      const byTherapist = at(byTherapists, therapist, visit);
      return byPatient === undefined && byTherapist === undefined
        ? []
        : [{ patient, therapist, visit, byPatient, byTherapist }];
    }),
  );
}

/** Whole calendar days between the two ratings of a dyad; absent while one is missing. */
export const dyadDaysApart = (dyad: Dyad): number | undefined =>
  dyad.byPatient && dyad.byTherapist
    ? daysApart(dyad.byPatient.authored.date, dyad.byTherapist.authored.date)
    : undefined;

/** |Δ| beyond which a change is reliable: 1.96·√2·SD·√(1−r), Jacobson & Truax 1991; in score points. */
export const criticalChange = ({ sd, reliability }: Pick<ReliableChangeParameters, 'sd' | 'reliability'>): number =>
  1.96 * Math.SQRT2 * sd * Math.sqrt(1 - reliability);

type ParametersFor = (instrument: string, language: string | undefined) => ReliableChangeParameters | undefined;

/** Each rater's changes from visit to visit, in order; none for a first rating. */
export function changes(patient: string, ratings: readonly PlacedRating[], parameters: ParametersFor): Change[] {
  const all = usable(ratings);
  return (['patient', 'therapist'] as const).flatMap((rater) => {
    const own = all.filter((it) => it.instrument.rater === rater);
    const therapists = [...new Set(own.flatMap((it) => it.therapist ?? []))].sort();
    return therapists.flatMap((therapist) => changesAbout(patient, therapist, own, parameters));
  });
}

function changesAbout(
  patient: string,
  therapist: string,
  own: readonly PlacedRating[],
  parameters: ParametersFor,
): Change[] {
  return ALLIANCE_VISITS.flatMap((visit, index): Change[] => {
    const current = at(own, therapist, visit);
    if (current === undefined) return [];
    const before = ALLIANCE_VISITS.slice(0, index).reverse();
    const previous = before.map((earlier) => at(own, therapist, earlier)).find((it) => it !== undefined);
    if (previous === undefined) {
      const another = before.some((earlier) => own.some((it) => it.visit === earlier));
      return another
        ? [{ patient, therapist, visit, current, previous: undefined, critical: undefined, verdict: undefined }]
        : [];
    }
    return [{ patient, therapist, visit, current, previous, ...judge(current, previous, parameters) }];
  });
}

function judge(
  current: PlacedRating,
  previous: PlacedRating,
  parameters: ParametersFor,
): Pick<Change, 'critical' | 'verdict'> {
  const found = parameters(current.instrument.id, current.language);
  const critical = found === undefined ? undefined : criticalChange(found);
  if (critical === undefined) return { critical, verdict: 'no-reliable-change-parameters' };
  if (current.language !== previous.language || current.instrument.version !== previous.instrument.version)
    return { critical, verdict: 'language-or-version-changed' };
  if (isProrated(current) || isProrated(previous)) return { critical, verdict: 'prorated-total' };
  const delta = (totalOf(current) ?? 0) - (totalOf(previous) ?? 0);
  if (Math.abs(delta) <= critical) return { critical, verdict: 'no-reliable-change' };
  return { critical, verdict: delta > 0 ? 'reliable-increase' : 'reliable-decrease' };
}

/** True where any part of the total stands for unanswered items. */
export const isProrated = (rating: PlacedRating): boolean => [...rating.scores.values()].some((it) => it.prorated);
