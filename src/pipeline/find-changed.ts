import type { FhirResource, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { responseKey, reviewId } from '../domain/derived-identity.ts';
import {
  allReviews,
  changedDeciding,
  changedResponses,
  DECIDING_TYPES,
  derivedFromResponses,
  episodesOfType,
  existing,
  participants,
  type Query,
  responsesByIdentifier,
  reviewsById,
  steppedCarePlans,
} from '../domain/queries.ts';
import { idOf, literal, typeOf } from '../domain/reference.ts';
import type { FhirServer, ResourceType, Search } from '../fhir/port.ts';
import { ask, resourcesOf } from './by-subject.ts';
import { contestedKeys, sharers } from './contested.ts';
import { type PipelineContext, searchedCanonicals } from './context.ts';
import { Gathering, subjectOf } from './gathering.ts';

/** What a run has to look at, and how far the server had come when it was asked. */
export interface Changed {
  /** `Patient/…` and `Practitioner/…` to compute. */
  readonly subjects: ReadonlySet<string>;
  /** Patients with responses whom nothing puts into the programme; of a full run only, which asks who is in it. */
  readonly outsiders: readonly string[];
  /** Responses that name no patient or practitioner of this server. */
  readonly homeless: readonly QuestionnaireResponse[];
  /** `Type/id|version` of what was new; `undefined` where everything was asked for. */
  readonly fresh: ReadonlySet<string> | undefined;
  readonly contested: ReadonlySet<string>;
  /** Review Tasks about these responses, whoever they were about when they were raised. */
  readonly reviews: readonly Task[];
  readonly read: number;
  readonly ignored: number;
  /** How many of the new responses are about each subject: those of nobody in the programme are counted `outside`. */
  readonly responsesBySubject: ReadonlyMap<string, number>;
  readonly watermark: string;
  readonly seen: readonly string[];
}

/** How far back of the watermark is asked again, because a server may show a commit later than its timestamp. */
export interface Since {
  readonly watermark: string;
  readonly seen: ReadonlySet<string>;
}

const minus = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();

/** What changed since an earlier run: one batch of searches, and one more for former owners of what is new. */
export async function findChangedSince(
  server: FhirServer,
  since: Since,
  overlapMs: number,
  now: string,
  context: PipelineContext,
): Promise<Changed> {
  const from = minus(since.watermark, overlapMs);
  const gathering = new Gathering(context, since.seen, overlapMs, from);
  const queries: Query<ResourceType>[] = [
    changedResponses(searchedCanonicals(context.content), from),
    ...DECIDING_TYPES.map((it) => changedDeciding(it, from)),
  ];
  const [responses, ...deciding] = await ask(server, queries);
  if (responses !== undefined)
    gathering.page(responses, (it) => it.resourceType === 'QuestionnaireResponse' && gathering.response(it, true));
  for (const page of deciding) gathering.page(page, (it) => gathering.subject(subjectOf(it)));
  const contested = await relatedSubjects(server, gathering, context);
  return changed(gathering, contested, gathering.fresh, now);
}

const CHUNK = 50;
/** Ids asked for at once. */
const IDS = 500;

/** Patients whose scores these responses carried before, and other patients whose responses carry the same identifier. */
async function relatedSubjects(
  server: FhirServer,
  gathering: Gathering,
  { settings }: PipelineContext,
): Promise<Set<string>> {
  const contested = new Set<string>();
  for (let start = 0; start < gathering.freshResponses.length; start += CHUNK) {
    const chunk = gathering.freshResponses.slice(start, start + CHUNK);
    const keys = chunk.flatMap((it): [string, string][] =>
      it.identifier?.system !== undefined && it.identifier.value !== undefined
        ? [[it.identifier.system, it.identifier.value]]
        : [],
    );
    const pages = await ask(server, [
      derivedFromResponses(chunk.map((it) => `QuestionnaireResponse/${it.id}`)),
      reviewsById(chunk.map((it) => reviewId(`QuestionnaireResponse/${it.id}`))),
      ...(keys.length === 0 ? [] : [responsesByIdentifier(keys)]),
    ]);
    for (const it of resourcesOf(pages[0], 'Observation')) gathering.subject(it.subject);
    gathering.reviews.push(...resourcesOf(pages[1], 'Task'));
    const sharing = resourcesOf(pages[2], 'QuestionnaireResponse');
    // Whoever shares an identifier is computed again: it may be contested now, or no longer.
    for (const it of sharing) gathering.subject(it.subject);
    for (const key of contestedKeys(sharing, settings.baseUrl)) contested.add(key);
  }
  return contested;
}

/** What is to be computed about these responses alone: whom they are about, whom before, and who shares their identifiers. */
export async function findAround(
  server: FhirServer,
  responses: readonly QuestionnaireResponse[],
  now: string,
  context: PipelineContext,
): Promise<Changed> {
  const gathering = new Gathering(context, new Set(), 0);
  for (const it of responses) gathering.response(it, true);
  const contested = await relatedSubjects(server, gathering, context);
  return changed(gathering, contested, gathering.fresh, now);
}

/** Everything there is: all responses to the known forms, a page at a time, and everybody in the programme. */
export async function findAll(
  server: FhirServer,
  overlapMs: number,
  now: string,
  context: PipelineContext,
): Promise<Changed> {
  const gathering = new Gathering(context, new Set(), overlapMs);
  const { study, episodeType } = context.settings;
  const each = async (query: Query<ResourceType>, note: (it: FhirResource) => void) => {
    for await (const page of server.search(query as Search)) gathering.page(page, note);
  };
  await each(
    changedResponses(searchedCanonicals(context.content), undefined),
    (it) => it.resourceType === 'QuestionnaireResponse' && gathering.response(it, false),
  );
  const scope: Query<ResourceType>[] = [
    ...(study === undefined ? [] : [participants(study)]),
    ...(episodeType === undefined ? [] : [episodesOfType(episodeType)]),
    steppedCarePlans(),
  ];
  const answered = [...gathering.subjects];
  const members = new Set<string>();
  for (const query of scope)
    await each(query, (it) => {
      const member = literal(subjectOf(it), context.settings.baseUrl);
      if (member !== undefined) members.add(member);
    });
  const outsiders = answered.filter((it) => typeOf(it) === 'Patient' && !members.has(it));
  const unknown = new Set(await unknownPatients(server, outsiders));
  for (const it of outsiders) if (!unknown.has(it)) gathering.subjects.delete(it);
  for (const it of members) gathering.subject({ reference: it });
  for await (const page of server.search(allReviews())) gathering.reviews.push(...page.resources);
  const sharing = await sharers(server, gathering.identifiers.suspects());
  const contested = new Set(contestedKeys(sharing, context.settings.baseUrl));
  for (const it of sharing) if (contested.has(responseKey(it))) gathering.subject(it.subject);
  const known = outsiders.filter((it) => !gathering.subjects.has(it));
  return { ...changed(gathering, contested, undefined, now), outsiders: known };
}

/** Of these patients those that the server does not hold: their responses go to a person. */
async function unknownPatients(server: FhirServer, patients: readonly string[]): Promise<string[]> {
  const unknown: string[] = [];
  for (let start = 0; start < patients.length; start += IDS) {
    const chunk = patients.slice(start, start + IDS);
    const [page] = await ask(server, [existing(chunk.map(idOf))]);
    const there = new Set(resourcesOf(page, 'Patient').map((it) => `Patient/${it.id}`));
    unknown.push(...chunk.filter((it) => !there.has(it)));
  }
  return unknown;
}

const changed = (
  it: Gathering,
  contested: ReadonlySet<string>,
  fresh: ReadonlySet<string> | undefined,
  now: string,
): Changed => ({
  subjects: it.subjects,
  outsiders: [],
  homeless: it.homeless,
  fresh,
  contested,
  reviews: it.reviews,
  read: it.read,
  ignored: it.ignored,
  responsesBySubject: it.responsesBySubject,
  watermark: it.serverTime ?? now,
  seen: it.seen,
});
