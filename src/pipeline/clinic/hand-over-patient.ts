import type { CareTeam, EpisodeOfCare } from 'fhir/r4.js';
import { type CareHandover, episodeAfter, handoverProvenance, teamAfter } from '../../domain/care-handover.ts';
import { localDate } from '../../domain/instant.ts';
import { careTeamsOf, episodesOf } from '../../domain/queries.ts';
import { practitionerRolesOf } from '../../domain/step-queries.ts';
import { FhirError, type Write } from '../../fhir/port.ts';
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
}

export type HandedOver =
  | { readonly kind: 'handed-over'; readonly wrote: readonly string[] }
  /** The colleague does not work here, or holds no role that treats. */
  | { readonly kind: 'no-colleague' }
  /** Whoever asks does not care for the patient today: somebody was first, or never did. */
  | { readonly kind: 'not-yours' }
  | { readonly kind: 'conflict' };

/** The role whose holders treat. */
const TREATS = 'psycho-oncologist';

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
  const colleague = asked.to === asked.by ? undefined : await personOfLaunch(server, asked.to, nowMs, timeZone);
  if (colleague === undefined || !colleague.roles.includes(TREATS)) return { kind: 'no-colleague' };
  const [teams, episodes] = await ask(server, [careTeamsOf([asked.patient]), episodesOf([asked.patient])]);
  const [held] = await ask(server, [practitionerRolesOf([asked.by])]);
  const roles = new Map(resourcesOf(held, 'PractitionerRole').map((it) => [`PractitionerRole/${it.id}`, asked.by]));
  const handover: CareHandover = { from: asked.by, to: asked.to, date: localDate(nowMs, timeZone), baseUrl, roles };
  const changed: (CareTeam | EpisodeOfCare)[] = [
    ...resourcesOf(teams, 'CareTeam').flatMap((it) => teamAfter(it, handover) ?? []),
    ...resourcesOf(episodes, 'EpisodeOfCare').flatMap((it) => episodeAfter(it, handover) ?? []),
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
