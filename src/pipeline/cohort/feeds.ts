import { COMMUNICATION_KINDS, type CommunicationKind } from '../../analysis/cohort-data.ts';
import type { PractitionerOfRole } from '../../domain/care.ts';
import type { FhirServer, Search } from '../../fhir/port.ts';
import { CLASS, MEDIUM, ofCommunication, ofEncounter } from './communications.ts';

const NO_ROLES: PractitionerOfRole = new Map();

/** Codes of a table that mean a kind. */
const codesOf = (table: Readonly<Record<string, CommunicationKind>>, kind: CommunicationKind): string =>
  Object.entries(table)
    .filter(([, it]) => it === kind)
    .map(([code]) => code)
    .join(',');

/**
 * Kinds of contact that the server tells of at all: those of which one contact between a patient and a therapist is
 * found. Of any other, how many there were is unknown and never none; no code says `group`, so that is never told.
 */
export async function feedsOf(
  server: FhirServer,
  zone: string,
): Promise<{ readonly fed: ReadonlySet<CommunicationKind>; readonly queries: readonly Search[] }> {
  const reading = { roles: NO_ROLES, zone, baseUrl: server.baseUrl };
  const fed = new Set<CommunicationKind>();
  const queries: Search[] = [];
  for (const kind of COMMUNICATION_KINDS) {
    const [media, classes] = [codesOf(MEDIUM, kind), codesOf(CLASS, kind)];
    const searches: Search[] = [
      ...(media === ''
        ? []
        : [
            {
              type: 'Communication' as const,
              params: [
                ['status', 'completed'],
                ['medium', media],
                ['_count', '500'],
                ['_elements', 'status,sender,recipient,subject,medium,sent,received,category'],
              ] as const,
            },
          ]),
      ...(classes === ''
        ? []
        : [
            {
              type: 'Encounter' as const,
              params: [
                ['status', 'finished'],
                ['class', classes],
                ['_count', '500'],
                ['_elements', 'status,class,period,participant,subject'],
              ] as const,
            },
          ]),
    ];
    queries.push(...searches);
    for (const search of searches) if (!fed.has(kind) && (await tells(server, search, kind, reading))) fed.add(kind);
  }
  return { fed, queries };
}

/** To the first contact between persons, or the last page: the first ten thousand may be reminders of a Device. */
async function tells(
  server: FhirServer,
  search: Search,
  kind: CommunicationKind,
  reading: Parameters<typeof ofCommunication>[1],
): Promise<boolean> {
  for await (const { resources } of server.search(search)) {
    for (const it of resources) {
      const contact =
        it.resourceType === 'Communication'
          ? ofCommunication(it, reading)
          : it.resourceType === 'Encounter'
            ? ofEncounter(it, reading)
            : undefined;
      if (contact?.kind === kind) return true;
    }
  }
  return false;
}
