import { randomUUID } from 'node:crypto';
import type { Observation } from 'fhir/r4.js';
import type { Exchanges } from './exchange.ts';
import { FhirError } from './port.ts';

/** A refusal that may mean: no ids of a client’s. Without a status nothing was sent: the refusal was ours. */
export const mayRefuseIds = (error: unknown): boolean =>
  error instanceof FhirError && error.status !== undefined && (error.kind === 'rejected' || error.status === 404);

/**
 * Whether the server takes ids that a client chooses: it is asked for one resource under such an id, entered in error,
 * deleted at once. `true` too where it could not be found out.
 */
export async function takesClientIds(exchanges: Exchanges): Promise<boolean> {
  const id = `vincle-probe-${randomUUID().slice(0, 18)}`;
  const resource: Observation = {
    resourceType: 'Observation',
    id,
    status: 'entered-in-error',
    code: { text: 'Vincle: may a client choose ids?' },
  };
  const address = { url: `Observation/${id}`, repeatable: true };
  try {
    await exchanges.send({ ...address, method: 'PUT', what: 'PUT probe', body: JSON.stringify(resource) });
  } catch (refusal) {
    return !mayRefuseIds(refusal);
  }
  await exchanges.send({ ...address, method: 'DELETE', what: 'DELETE probe' }).catch(() => undefined);
  return true;
}
