import type { FhirResource, Observation, Reference } from 'fhir/r4.js';
import { DERIVED_IDENTIFIER } from '../domain/canonicals.ts';
import { TASK_IDENTIFIER } from '../domain/review-task.ts';
import { FhirError, type FhirServer, type Write, type WriteResult } from '../fhir/port.ts';
import { byDeviceIdentifier } from './server-ids.ts';

/** What one subject needs written; it is never split over two transactions, so that it is never half done. */
export interface SubjectWrites {
  readonly subject: string;
  readonly writes: readonly Write[];
}

/** What became of a subject's writes. */
export type Written =
  | { readonly subject: string; readonly kind: 'written'; readonly resources: number }
  /** Somebody else wrote first: read again and compute again. */
  | { readonly subject: string; readonly kind: 'conflict' }
  /** The server will not take it; the reason is its own. */
  | { readonly subject: string; readonly kind: 'rejected'; readonly reason: string };

/** Entries of one transaction: HAPI on PostgreSQL was fastest between 50 and 200. */
const BATCH = 100;

/** Packs subjects into transactions of about a hundred entries. */
export function packed(all: readonly SubjectWrites[]): SubjectWrites[][] {
  const batches: SubjectWrites[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const it of all) {
    if (it.writes.length === 0) continue;
    if (size + it.writes.length > BATCH) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(it);
    size += it.writes.length;
  }
  return batches;
}

/**
 * Writes what was derived. A transaction that the server refuses is tried again subject by subject, so that one that
 * cannot be written holds nobody else back. Throws where the server is not reached.
 */
export async function writeDerived(server: FhirServer, all: readonly SubjectWrites[]): Promise<Written[]> {
  const results: Written[] = [];
  for (const batch of packed(all)) results.push(...(await writeBatch(server, batch)));
  return results;
}

async function writeBatch(server: FhirServer, batch: readonly SubjectWrites[]): Promise<Written[]> {
  const before = await server.capabilities();
  try {
    await send(
      server,
      batch.flatMap((it) => it.writes),
    );
    return batch.map(({ subject, writes }) => ({ subject, kind: 'written', resources: writes.length }));
  } catch (error) {
    if (!(error instanceof FhirError) || (error.kind !== 'rejected' && error.kind !== 'conflict')) throw error;
    // The server may just have turned out to give its own ids: the same batch goes another way now.
    if (error.kind === 'rejected' && before.clientIds && !(await server.capabilities()).clientIds)
      return writeBatch(server, batch);
    const [only, ...others] = batch;
    if (only !== undefined && others.length === 0) return [failure(only.subject, error)];
    const results: Written[] = [];
    for (const it of batch) results.push(...(await writeBatch(server, [it])));
    return results;
  }
}

const failure = (subject: string, error: FhirError): Written =>
  error.kind === 'conflict' ? { subject, kind: 'conflict' } : { subject, kind: 'rejected', reason: error.message };

/** A server that gives its own ids is written to by identifier, sources first, so that pairs can name what they rest on. */
async function send(server: FhirServer, writes: readonly Write[]): Promise<void> {
  if ((await server.capabilities()).clientIds) {
    await server.transaction(writes);
    return;
  }
  const rests = (it: Write) =>
    'resource' in it && it.resource.resourceType === 'Observation' && restsOnObservations(it.resource);
  const sources = writes.filter((it) => !rests(it));
  const pairs = writes.filter(rests);
  const ids = new Map<string, string>();
  if (sources.length > 0) remember(ids, sources, await server.transaction(sources.map(byIdentifier)));
  if (pairs.length > 0) await server.transaction(pairs.map((it) => byIdentifier(renamed(it, ids))));
}

const restsOnObservations = (it: Observation): boolean =>
  it.derivedFrom?.some((ref) => ref.reference?.startsWith('Observation/')) ?? false;

function remember(ids: Map<string, string>, writes: readonly Write[], results: readonly WriteResult[]): void {
  writes.forEach((write, index) => {
    const id = results[index]?.id;
    if ('resource' in write && write.resource.id !== undefined && id !== undefined)
      ids.set(`Observation/${write.resource.id}`, `Observation/${id}`);
  });
}

function renamed(write: Write, ids: ReadonlyMap<string, string>): Write {
  if (!('resource' in write) || write.resource.resourceType !== 'Observation') return write;
  const rename = (it: Reference): Reference => ({
    ...it,
    reference: ids.get(it.reference ?? '') ?? conditional(it.reference ?? ''),
  });
  return { ...write, resource: { ...write.resource, derivedFrom: (write.resource.derivedFrom ?? []).map(rename) } };
}

/** A source that was not written now is named by its identifier: the server resolves it inside the transaction. */
const conditional = (reference: string): string => {
  const id = reference.startsWith('Observation/') ? reference.slice('Observation/'.length) : undefined;
  return id === undefined ? reference : `Observation?identifier=${DERIVED_IDENTIFIER}|${id}`;
};

/** The same write, addressed by the identifier that the resource carries instead of its id. */
function byIdentifier(write: Write): Write {
  if (!('resource' in write) || write.method !== 'PUT' || 'where' in write || write.ifMatch !== undefined) return write;
  const { id: _own, ...resource } = byDeviceIdentifier(write.resource);
  const system = resource.resourceType === 'Task' ? TASK_IDENTIFIER : DERIVED_IDENTIFIER;
  return {
    method: 'PUT',
    resource: resource as FhirResource,
    where: `${resource.resourceType}?identifier=${system}|${write.resource.id}`,
  };
}
