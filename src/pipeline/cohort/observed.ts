import type { Observation, ObservationComponent } from 'fhir/r4.js';
import type { Rater, Subscale } from '../../analysis/cohort-data.ts';
import { MEASURE, RATING_USE, VISIT } from '../../domain/derived-observation.ts';
import { type Authored, readAuthored } from '../../domain/instant.ts';
import { literal } from '../../domain/reference.ts';

/** Raters of the alliance by the code of their score. */
export const ALLIANCE: Readonly<Record<string, Rater>> = { 'wai-s-p': 'patient', 'wai-s-t': 'therapist' };

/** A rating of the alliance that counts, as its derived Observation has it. */
export interface ObservedRating {
  readonly rater: Rater;
  /** `Patient/…` or `Practitioner/…`: who rated. */
  readonly by: string | undefined;
  readonly visit: string;
  /** `Practitioner/…` */
  readonly therapist: string | undefined;
  readonly authored: Authored;
  readonly total: number | undefined;
  readonly subscales: Readonly<Record<Subscale, number | undefined>>;
  readonly answered: number | undefined;
  readonly prorated: boolean;
  readonly uniform: boolean;
  readonly language: string | undefined;
  readonly version: string | undefined;
}

export const measureOf = (it: Observation): string | undefined =>
  it.code.coding?.find((one) => one.system === MEASURE)?.code;

/** A withdrawn score, and a rating that came after the one that counts, are no data. */
export const counts = (it: Observation): boolean =>
  (it.status === 'final' || it.status === 'amended') &&
  !(it.meta?.tag ?? []).some((tag) => tag.system === RATING_USE && tag.code === 'not-counted');

export const componentOf = (it: Observation, code: string): ObservationComponent | undefined =>
  it.component?.find((one) => one.code.coding?.some((coding) => coding.system === MEASURE && coding.code === code));

export const visitOf = (it: Observation): string | undefined =>
  componentOf(it, 'visit')?.valueCodeableConcept?.coding?.find((one) => one.system === VISIT)?.code;

const score = (it: Observation, code: Subscale): number | undefined => componentOf(it, code)?.valueQuantity?.value;

/** A counted rating of the alliance; `undefined` for any other Observation. */
export function observedRating(it: Observation, zone: string, baseUrl: string): ObservedRating | undefined {
  const rater = ALLIANCE[measureOf(it) ?? ''];
  const visit = visitOf(it);
  const authored = readAuthored(it.effectiveDateTime, zone);
  if (rater === undefined || visit === undefined || authored === undefined || !counts(it)) return undefined;
  return {
    rater,
    visit,
    authored,
    by: literal(it.performer?.[0], baseUrl),
    therapist: literal(it.focus?.[0], baseUrl),
    total: it.valueQuantity?.value,
    subscales: { task: score(it, 'task'), bond: score(it, 'bond'), goal: score(it, 'goal') },
    answered: componentOf(it, 'answered')?.valueInteger,
    prorated: componentOf(it, 'prorated')?.valueBoolean ?? false,
    uniform: componentOf(it, 'uniform-answers')?.valueBoolean ?? false,
    language: componentOf(it, 'language')?.valueCodeableConcept?.coding?.[0]?.code,
    version: it.method?.text?.split('|')[1],
  };
}

const inOrder = (a: ObservedRating, b: ObservedRating): number =>
  Number(b.total !== undefined) - Number(a.total !== undefined) || a.authored.epochMs - b.authored.epochMs;

/** One rating for each visit and rater, the first with a total; `others` is how many counted beside it (about another therapist, or without a total). */
export function oneEach(ratings: readonly ObservedRating[]): {
  readonly kept: ObservedRating[];
  readonly others: number;
} {
  const kept = new Map<string, ObservedRating>();
  for (const it of ratings.toSorted(inOrder)) {
    const slot = `${it.visit}|${it.rater}`;
    if (!kept.has(slot)) kept.set(slot, it);
  }
  return { kept: [...kept.values()], others: ratings.length - kept.size };
}

/** The value of a score at a visit, the earliest that counts and has one. */
export function scoreAt(observations: readonly Observation[], measure: string, visit: string, zone: string) {
  const at = (it: Observation): number => readAuthored(it.effectiveDateTime, zone)?.epochMs ?? Number.POSITIVE_INFINITY;
  return observations
    .filter((it) => measureOf(it) === measure && counts(it) && visitOf(it) === visit)
    .toSorted((a, b) => at(a) - at(b))
    .flatMap((it) => it.valueQuantity?.value ?? [])[0];
}

/** Whole days between the two ratings of a dyad; `undefined` without a partner. */
export function daysApartOf(
  observations: readonly Observation[],
  therapist: string | undefined,
  visit: string,
  baseUrl: string,
): number | undefined {
  const dyad = observations.find(
    (it) =>
      measureOf(it) === 'wai-s-dyad' &&
      counts(it) &&
      visitOf(it) === visit &&
      therapist !== undefined &&
      literal(it.focus?.[0], baseUrl) === therapist,
  );
  return dyad === undefined ? undefined : componentOf(dyad, 'days-apart')?.valueInteger;
}
