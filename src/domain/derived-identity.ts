import type { Identifier } from 'fhir/r4.js';
import { parse, v5 } from 'uuid';
import { DERIVED_IDENTIFIER } from './canonicals.ts';

const NAMESPACE = parse(v5(DERIVED_IDENTIFIER, v5.URL));
const utf8 = new TextEncoder();

/** UUIDv5 in Vincle’s own namespace. Bytes in, because the library takes far longer over strings, and a run asks for an id several times a rating. */
export const identify = (text: string): string => v5(utf8.encode(text), NAMESPACE);

/** What one response is known by: its identifier with system and value, else its id. */
export function responseKey(response: { id?: string | undefined; identifier?: Identifier | undefined }): string {
  const { system, value } = response.identifier ?? {};
  return system !== undefined && value !== undefined ? `${system}|${value}` : `QuestionnaireResponse/${response.id}`;
}

/** Id and identifier of a score: the same for the same response, whatever is computed when. */
export const scoreId = (code: string, key: string): string => identify(`${code}|${key}`);

/** Id and identifier of a dyad or change: one for each patient, therapist and visit. */
export const pairId = (code: string, patient: string, therapist: string, visit: string): string =>
  identify(`${code}|${patient}|${therapist}|${visit}`);

/** Id of a review Task: one for each response, or for each patient and reason. */
export const reviewId = (about: string): string => identify(`review-response|${about}`);
