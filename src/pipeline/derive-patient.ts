import type { Coding, Observation } from 'fhir/r4.js';
import { changes, dyads } from '../domain/alliance.ts';
import { consented } from '../domain/consent.ts';
import type { Common } from '../domain/derived-observation.ts';
import { TAG } from '../domain/derived-observation.ts';
import { membershipOf } from '../domain/membership.ts';
import type { Issue } from '../domain/outcome.ts';
import { changeObservation, dyadObservation } from '../domain/pair-observation.ts';
import type { PatientRecord } from '../domain/patient-record.ts';
import { type PlacedRating, placeRatings } from '../domain/rating.ts';
import type { Review } from '../domain/review-task.ts';
import { type Marks, scoreObservation } from '../domain/score-observation.ts';
import type { PipelineContext, Surroundings } from './context.ts';
import { type Forms, type ResponseOutcome, readRatings } from './read-ratings.ts';

/** Everything that follows from one subject's record: the same record gives the same, whenever and wherever it is asked. */
export interface Derived {
  readonly inScope: boolean;
  readonly observations: readonly Observation[];
  readonly reviews: readonly Review[];
  readonly outcomes: readonly ResponseOutcome[];
}

/** Computes what should stand on the server for one subject. Nothing is kept or derived for anyone out of scope. */
export function derivePatient(
  record: PatientRecord,
  forms: Forms,
  context: PipelineContext,
  surroundings: Surroundings,
): Derived {
  const membership = membershipOf(record, context.settings);
  const onPerson = record.subject.startsWith('Patient/');
  const inScope = onPerson ? membership.inScope || record.patient === undefined : record.caresForProgramme;
  if (!inScope) return { inScope, observations: [], reviews: [], outcomes: [] };
  const outcomes = readRatings(record, forms, context, surroundings);
  const ratings = outcomes.flatMap((it) => it.rating ?? []);
  const placed = placeRatings(ratings, membership.inclusion, context.content.visits);
  const doubt = ratings.length > 0 && onPerson ? membership.doubt : undefined;
  return {
    inScope,
    observations: observe(record, placed, context),
    reviews: [...responseReviews(record, outcomes), ...inclusionReview(record, doubt)],
    outcomes,
  };
}

function observe(record: PatientRecord, placed: readonly PlacedRating[], context: PipelineContext): Observation[] {
  const { content, display } = context;
  const marks = marksOf(record, context);
  const pairMarks: Marks = { ...marks, blinded: [...marks.blinded] };
  return [
    ...placed.map((it) => scoreObservation(it, { ...marks, blinded: blindedFrom(it, marks.blinded) }, display)),
    ...dyads(record.subject, placed).map((it) => dyadObservation(it, pairMarks, display)),
    ...changes(record.subject, placed, content.reliableChange).map((it) =>
      changeObservation(it, { ...marks, blinded: blindedFrom(it.current, marks.blinded) }, display),
    ),
  ];
}

const HIDDEN_FROM = { patient: 'blinded-from-therapist', therapist: 'blinded-from-patient' } as const;

/** A rating is hidden from the other rater, as long as that label is in force for the patient. */
const blindedFrom = (rating: PlacedRating, inForce: Common['blinded']): Common['blinded'] =>
  rating.instrument.alliance ? inForce.filter((it) => it === HIDDEN_FROM[rating.instrument.rater]) : [];

const SYNTHETIC = 'synthetic';

/**
 * The labels and tags of everything derived for one subject. A therapist's rating is never released to the patient; the
 * patient's is released to the therapist only by an explicit consent, and never while the patient takes part in the study.
 */
function marksOf(record: PatientRecord, { content, settings }: PipelineContext): Marks {
  const participating = record.researchSubjects.some(
    (it) =>
      it.status === 'on-study' ||
      it.status === 'on-study-intervention' ||
      it.status === 'on-study-observation' ||
      it.status === 'follow-up',
  );
  const policy = { required: [...content.consent.required, 'alliance-release' as const] };
  const released =
    !participating &&
    consented(record.consents, 'alliance-release', Number.POSITIVE_INFINITY, policy, settings.timeZone);
  return {
    tags: syntheticTag(record),
    blinded: released ? ['blinded-from-patient'] : ['blinded-from-therapist', 'blinded-from-patient'],
  };
}

/** What is derived from a synthetic patient is synthetic. */
function syntheticTag(record: PatientRecord): Coding[] {
  const source = record.patient ?? record.responses[0];
  return source?.meta?.tag?.filter((it) => it.system === TAG && it.code === SYNTHETIC).map((it) => ({ ...it })) ?? [];
}

/** A refused response, and one whose therapist nobody can tell, go to a person. */
const NEEDS_A_PERSON: ReadonlySet<string> = new Set(['therapist-unclear']);

function responseReviews(record: PatientRecord, outcomes: readonly ResponseOutcome[]): Review[] {
  const patient = record.patient === undefined ? undefined : record.subject;
  return outcomes.flatMap(({ response, fate, issues }): Review[] => {
    const asks = fate === 'refused' ? issues : issues.filter((it) => NEEDS_A_PERSON.has(it.reason));
    return asks.length === 0 ? [] : [{ about: response, patient, issues: asks }];
  });
}

const DOUBTS: Record<string, string> = {
  'no-inclusion': 'No source says when this patient was included: no rating can be placed at a visit.',
  'several-inclusions': 'Several inclusions with different dates: the earliest counts.',
  'several-arms': 'Several assigned arms: the patient is analysed in none.',
};

function inclusionReview(record: PatientRecord, doubt: string | undefined): Review[] {
  if (doubt === undefined) return [];
  const issue: Issue = { severity: 'error', code: 'business-rule', reason: doubt, diagnostics: DOUBTS[doubt] ?? doubt };
  return [{ about: record.subject, patient: record.subject, issues: [issue] }];
}
