import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { careOf, type Parts } from './care.ts';
import { communicationsOf, encountersOf } from './contacts.ts';
import type { FaultNote } from './faults.ts';
import { miiStandIn } from './foreign-forms.ts';
import { SYNTHETIC, SYNTHETIC_EPISODE_TYPE } from './marks.ts';
import { type Cohort, type CohortOptions, cohortOf, studyReference } from './options.ts';
import { type Participant, participantOf } from './participant.ts';
import { institution, outsiderOf, patientOf } from './people.ts';
import { notesOf, platformRatings, responsesOf } from './responses.ts';

export type { Fault, FaultNote } from './faults.ts';
export type { CohortOptions } from './options.ts';

/** What the hospital holds at first, or what arrives and changes later. */
export type Part = 'first' | 'second';

/** The settings by which Vincle knows the patients of a cohort as its programme's. */
export interface CohortSettings {
  /** `ResearchStudy/…`, for `STUDY`. */
  readonly study: string;
  /** `system|code`, for `EPISODE_TYPE`: some patients are in the programme by their EpisodeOfCare alone. */
  readonly episodeType: string;
}

/** A whole cohort in memory. */
export interface GeneratedCohort extends CohortSettings {
  /** Transactions, to be sent in order: everything refers to what came before it. */
  readonly first: readonly Bundle<FhirResource>[];
  /** Transactions of the second part: later visits, amendments, withdrawals, corrected inclusions, new therapists. */
  readonly second: readonly Bundle<FhirResource>[];
  /** What happened to which response; empty for a cohort without faults. */
  readonly faults: readonly FaultNote[];
}

/** No transaction is larger: a server answers one of about a hundred fastest. */
const LARGEST = 100;

/**
 * A synthetic cohort of the shape of the trial: two arms, ratings of the alliance by both sides at three, six and twelve
 * months, screeners from the start. The same options give the same cohort.
 * @throws RangeError for options that cannot be met
 */
export function generateCohort(options: CohortOptions): GeneratedCohort {
  return {
    ...settingsOf(options),
    first: [...bundlesOf(options, 'first')],
    second: [...bundlesOf(options, 'second')],
    faults: [...faultNotes(options)],
  };
}

/** The same transactions one at a time: memory does not grow with the number of responses. */
export async function* streamCohort(
  options: CohortOptions,
  part: Part = 'first',
): AsyncGenerator<Bundle<FhirResource>> {
  yield* bundlesOf(options, part);
}

/** The same transactions one at a time, for callers that need not wait. */
export function* bundlesOf(options: CohortOptions, part: Part): Generator<Bundle<FhirResource>> {
  const cohort = cohortOf(options);
  let entry: BundleEntry<FhirResource>[] = [];
  for (const resource of part === 'first' ? firstOf(cohort) : secondOf(cohort)) {
    entry.push({ resource, request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` } });
    if (entry.length < LARGEST) continue;
    yield transaction(entry);
    entry = [];
  }
  if (entry.length > 0) yield transaction(entry);
}

const transaction = (entry: BundleEntry<FhirResource>[]): Bundle<FhirResource> => ({
  resourceType: 'Bundle',
  meta: SYNTHETIC,
  type: 'transaction',
  entry,
});

/** What happened to which response, patient by patient. */
export function* faultNotes(options: CohortOptions): Generator<FaultNote> {
  const cohort = cohortOf(options);
  if (!cohort.faults) return;
  for (let index = 0; index < cohort.patients; index += 1) yield* notesOf(cohort, participantOf(cohort, index));
}

export const settingsOf = (options: CohortOptions): CohortSettings => ({
  study: studyReference(cohortOf(options)),
  episodeType: SYNTHETIC_EPISODE_TYPE,
});

function* everybody(cohort: Cohort): Generator<Participant> {
  for (let index = 0; index < cohort.patients + cohort.outside; index += 1) yield participantOf(cohort, index);
}

/** Care before answers, and every patient before any: a response may name another patient. */
function* firstOf(cohort: Cohort): Generator<FhirResource> {
  yield* institution(cohort);
  if (cohort.otherForms) yield miiStandIn();
  for (const who of everybody(cohort)) yield patientOf(cohort, who);
  for (const who of everybody(cohort)) {
    yield* inReferenceOrder(careOf(cohort, who).first);
    yield* communicationsOf(cohort, who);
    yield* encountersOf(cohort, who);
  }
  yield* responses(cohort, 'first');
}

function* secondOf(cohort: Cohort): Generator<FhirResource> {
  if (cohort.responses !== undefined) return;
  for (const who of everybody(cohort)) yield* careOf(cohort, who).second;
  yield* responses(cohort, 'second');
}

const inReferenceOrder = (resources: Parts['first']): FhirResource[] => [
  ...resources.filter((it) => it.resourceType !== 'CarePlan'),
  ...resources.filter((it) => it.resourceType === 'CarePlan'),
];

function* responses(cohort: Cohort, part: Part): Generator<FhirResource> {
  let left = cohort.responses ?? Number.POSITIVE_INFINITY;
  for (const who of everybody(cohort)) {
    for (const response of responsesOf(cohort, who)[part]) {
      if (left === 0) return;
      left -= 1;
      yield response;
    }
  }
  for (let therapist = 0; therapist <= outsiderOf(cohort); therapist += 1)
    yield* platformRatings(cohort, therapist)[part];
}
