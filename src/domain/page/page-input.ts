import type { FhirResource, Observation, ObservationComponent, Reference } from 'fhir/r4.js';
import { MEASURE, RATING_USE, TAG } from '../derived-observation.ts';
import { localDate, readAuthored } from '../instant.ts';
import type { Overview, OverviewInput } from '../overview.ts';
import type { ErrorOf, Release } from '../overview-alliance.ts';
import type { VisitPlan } from '../programme.ts';
import type { Words } from '../protocol.ts';
import { literal } from '../reference.ts';
import type { PersonNamed } from '../view/patient-view.ts';

/** All that a page of one patient is made of. */
export interface PageInput {
  readonly look: OverviewInput;
  readonly overview: Overview;
  readonly release: Release;
  readonly resources: readonly FhirResource[];
  readonly visits: VisitPlan;
  /** Local date of inclusion; absent where the record says none. */
  readonly inclusion: string | undefined;
  readonly errorOf: ErrorOf;
  /** What a form is called, by the id of its instrument. */
  readonly formTitle: (instrument: string) => Words;
  /** What a code is called. */
  readonly say: (system: string, code: string) => Words;
  readonly nameOf: (reference: string | undefined) => string | undefined;
}

/** Code of the measure that an Observation carries. */
export const codeOf = (it: Observation): string | undefined =>
  it.code.coding?.find((one) => one.system === MEASURE)?.code;

export const partOf = (it: Observation, code: string): ObservationComponent | undefined =>
  it.component?.find((one) => one.code.coding?.some((c) => c.system === MEASURE && c.code === code));

export const visitOf = (it: Observation): string | undefined =>
  partOf(it, 'visit')?.valueCodeableConcept?.coding?.[0]?.code;

const tagged = (it: Observation, system: string, code: string): boolean =>
  it.meta?.tag?.some((one) => one.system === system && one.code === code) ?? false;

export const isUnconfirmed = (it: Observation): boolean => tagged(it, TAG, 'key-unconfirmed');

/** Observations of a measure that stand and count, oldest first. */
export const standing = ({ look }: PageInput, measure: string): readonly Observation[] =>
  look.record.derived
    .filter((it) => codeOf(it) === measure && (it.status === 'final' || it.status === 'amended'))
    .filter((it) => !tagged(it, RATING_USE, 'not-counted'))
    .toSorted((a, b) => (a.effectiveDateTime ?? '').localeCompare(b.effectiveDateTime ?? ''));

/** Id of the response that an Observation was computed from. */
export function responseOf(it: Observation, baseUrl: string): string | undefined {
  const named = (it.derivedFrom ?? []).flatMap((one) => literal(one, baseUrl) ?? []);
  return named.find((one) => one.startsWith('QuestionnaireResponse/'))?.slice('QuestionnaireResponse/'.length);
}

/** The local date on which something was answered. */
export const dateOf = (it: Observation, { look }: PageInput): string =>
  readAuthored(it.effectiveDateTime, look.settings.timeZone)?.date ?? '';

export const today = ({ look }: PageInput): string => localDate(look.moment.nowMs, look.settings.timeZone);

/** A person by reference, with the name where it was read. */
export function named(reference: Reference | string | undefined, input: PageInput): PersonNamed | undefined {
  const own =
    typeof reference === 'string' || reference === undefined
      ? reference
      : literal(reference, input.look.settings.baseUrl);
  if (own === undefined) return undefined;
  const name = input.nameOf(own);
  return { reference: own, ...(name === undefined ? {} : { name }) };
}
