import type { FhirResource, Reference } from 'fhir/r4.js';
import type { CohortTherapist } from '../../analysis/cohort-data.ts';
import { byIds, episodesOfType, escaped, participants, type Query } from '../../domain/queries.ts';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { questionnaireTasksOf } from '../../domain/schedule-queries.ts';
import type { FhirServer, ResourceType, Search } from '../../fhir/port.ts';
import { ask, bySubject, resourcesOf } from '../by-subject.ts';
import type { PipelineContext } from '../context.ts';
import { loadPatients } from '../load-records.ts';
import { changesSince } from './changes-since.ts';
import { type CohortFrame, type CohortRecord, cohortPatient, type InCohort } from './cohort-patient.ts';
import type { PlatformAnswers } from './csv.ts';
import { exposuresOf } from './exposures.ts';
import { feedsOf } from './feeds.ts';
import { type NotedQueries, noteQueries } from './noted-queries.ts';
import { platformAnswers } from './platform-answers.ts';

/** Patients whose records are held at once. */
const CHUNK = 50;

export interface CohortReadingOptions extends Omit<CohortFrame, 'fed' | 'context'> {
  /** How records are read, for the manifest, where it is not by paging. */
  readonly readBy?: string | undefined;
  readonly onProgress?: (patients: number) => void;
  /** What is asked of the server, where the caller notes it from its own first query on. */
  readonly noted?: NotedQueries;
}

/** What a reading has seen so far, and whole once its patients have all been given. Counts alone. */
export interface CohortTally {
  read: number;
  readonly leftOut: Map<string, number>;
  /** Ratings beside the one that stands for their visit and rater. */
  ratingsBeside: number;
  readonly queries: string[];
  readonly fed: string[];
  /** True where anything that was read was written after the reading began; a server that cannot say so leaves it `undefined`. */
  changed: boolean | undefined;
  /** Whether the server could be asked what was deleted meanwhile. */
  deletions: 'read' | 'not-read';
  readonly therapists: CohortTherapist[];
  /** Satisfaction with the platform by coded therapist; known before the first patient is given. */
  platform: PlatformAnswers;
  /** Whether the server could be asked who had been shown whose rating; every group of patients must say yes. */
  exposures: 'read' | 'not-read';
}

const newTally = (): CohortTally => ({
  read: 0,
  leftOut: new Map(),
  ratingsBeside: 0,
  queries: [],
  fed: [],
  changed: undefined,
  deletions: 'not-read',
  therapists: [],
  platform: new Map(),
  exposures: 'read',
});

/** A cohort as it is read: patients one at a time, and what was seen on the way. */
export interface CohortReading {
  readonly patients: AsyncIterable<InCohort>;
  readonly tally: CohortTally;
}

/**
 * Reads the cohort of the configured study, or of the configured episodes, by paging: fifty patients are held at once, of
 * the others only their references. Nothing is written.
 * @throws FhirError where the server is not reached, also in the middle
 */
export function readCohort(server: FhirServer, context: PipelineContext, options: CohortReadingOptions): CohortReading {
  const tally = newTally();
  const { noted: before } = options;
  const { server: own, noted } = before === undefined ? noteQueries(server) : { server, noted: before };
  return { tally, patients: patientsOf(own, context, { ...options, noted }, tally) };
}

async function* patientsOf(
  server: FhirServer,
  context: PipelineContext,
  options: CohortReadingOptions & { readonly noted: NotedQueries },
  tally: CohortTally,
): AsyncGenerator<InCohort> {
  const { fed } = await feedsOf(server, context.settings.timeZone);
  tally.fed.push(...fed);
  if (options.readBy !== undefined) tally.queries.push(options.readBy);
  if (options.givenArms !== undefined) tally.queries.push(options.givenArms.source);
  tally.platform = await platformAnswers(server, options.code);
  const frame: CohortFrame = { ...options, fed, context };
  const therapists = new Map<string, string>();
  const members = membersQuery(context);
  const [participants, roles] = [new Set<string>(), new Set<string>()];
  for await (const chunk of chunksOf(server, members, context.settings.baseUrl, participants)) {
    for (const record of await recordsOf(server, chunk, context, { tally, looked: roles })) {
      tally.read += 1;
      const found = cohortPatient(record, frame);
      if (typeof found === 'string') tally.leftOut.set(found, (tally.leftOut.get(found) ?? 0) + 1);
      else {
        tally.ratingsBeside += found.others;
        for (const { therapist } of found.rows)
          if (therapist !== undefined && !therapists.has(therapist)) therapists.set(therapist, found.patient.site);
        yield found;
      }
    }
    options.onProgress?.(tally.read);
  }
  tally.therapists.push(
    ...[...therapists].map(([therapist, site]) => ({
      therapist,
      site,
      vasPlatform: tally.platform.get(therapist) ?? [],
    })),
  );
  const { since, kinds } = options.noted;
  if (since !== undefined) Object.assign(tally, await changesSince(server, since, { members, participants, roles }));
  if (options.givenArms !== undefined && (await options.givenArms.changed())) tally.changed = true;
  tally.queries.push(...kinds);
}

/** Whom the programme’s study has, or its episodes where there is none. */
const membersQuery = ({
  settings: { study, episodeType },
}: PipelineContext): Query<'ResearchSubject' | 'EpisodeOfCare'> =>
  study === undefined ? episodesOfType(episodeType ?? '') : participants(study);

/** References of everybody who takes part: of a large cohort nothing else is held. */
export async function participantsOf(server: FhirServer, context: PipelineContext): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const _ of chunksOf(server, membersQuery(context), context.settings.baseUrl, found));
  return found;
}

/** References of patients, each once, some at a time; `seen` holds those that were given. */
async function* chunksOf(
  server: FhirServer,
  members: Search<'ResearchSubject' | 'EpisodeOfCare'>,
  baseUrl: string,
  seen: Set<string>,
): AsyncGenerator<readonly string[]> {
  let chunk: string[] = [];
  for await (const page of server.search(members)) {
    for (const it of page.resources) {
      const patient = literal(it.resourceType === 'ResearchSubject' ? it.individual : it.patient, baseUrl);
      if (patient === undefined || typeOf(patient) !== 'Patient' || seen.has(patient)) continue;
      seen.add(patient);
      chunk.push(patient);
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

const contactQueries = (patients: readonly string[]): readonly Query<ResourceType>[] => {
  const subject = ['subject', patients.map(escaped).join(',')] as const;
  const elements = {
    Communication: 'status,subject,sender,recipient,medium,sent,received',
    Encounter: 'status,subject,class,participant,period',
  };
  return [
    {
      type: 'Communication',
      // The text is never asked for.
      params: [subject, ['status', 'completed'], ['_elements', elements.Communication], ['_count', '1000']],
    },
    {
      type: 'Encounter',
      params: [subject, ['status', 'finished'], ['_elements', elements.Encounter], ['_count', '1000']],
    },
  ];
};

/** Everything that the data set needs of some patients. */
async function recordsOf(
  server: FhirServer,
  patients: readonly string[],
  context: PipelineContext,
  { tally, looked }: { readonly tally: CohortTally; readonly looked: Set<string> },
): Promise<readonly CohortRecord[]> {
  const { baseUrl } = context.settings;
  const { records, roles } = await loadPatients(server, patients, context);
  const pages = await ask(server, [questionnaireTasksOf(patients), ...contactQueries(patients)]);
  const [communications, encounters] = [resourcesOf(pages[1], 'Communication'), resourcesOf(pages[2], 'Encounter')];
  const tasks = bySubject(resourcesOf(pages[0], 'Task'), (it) => it.for, baseUrl);
  const sent = bySubject(communications, (it) => it.subject, baseUrl);
  const met = bySubject(encounters, (it) => it.subject, baseUrl);
  const all = await withRoles(server, roles, [...communications, ...encounters], baseUrl);
  for (const role of all.keys()) looked.add(role);
  const exposures = await exposuresOf(server, records, (named) => rolesOf(server, all, named, baseUrl));
  if (exposures === undefined) tally.exposures = 'not-read';
  return records.map((record) => ({
    record,
    exposures: exposures ?? [],
    roles: all,
    tasks: tasks.get(record.subject) ?? [],
    communications: sent.get(record.subject) ?? [],
    encounters: met.get(record.subject) ?? [],
  }));
}

const namedIn = (it: FhirResource) =>
  it.resourceType === 'Communication'
    ? [it.sender, ...(it.recipient ?? [])]
    : it.resourceType === 'Encounter'
      ? (it.participant ?? []).map((one) => one.individual)
      : [];

/** The roles that are known, and those that only contacts name. */
const withRoles = (
  server: FhirServer,
  known: ReadonlyMap<string, string>,
  contacts: readonly FhirResource[],
  baseUrl: string,
): Promise<ReadonlyMap<string, string>> =>
  rolesOf(
    server,
    known,
    contacts.flatMap((it) => namedIn(it).flatMap((one) => one ?? [])),
    baseUrl,
  );

async function rolesOf(
  server: FhirServer,
  known: ReadonlyMap<string, string>,
  references: readonly Reference[],
  baseUrl: string,
): Promise<ReadonlyMap<string, string>> {
  const named = references.flatMap((one) => literal(one, baseUrl) ?? []);
  const missing = [...new Set(named)].filter((it) => typeOf(it) === 'PractitionerRole' && !known.has(it));
  const [page] = await ask(server, missing.length === 0 ? [] : [byIds('PractitionerRole', missing.map(idOf))]);
  const found = resourcesOf(page, 'PractitionerRole').flatMap((it) => {
    const person = literal(it.practitioner, baseUrl);
    return person === undefined ? [] : [[`PractitionerRole/${it.id}`, person] as const];
  });
  return new Map([...known, ...found]);
}
