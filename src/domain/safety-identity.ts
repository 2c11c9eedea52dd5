import type { QuestionnaireResponse } from 'fhir/r4.js';
import { BASE } from './canonicals.ts';
import { identify, responseKey } from './derived-identity.ts';

export const FLAG_IDENTIFIER = `${BASE}/identifier/flag`;
export const COMMUNICATION_IDENTIFIER = `${BASE}/identifier/communication`;

/**
 * What one sign is known by: the patient, the response and the item. The patient is part of it, because two patients may
 * carry one identifier, and the sign of the second must not pass for that of the first.
 */
export interface SignKey {
  /** `Patient/…` */
  readonly patient: string;
  /** As derived-identity.ts names a response: `system|value`, or `QuestionnaireResponse/…`. */
  readonly response: string;
  /** linkId of the instrument’s item. */
  readonly item: string;
}

export const signKey = (patient: string, response: QuestionnaireResponse, item: string): SignKey => ({
  patient,
  response: responseKey(response),
  item,
});

const text = ({ patient, response, item }: SignKey, episode: number): string =>
  `${patient}|${response}|${item}${episode === 1 ? '' : `|${episode}`}`;

/** `episode` counts from 1: a rise after a closure opens the next. */
export const flagId = (key: SignKey, episode: number): string => identify(`safety-flag|${text(key, episode)}`);
export const safetyTaskId = (key: SignKey, episode: number): string => identify(`safety-review|${text(key, episode)}`);

/** One step of the chain about one Task: whoever is told, and however often it is tried, it is this step. */
export const stepId = (task: string, step: string): string => identify(`safety-step|${task}|${step}`);

/** One notice to one person about some Tasks: sent twice it is the same. */
export const noticeId = (tasks: readonly string[], step: string, recipient: string): string =>
  identify(`safety-notice|${[...tasks].sort().join(',')}|${step}|${recipient}`);

export const safetyProvenanceId = (event: string, task: string): string =>
  identify(`safety-provenance|${event}|${task}`);
