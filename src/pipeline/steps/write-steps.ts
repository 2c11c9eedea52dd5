import type { CarePlan, FhirResource, Provenance, Task } from 'fhir/r4.js';
import { TASK_IDENTIFIER } from '../../domain/review-task.ts';
import { CARE_PLAN_IDENTIFIER } from '../../domain/step-identity.ts';
import { FhirError, type FhirServer, type Write } from '../../fhir/port.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import type { Change, StepLedger } from './step-ledger.ts';

/** What became of one person’s writes. */
export type Sent =
  | { readonly kind: 'written'; readonly resources: number }
  /** Somebody else wrote first: nothing of it stands, or the next run goes on from what does. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'rejected'; readonly reason: string };

/**
 * Writes everything about one person in one transaction, over the versions that were read. On a server without
 * transactions one after the other, in an order from which a later run goes on.
 * @throws FhirError where the server is not reached
 */
export async function writeSteps(server: FhirServer, ledger: StepLedger): Promise<Sent> {
  const changes = ledger.changes();
  if (changes.length === 0) return { kind: 'written', resources: 0 };
  const before = await server.capabilities();
  try {
    await server.transaction(before.clientIds ? changes.map(byId) : byIdentifier(changes));
    return { kind: 'written', resources: changes.length };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (error.kind === 'conflict') return { kind: 'conflict' };
    if (error.kind !== 'rejected') throw error;
    // The server may just have turned out to give its own ids: the same goes another way now.
    if (before.clientIds && !(await server.capabilities()).clientIds) return writeSteps(server, ledger);
    return { kind: 'rejected', reason: error.message };
  }
}

/** Over the version that was read; what is new only where nobody made it meanwhile. A Provenance says the same however often. */
function byId({ resource, before }: Change): Write {
  const version = before?.meta?.versionId;
  if (version !== undefined) return { method: 'PUT', resource, ifMatch: version };
  return resource.resourceType !== 'Provenance' && before === undefined
    ? { method: 'PUT', resource, ifNoneMatch: '*' }
    : { method: 'PUT', resource };
}

/** On a server that gives its own ids, what is new is known by its identifier, and named by it within the transaction. */
function byIdentifier(changes: readonly Change[]): Write[] {
  const fresh = changes.filter((it) => it.before === undefined);
  const names = new Map(
    fresh.map((it) => [`${it.resource.resourceType}/${it.resource.id}`, `urn:uuid:${it.resource.id}`]),
  );
  return changes.map(({ resource, before }): Write => {
    const named = renamed(byDeviceIdentifier(resource), names);
    const version = before?.meta?.versionId;
    if (before !== undefined)
      return { method: 'PUT', resource: named, ...(version === undefined ? {} : { ifMatch: version }) };
    const { id, ...created } = named;
    const system = resource.resourceType === 'Task' ? TASK_IDENTIFIER : CARE_PLAN_IDENTIFIER;
    const known = resource.resourceType === 'Provenance' ? {} : { ifNoneExist: `identifier=${system}|${id}` };
    return { method: 'POST', resource: created as FhirResource, fullUrl: `urn:uuid:${id}`, ...known };
  });
}

function renamed<T extends CarePlan | Task | Provenance>(resource: T, names: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(resource).replace(
    /"reference":"([A-Za-z]+\/[A-Za-z0-9\-.]{1,64})"/g,
    (whole, reference: string) => {
      const name = names.get(reference);
      return name === undefined ? whole : `"reference":"${name}"`;
    },
  );
  return JSON.parse(text) as T;
}
