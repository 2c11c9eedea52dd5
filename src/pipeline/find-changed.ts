import type { FhirResource, QuestionnaireResponse, Reference, Task } from 'fhir/r4.js';
import type { Content } from '../content/port.ts';
import { responseKey, reviewId } from '../domain/derived-identity.ts';
import {
  allReviews,
  changedDeciding,
  changedResponses,
  DECIDING_TYPES,
  derivedFromResponses,
  episodesOfType,
  participants,
  type Query,
  responsesByIdentifier,
  reviewsById,
  steppedCarePlans,
} from '../domain/queries.ts';
import { literal, typeOf } from '../domain/reference.ts';
import type { FhirServer, Page, ResourceType, Search } from '../fhir/port.ts';
import { ask, resourcesOf } from './by-subject.ts';
import { type PipelineContext, searchedCanonicals } from './context.ts';
import { IdentifierIndex } from './identifier-index.ts';

/** What a run has to look at, and how far the server had come when it was asked. */
export interface Changed {
  /** `Patient/…` and `Practitioner/…` to compute. */
  readonly subjects: ReadonlySet<string>;
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

const versionOf = (it: FhirResource): string =>
  `${it.resourceType}/${it.id}|${it.meta?.versionId ?? it.meta?.lastUpdated ?? ''}`;

const minus = (instant: string, ms: number): string => new Date(Date.parse(instant) - ms).toISOString();

/** Gathers page by page what the run needs to know, and forgets the rest. */
class Gathering {
  readonly subjects = new Set<string>();
  readonly homeless: QuestionnaireResponse[] = [];
  readonly fresh = new Set<string>();
  readonly seen: string[] = [];
  readonly responsesBySubject = new Map<string, number>();
  readonly identifiers = new IdentifierIndex();
  readonly freshResponses: QuestionnaireResponse[] = [];
  readonly reviews: Task[] = [];
  read = 0;
  ignored = 0;
  serverTime: string | undefined;
  readonly #content: Content;
  readonly #baseUrl: string;
  readonly #known: ReadonlySet<string>;
  readonly #overlapMs: number;
  readonly #from: number;

  constructor({ content, settings }: PipelineContext, known: ReadonlySet<string>, overlapMs: number, from?: string) {
    this.#from = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
    this.#content = content;
    this.#baseUrl = settings.baseUrl;
    this.#known = known;
    this.#overlapMs = overlapMs;
  }

  /**
   * True where this version was not seen by an earlier run; remembered where the next one will ask for it again. A server
   * that ignores `_lastUpdated` gives what is older too: that is not new.
   */
  #isFresh(it: FhirResource): boolean {
    const version = versionOf(it);
    const updated = Date.parse(it.meta?.lastUpdated ?? '');
    if (
      Number.isNaN(updated) ||
      this.serverTime === undefined ||
      updated >= Date.parse(this.serverTime) - this.#overlapMs
    )
      this.seen.push(version);
    return !(updated < this.#from) && !this.#known.has(version);
  }

  page(page: Page, note: (it: FhirResource) => void): void {
    this.serverTime ??= page.serverTime;
    for (const it of page.resources) if (this.#isFresh(it)) note(it);
  }

  subject(reference: Reference | undefined): void {
    const subject = literal(reference, this.#baseUrl);
    if (subject !== undefined && typeOf(subject) === 'Patient') this.subjects.add(subject);
  }

  response(it: QuestionnaireResponse, keep: boolean): void {
    if (this.#content.resolve(it.questionnaire).kind === 'ignored') {
      this.ignored += 1;
      return;
    }
    this.read += 1;
    if (keep) {
      this.fresh.add(`QuestionnaireResponse/${it.id}`);
      this.freshResponses.push(it);
    }
    const subject = literal(it.subject, this.#baseUrl);
    if (subject === undefined || !['Patient', 'Practitioner'].includes(typeOf(subject))) {
      this.homeless.push(it);
      return;
    }
    this.subjects.add(subject);
    this.responsesBySubject.set(subject, (this.responsesBySubject.get(subject) ?? 0) + 1);
    const key = responseKey(it);
    if (it.identifier !== undefined && it.status !== 'entered-in-error') this.identifiers.note(key, subject);
  }
}

const subjectOf = (it: FhirResource): Reference | undefined => {
  switch (it.resourceType) {
    case 'ResearchSubject':
      return it.individual;
    case 'EpisodeOfCare':
    case 'Consent':
      return it.patient;
    case 'CareTeam':
    case 'CarePlan':
      return it.subject;
    case 'Patient':
      return { reference: `Patient/${it.id}` };
    default:
      return undefined;
  }
};

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
    for (const key of contestedKeys(resourcesOf(pages[2], 'QuestionnaireResponse'), gathering, settings.baseUrl))
      contested.add(key);
  }
  return contested;
}

/** Identifiers that the responses of more than one subject carry; all their subjects are computed again. */
function contestedKeys(responses: readonly QuestionnaireResponse[], gathering: Gathering, baseUrl: string): string[] {
  const owners = new Map<string, Set<string>>();
  for (const it of responses) {
    const subject = literal(it.subject, baseUrl);
    if (subject === undefined || it.identifier === undefined || it.status === 'entered-in-error') continue;
    const key = responseKey(it);
    owners.set(key, (owners.get(key) ?? new Set()).add(subject));
  }
  const several = [...owners].filter(([, subjects]) => subjects.size > 1);
  for (const [, subjects] of several) for (const subject of subjects) gathering.subject({ reference: subject });
  return several.map(([key]) => key);
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
  for (const query of scope) await each(query, (it) => gathering.subject(subjectOf(it)));
  for await (const page of server.search(allReviews())) gathering.reviews.push(...page.resources);
  const suspects = gathering.identifiers.suspects();
  const [page] = await ask(server, suspects.length === 0 ? [] : [responsesByIdentifier(suspects.map(splitKey))]);
  const contested = new Set(
    contestedKeys(resourcesOf(page, 'QuestionnaireResponse'), gathering, context.settings.baseUrl),
  );
  return changed(gathering, contested, undefined, now);
}

/** A response key is `system|value`; the system holds no bar. */
const splitKey = (key: string): [string, string] => [key.slice(0, key.indexOf('|')), key.slice(key.indexOf('|') + 1)];

const changed = (
  it: Gathering,
  contested: ReadonlySet<string>,
  fresh: ReadonlySet<string> | undefined,
  now: string,
): Changed => ({
  subjects: it.subjects,
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
