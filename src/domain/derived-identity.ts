import type { Identifier } from 'fhir/r4.js';
import { v5 } from 'uuid';
import { DERIVED_IDENTIFIER } from './canonicals.ts';

const NAMESPACE = v5(DERIVED_IDENTIFIER, v5.URL);

/** What one response is known by: its identifier with system and value, else its id. */
export function responseKey(response: { id?: string | undefined; identifier?: Identifier | undefined }): string {
  const { system, value } = response.identifier ?? {};
  return system !== undefined && value !== undefined ? `${system}|${value}` : `QuestionnaireResponse/${response.id}`;
}

/** Id and identifier of a score: the same for the same response, whatever is computed when. */
export const scoreId = (code: string, key: string): string => v5(`${code}|${key}`, NAMESPACE);

/** Id and identifier of a dyad or change: one for each patient, therapist and visit. */
export const pairId = (code: string, patient: string, therapist: string, visit: string): string =>
  v5(`${code}|${patient}|${therapist}|${visit}`, NAMESPACE);

/** Id of a review Task: one for each response, or for each patient and reason. */
export const reviewId = (about: string): string => v5(`review-response|${about}`, NAMESPACE);
