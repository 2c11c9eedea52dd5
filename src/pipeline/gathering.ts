import type { FhirResource, QuestionnaireResponse, Reference, Task } from 'fhir/r4.js';
import type { Content } from '../content/port.ts';
import { responseKey } from '../domain/derived-identity.ts';
import { literal, typeOf } from '../domain/reference.ts';
import type { Page } from '../fhir/port.ts';
import type { PipelineContext } from './context.ts';
import { IdentifierIndex } from './identifier-index.ts';

const versionOf = (it: FhirResource): string =>
  `${it.resourceType}/${it.id}|${it.meta?.versionId ?? it.meta?.lastUpdated ?? ''}`;

/** Gathers page by page what the run needs to know, and forgets the rest. */
export class Gathering {
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

/** Whom a resource that decides something is about. */
export const subjectOf = (it: FhirResource): Reference | undefined => {
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
