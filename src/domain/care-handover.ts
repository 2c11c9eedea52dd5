import type { CareTeam, EpisodeOfCare, Provenance, Reference } from 'fhir/r4.js';
import { codeSystem } from './canonicals.ts';
import { type PractitionerOfRole, practitioner } from './care.ts';
import { covers, dateOfDay, dayNumber } from './instant.ts';

/** A patient goes from one person's care into another's. */
export interface CareHandover {
  /** `Practitioner/…` */
  readonly from: string;
  readonly to: string;
  /** Who decided it: `from`, or somebody who answers for the service. */
  readonly by: string;
  /** Local date of the first day in the new person’s care. */
  readonly date: string;
  readonly baseUrl: string;
  /** Who holds the roles that teams and episodes name. */
  readonly roles: PractitionerOfRole;
}

const dayBefore = (date: string): string => dateOfDay(dayNumber(date) - 1);

/**
 * The team with the new person in every place that the former held, or `undefined` where the former held none today. The
 * former’s time ends the day before, so that no day has two therapists; a place taken only today is given on whole.
 */
export function teamAfter(team: CareTeam, { from, to, date, baseUrl, roles }: CareHandover): CareTeam | undefined {
  const isHeld = (it: NonNullable<CareTeam['participant']>[number]) =>
    practitioner(it.member, roles, baseUrl) === from && covers(it.period, date);
  const held = (team.participant ?? []).filter(isHeld);
  if (held.length === 0 || team.status === 'entered-in-error' || team.status === 'inactive') return undefined;
  const next = held.map((it) => ({ ...it, member: { reference: to }, period: { start: date } }));
  const former = (team.participant ?? []).flatMap((it) => {
    if (!isHeld(it)) return [it];
    const isNew = it.period?.start !== undefined && it.period.start.slice(0, 10) >= date;
    return isNew ? [] : [{ ...it, period: { ...it.period, end: dayBefore(date) } }];
  });
  return { ...team, participant: [...former, ...next] };
}

/** The episode with the new person as its manager, or `undefined` where the former manages it not. */
export function episodeAfter(
  episode: EpisodeOfCare,
  { from, to, date, baseUrl, roles }: CareHandover,
): EpisodeOfCare | undefined {
  if (practitioner(episode.careManager, roles, baseUrl) !== from || !covers(episode.period, date)) return undefined;
  return { ...episode, careManager: { reference: to } };
}

/** Who gave whom into whose care, and why. */
export const handoverProvenance = (
  targets: readonly Reference[],
  { by, to }: CareHandover,
  at: string,
  reason: string | undefined,
): Provenance => ({
  resourceType: 'Provenance',
  target: [...targets],
  occurredDateTime: at,
  recorded: at,
  activity: {
    coding: [{ system: codeSystem('care-event'), code: 'handed-over', display: 'Handed over to a colleague' }],
  },
  ...(reason === undefined ? {} : { reason: [{ text: reason }] }),
  agent: [
    {
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }],
      },
      who: { reference: by },
    },
  ],
  entity: [{ role: 'source', what: { reference: to } }],
});
