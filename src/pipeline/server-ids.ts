import type { FhirResource, Observation } from 'fhir/r4.js';
import { BASE } from '../domain/canonicals.ts';

const DEVICE = `${BASE}/identifier/device`;
const LITERAL = /\{"reference":"Device\/(vincle(?:-platform)?)"\}/g;
const LOGICAL = new RegExp(`\\{"identifier":\\{"system":"${DEVICE}","value":"(vincle(?:-platform)?)"\\}\\}`, 'g');

/** On a server that gives its own ids nobody knows the id of Vincle’s Device: it is named by its identifier. */
export const byDeviceIdentifier = <T extends FhirResource>(resource: T): T =>
  JSON.parse(JSON.stringify(resource).replace(LITERAL, `{"identifier":{"system":"${DEVICE}","value":"$1"}}`)) as T;

/** The identifier that a derived Observation carries, which is its id where the server let it be chosen. */
export const identityOf = (it: Observation): string =>
  it.identifier?.find((id) => id.value !== undefined)?.value ?? it.id ?? '';

/**
 * Observations as Vincle would have written them, whatever ids the server gave: to be compared with what is derived. On a
 * server that takes the client’s ids they are the same.
 */
export function inOurIds(standing: readonly Observation[]): readonly Observation[] {
  const names = new Map(
    standing
      .filter((it) => it.id !== identityOf(it))
      .map((it) => [`Observation/${it.id}`, `Observation/${identityOf(it)}`]),
  );
  if (names.size === 0) return standing;
  return standing.map((it) => {
    const text = JSON.stringify(it).replace(LOGICAL, '{"reference":"Device/$1"}');
    const own = JSON.parse(text) as Observation;
    const derivedFrom = own.derivedFrom?.map((ref) => ({
      ...ref,
      reference: names.get(ref.reference ?? '') ?? ref.reference ?? '',
    }));
    return { ...own, ...(derivedFrom === undefined ? {} : { derivedFrom }) };
  });
}
