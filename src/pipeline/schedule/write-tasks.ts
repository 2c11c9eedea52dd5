import type { FhirResource, Task } from 'fhir/r4.js';
import { TASK_IDENTIFIER } from '../../domain/review-task.ts';
import { FhirError, type FhirServer, type Write, type WriteResult } from '../../fhir/port.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import type { TaskChange } from './plan-person.ts';

/** What became of one person’s Tasks. */
export type TasksWritten =
  /** `Task/…` as the server knows each, with `versionId` where it said one, in the order of the changes. */
  | { readonly kind: 'written'; readonly results: readonly WriteResult[] }
  /** Somebody else wrote first: read and plan again. */
  | { readonly kind: 'conflict' }
  | { readonly kind: 'rejected'; readonly reason: string };

interface PersonChanges {
  readonly subject: string;
  readonly changes: readonly TaskChange[];
}

/** Entries of one transaction. */
const BATCH = 100;

/** The write of one Task, over the version that was read; a new one only where nobody made it meanwhile. */
export function writeOf({ before, after }: TaskChange, clientIds: boolean): Write {
  const version = before?.meta?.versionId;
  if (before !== undefined)
    return { method: 'PUT', resource: after, ...(version === undefined ? {} : { ifMatch: version }) };
  if (clientIds) return { method: 'PUT', resource: after, ifNoneMatch: '*' };
  const { id, ...created } = byDeviceIdentifier(after);
  return { method: 'POST', resource: created as FhirResource, ifNoneExist: `identifier=${TASK_IDENTIFIER}|${id}` };
}

/**
 * Writes the Tasks of several persons, many in one transaction. One that the server refuses is tried again person by
 * person, so that nobody holds another back. @throws FhirError where the server is not reached
 */
export async function writeTasks(
  server: FhirServer,
  persons: readonly PersonChanges[],
): Promise<ReadonlyMap<string, TasksWritten>> {
  const written = new Map<string, TasksWritten>();
  for (const batch of packed(persons)) await writeBatch(server, batch, written);
  return written;
}

function packed(persons: readonly PersonChanges[]): PersonChanges[][] {
  const batches: PersonChanges[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const it of persons) {
    if (it.changes.length === 0) continue;
    if (size + it.changes.length > BATCH) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(it);
    size += it.changes.length;
  }
  return batches;
}

async function writeBatch(
  server: FhirServer,
  batch: readonly PersonChanges[],
  written: Map<string, TasksWritten>,
): Promise<void> {
  const before = await server.capabilities();
  try {
    const all = batch.flatMap((it) => it.changes).map((it) => writeOf(it, before.clientIds));
    const results = await server.transaction(all);
    let start = 0;
    for (const { subject, changes } of batch) {
      written.set(subject, { kind: 'written', results: results.slice(start, start + changes.length) });
      start += changes.length;
    }
  } catch (error) {
    if (!(error instanceof FhirError) || (error.kind !== 'rejected' && error.kind !== 'conflict')) throw error;
    // The server may just have turned out to give its own ids: the same batch goes another way now.
    if (error.kind === 'rejected' && before.clientIds && !(await server.capabilities()).clientIds)
      return writeBatch(server, batch, written);
    const [only, ...others] = batch;
    if (only !== undefined && others.length === 0) {
      const { kind, message } = error;
      written.set(only.subject, kind === 'conflict' ? { kind } : { kind: 'rejected', reason: message });
      return;
    }
    for (const it of batch) await writeBatch(server, [it], written);
  }
}

/** The Task as the server holds it after a write: its own id and version, so that the next write is over this one. */
export function asWritten(task: Task, result: WriteResult | undefined): Task {
  const id = result?.id ?? task.id;
  const { versionId: _old, ...meta } = task.meta ?? {};
  const versionId = result?.versionId;
  return {
    ...task,
    ...(id === undefined ? {} : { id }),
    meta: { ...meta, ...(versionId === undefined ? {} : { versionId }) },
  };
}
