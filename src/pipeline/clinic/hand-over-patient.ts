import type { CareTeam, CareTeamParticipant, EpisodeOfCare } from 'fhir/r4.js';
import { codeSystem } from '../../domain/canonicals.ts';
import { type PractitionerOfRole, practitioner } from '../../domain/care.ts';
import { type CareHandover, episodeAfter, handoverProvenance, teamAfter } from '../../domain/care-handover.ts';
import { covers, localDate } from '../../domain/instant.ts';
import { byIds, careTeamsOf, episodesOf } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import { idsOf } from '../../domain/step-queries.ts';
import { FhirError, type FhirServer, type Write } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { OverviewPorts } from '../patient-overview.ts';
import { personOfLaunch } from '../person-of-launch.ts';

/** What a therapist asks for. */
export interface HandoverAsked {
  readonly patient: string;
  /** `Practitioner/…` */
  readonly by: string;
  readonly to: string;
  readonly reason?: string;
  /** Whoever asks answers for the whole service: the patient may be in somebody else’s care. */
  readonly forService?: boolean;
}

export type HandedOver =
  | { readonly kind: 'handed-over'; readonly wrote: readonly string[] }
  /** The colleague does not work here, or holds no role that treats. */
  | { readonly kind: 'no-colleague' }
  /** Whoever asks does not care for the patient today, or nobody is known to: somebody was first, or never did. */
  | { readonly kind: 'not-yours' }
  | { readonly kind: 'conflict' };

/** The role whose holders treat. */
const TREATS = 'psycho-oncologist';
const ROLE = codeSystem('role');

/**
 * Gives a patient into a colleague’s care: team and episode in one transaction over the versions read, with who did it.
 * Open forms of the therapist follow with the next run of the schedule. Said twice it is done once: the second time the
 * patient is in somebody else’s care. @throws FhirError where the server is not reached
 */
export async function handOverPatient(
  { server, context }: OverviewPorts,
  asked: HandoverAsked,
  nowMs: number,
): Promise<HandedOver> {
  const { timeZone, baseUrl } = context.settings;
  const colleague =
    asked.to === asked.by && asked.forService !== true
      ? undefined
      : await personOfLaunch(server, asked.to, nowMs, timeZone);
  if (colleague === undefined || !colleague.roles.includes(TREATS)) return { kind: 'no-colleague' };
  const [teams, episodes] = await ask(server, [careTeamsOf([asked.patient]), episodesOf([asked.patient])]);
  const care = { teams: resourcesOf(teams, 'CareTeam'), episodes: resourcesOf(episodes, 'EpisodeOfCare') };
  const roles = await rolesIn(server, care, baseUrl);
  const date = localDate(nowMs, timeZone);
  const from = formerOf(care, asked, { roles, date, baseUrl });
  if (from === undefined) return { kind: 'not-yours' };
  if (from === asked.to) return { kind: 'no-colleague' };
  const handover: CareHandover = { from, to: asked.to, by: asked.by, date, baseUrl, roles };
  const changed: (CareTeam | EpisodeOfCare)[] = [
    ...care.teams.flatMap((it) => teamAfter(it, handover) ?? []),
    ...care.episodes.flatMap((it) => episodeAfter(it, handover) ?? []),
  ];
  if (changed.length === 0) return { kind: 'not-yours' };
  const targets = changed.map((it) => ({ reference: `${it.resourceType}/${it.id}` }));
  const at = new Date(nowMs).toISOString();
  const writes: Write[] = [
    ...changed.map((resource): Write => {
      const ifMatch = resource.meta?.versionId;
      return { method: 'PUT', resource, ...(ifMatch === undefined ? {} : { ifMatch }) };
    }),
    { method: 'POST', resource: handoverProvenance(targets, handover, at, asked.reason) },
  ];
  try {
    await server.transaction(writes);
  } catch (error) {
    if (error instanceof FhirError && error.kind === 'conflict') return { kind: 'conflict' };
    throw error;
  }
  return { kind: 'handed-over', wrote: targets.map((it) => it.reference) };
}

interface Care {
  readonly teams: readonly CareTeam[];
  readonly episodes: readonly EpisodeOfCare[];
}

/** Who holds the roles that team and episode name. */
async function rolesIn(server: FhirServer, { teams, episodes }: Care, baseUrl: string): Promise<PractitionerOfRole> {
  const named = [
    ...episodes.map((it) => it.careManager),
    ...teams.flatMap((it) => (it.participant ?? []).map((one) => one.member)),
  ].flatMap((it) => literal(it, baseUrl) ?? []);
  const ids = idsOf(named, 'PractitionerRole');
  const [page] = await ask(server, ids.length === 0 ? [] : [byIds('PractitionerRole', ids)]);
  return new Map(
    resourcesOf(page, 'PractitionerRole').flatMap((it): [string, string][] => {
      const person = literal(it.practitioner, baseUrl);
      return person === undefined ? [] : [[`PractitionerRole/${it.id}`, person]];
    }),
  );
}

/** In whose care the patient is today: the asker’s own; for whoever answers for the service the care manager’s, else that of the only therapist. */
function formerOf(
  { teams, episodes }: Care,
  { by, forService }: HandoverAsked,
  { roles, date, baseUrl }: { readonly roles: PractitionerOfRole; readonly date: string; readonly baseUrl: string },
): string | undefined {
  const person = (it: Parameters<typeof practitioner>[0]) => practitioner(it, roles, baseUrl) ?? [];
  const managers = episodes.filter((it) => covers(it.period, date)).flatMap((it) => person(it.careManager));
  const members = teams
    .flatMap((it) => it.participant ?? [])
    .filter((it) => covers(it.period, date))
    .flatMap((it) => [person(it.member)].flat().map((who) => ({ who, treats: isTherapist(it) })));
  if (forService !== true) return managers.includes(by) || members.some((it) => it.who === by) ? by : undefined;
  const therapists = new Set([...managers, ...members.filter((it) => it.treats).map((it) => it.who)]);
  if (therapists.has(by)) return by;
  return managers[0] ?? (therapists.size === 1 ? [...therapists][0] : undefined);
}

const isTherapist = (it: CareTeamParticipant): boolean =>
  it.role?.some((one) => one.coding?.some((c) => c.system === ROLE && c.code === TREATS)) ?? false;
