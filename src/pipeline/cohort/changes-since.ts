import type { FhirResource, Reference } from 'fhir/r4.js';
import { MEASURE } from '../../domain/derived-observation.ts';
import type { Query } from '../../domain/queries.ts';
import { literal, typeOf } from '../../domain/reference.ts';
import { FhirError, type FhirServer, type ResourceType, type Search } from '../../fhir/port.ts';

/** Types of which a change can change a row, but for those of the membership. */
const READ: readonly ResourceType[] = [
  'Patient',
  'ResearchSubject',
  'EpisodeOfCare',
  'CareTeam',
  'CarePlan',
  'Consent',
  'Observation',
  'QuestionnaireResponse',
  'Task',
  'Communication',
  'Encounter',
  'PractitionerRole',
];
const TYPES: ReadonlySet<string> = new Set(READ);

/** What a change must touch to be one of this cohort’s. */
export interface Watched {
  /** How the participants were found: any change there is a change of the cohort. */
  readonly members: Query<'ResearchSubject' | 'EpisodeOfCare'>;
  readonly participants: ReadonlySet<string>;
  /** `PractitionerRole/…` that were looked up. */
  readonly roles: ReadonlySet<string>;
}

/** Whether something was written, and whether deletions could be looked for. */
export interface Changes {
  readonly changed: boolean;
  readonly deletions: 'read' | 'not-read';
}

/**
 * Whether anything that was read of the cohort was written, or anything of these types deleted, since an instant: one
 * search for each type, and one look at the history of the server, where it keeps one for all.
 * @throws FhirError where the server is not reached
 */
export async function changesSince(server: FhirServer, since: string, watched: Watched): Promise<Changes> {
  const deletions = await deletedSince(server, since);
  const told = { deletions: deletions === undefined ? 'not-read' : 'read' } as const;
  if (deletions === true) return { ...told, changed: true };
  const newer = ['_lastUpdated', `ge${since}`] as const;
  const { type, params } = watched.members;
  const joined: Search = { type, params: [...params.filter(([name]) => !name.startsWith('_')), newer, COUNT] };
  if (await anyIn(server, joined, since, () => true)) return { ...told, changed: true };
  for (const read of READ) {
    const own = read === 'Observation' ? [['code', `${MEASURE}|`] as const] : [];
    const search: Search = { type: read, params: [...own, newer, COUNT] };
    if (await anyIn(server, search, since, (it) => isOf(it, watched, server.baseUrl)))
      return { ...told, changed: true };
  }
  return { ...told, changed: false };
}

const COUNT = ['_count', '200'] as const;

/** Whether a newer resource counts; of a server that ignores the parameter, and gives what is older too, one page. */
async function anyIn(
  server: FhirServer,
  search: Search,
  since: string,
  counts: (it: FhirResource) => boolean,
): Promise<boolean> {
  const isNewer = (it: FhirResource): boolean => Date.parse(it.meta?.lastUpdated ?? '') >= Date.parse(since);
  for await (const { resources } of server.search(search)) {
    if (resources.some((it) => isNewer(it) && counts(it))) return true;
    if (!resources.every(isNewer)) return false;
  }
  return false;
}

function isOf(it: FhirResource, { participants, roles }: Watched, baseUrl: string): boolean {
  if (it.resourceType === 'Patient') return participants.has(`Patient/${it.id}`);
  if (it.resourceType === 'PractitionerRole') return roles.has(`PractitionerRole/${it.id}`);
  const about = literal(subjectOf(it), baseUrl);
  // A team need not name a patient, and therapists answer about the platform: whose they are is not told here.
  if (about === undefined) return it.resourceType === 'CareTeam';
  return participants.has(about) || (it.resourceType === 'Observation' && typeOf(about) === 'Practitioner');
}

function subjectOf(it: FhirResource): Reference | undefined {
  switch (it.resourceType) {
    case 'ResearchSubject':
      return it.individual;
    case 'EpisodeOfCare':
    case 'Consent':
      return it.patient;
    case 'Task':
      return it.for;
    case 'CareTeam':
    case 'CarePlan':
    case 'Observation':
    case 'QuestionnaireResponse':
    case 'Communication':
    case 'Encounter':
      return it.subject;
    default:
      return undefined;
  }
}

/** Whether anything of the types read was deleted, whoever’s it was; `undefined` where the server does not tell. */
async function deletedSince(server: FhirServer, since: string): Promise<boolean | undefined> {
  let answer: FhirResource;
  try {
    answer = await server.request('GET', `_history?_since=${encodeURIComponent(since)}&_count=500`);
  } catch (error) {
    if (error instanceof FhirError && !AWAY.has(error.kind)) return undefined;
    throw error;
  }
  if (answer.resourceType !== 'Bundle' || answer.type !== 'history') return undefined;
  const gone = (answer.entry ?? []).some(
    (it) => it.request?.method === 'DELETE' && it.request.url.split('/').some((part) => TYPES.has(part)),
  );
  if (gone) return true;
  return (answer.link ?? []).some((it) => it.relation === 'next') ? undefined : false;
}

/** The server is away: the reading fails. Anything else is a server that keeps no such history, or does not show it. */
const AWAY: ReadonlySet<string> = new Set(['unreachable', 'throttled']);
