import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import { responseKey } from '../domain/derived-identity.ts';
import type { PatientRecord } from '../domain/patient-record.ts';
import { responsesByIdentifier } from '../domain/queries.ts';
import { literal } from '../domain/reference.ts';
import { reasonsOf } from '../domain/review-task.ts';
import type { FhirServer } from '../fhir/port.ts';
import { ask, resourcesOf } from './by-subject.ts';

/** The reason of a review that says so. */
export const OF_TWO_PATIENTS = 'identifier-of-two-patients';

/** A response key is `system|value`; the system holds no bar. */
const splitKey = (key: string): [string, string] => [key.slice(0, key.indexOf('|')), key.slice(key.indexOf('|') + 1)];

/** Every response that carries one of these identifiers, whoever it is about. */
export async function sharers(server: FhirServer, keys: readonly string[]): Promise<QuestionnaireResponse[]> {
  const [page] = await ask(server, keys.length === 0 ? [] : [responsesByIdentifier(keys.map(splitKey))]);
  return resourcesOf(page, 'QuestionnaireResponse');
}

/** Identifiers that responses of more than one subject carry. A withdrawn response claims none. */
export function contestedKeys(responses: readonly QuestionnaireResponse[], baseUrl: string): string[] {
  const owners = new Map<string, Set<string>>();
  for (const it of responses) {
    const subject = literal(it.subject, baseUrl);
    if (subject === undefined || it.identifier === undefined || it.status === 'entered-in-error') continue;
    const key = responseKey(it);
    owners.set(key, (owners.get(key) ?? new Set()).add(subject));
  }
  return [...owners].filter(([, subjects]) => subjects.size > 1).map(([key]) => key);
}

/**
 * Identifiers of responses that were refused because two patients shared them: a patient who is computed again for
 * another reason must not have them scored now. Only what a review stands for is asked about.
 */
export async function stillContested(
  server: FhirServer,
  records: readonly PatientRecord[],
  reviewOf: (response: string) => Task | undefined,
  baseUrl: string,
): Promise<string[]> {
  const keys = records.flatMap((record) =>
    record.responses.flatMap((it): string[] => {
      const reference = `QuestionnaireResponse/${it.id}`;
      const review = record.reviews.find((task) => task.focus?.reference === reference) ?? reviewOf(reference);
      return review !== undefined && reasonsOf(review).includes(OF_TWO_PATIENTS) ? [responseKey(it)] : [];
    }),
  );
  const named = [...new Set(keys)].filter((key) => key.includes('|'));
  return contestedKeys(await sharers(server, named), baseUrl);
}
