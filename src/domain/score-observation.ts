import type { Coding, Observation, ObservationComponent } from 'fhir/r4.js';
import { isProrated } from './alliance.ts';
import { scoreId } from './derived-identity.ts';
import {
  absent,
  type Common,
  coding,
  type Display,
  frame,
  measure,
  RATING_USE,
  scoreComponent,
  scorePoints,
  TAG,
  visitComponent,
} from './derived-observation.ts';
import { type PlacedRating, totalOf } from './rating.ts';

/** Resources of the demonstration carry this tag; what is derived from them carries it too. */
export interface Marks {
  readonly tags: readonly Coding[];
  /** Labels that the patient's release consent has lifted are not here. */
  readonly blinded: Common['blinded'];
}

/** Labels and tags that follow from the rating itself. */
function tagsOf(rating: PlacedRating, marks: Marks, display: Display): Coding[] {
  return [
    ...marks.tags,
    ...(rating.counted ? [] : [coding(RATING_USE, 'not-counted', display)]),
    ...(rating.keyConfirmed ? [] : [coding(TAG, 'key-unconfirmed', display)]),
  ];
}

/** `url|version` of the instrument: the method of everything derived from it. */
export const methodOf = (rating: PlacedRating): string => `${rating.instrument.url}|${rating.instrument.version}`;

/** The score Observation of one rating: its total or why there is none, its subscales, and what they rest on. */
export function scoreObservation(rating: PlacedRating, marks: Marks, display: Display): Observation {
  const { instrument } = rating;
  const total = totalOf(rating);
  const base = frame(
    {
      id: scoreId(instrument.id, rating.key),
      code: instrument.id,
      profile: `${instrument.id}-score`,
      totalCodes: instrument.totalCodes,
      subject: rating.subject,
      focus: rating.therapist,
      performers: [rating.rater],
      effective: rating.authored.text,
      status: rating.amended ? 'amended' : 'final',
      method: methodOf(rating),
      derivedFrom: [rating.response],
      blinded: marks.blinded,
      tags: tagsOf(rating, marks, display),
    },
    display,
  );
  return {
    ...base,
    ...(total === undefined
      ? { dataAbsentReason: absent('unknown', 'too-few-answered', display) }
      : { valueQuantity: scorePoints(total) }),
    component: components(rating, display),
  };
}

function components(rating: PlacedRating, display: Display): ObservationComponent[] {
  const subscales = rating.instrument.keys.map((key) => key.measure).filter((it) => it !== 'total');
  const onPerson = rating.instrument.subject === 'Patient';
  return [
    ...subscales.map((it) => scoreComponent(it, rating.scores.get(it)?.value, display)),
    { code: measure('answered', display), valueInteger: rating.answered },
    ...(rating.instrument.alliance ? allianceComponents(rating, display) : []),
    onPerson
      ? visitComponent('visit', rating.visit, display)
      : { code: measure('visit', display), dataAbsentReason: absent('not-applicable', undefined, display) },
  ];
}

function allianceComponents(rating: PlacedRating, display: Display): ObservationComponent[] {
  return [
    { code: measure('prorated', display), valueBoolean: isProrated(rating) },
    rating.language === undefined
      ? { code: measure('language', display), dataAbsentReason: absent('unknown', undefined, display) }
      : {
          code: measure('language', display),
          valueCodeableConcept: { coding: [{ system: 'urn:ietf:bcp:47', code: rating.language }] },
        },
    ...(rating.uniform ? [{ code: measure('uniform-answers', display), valueBoolean: true }] : []),
  ];
}
