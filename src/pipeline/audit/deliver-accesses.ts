import type { AuditEvent } from 'fhir/r4.js';
import { FhirError, type FhirServer, type Write } from '../../fhir/port.ts';
import type { OutboxEntry, State } from '../../state/port.ts';
import { backoffMs } from '../deliver-outbox.ts';
import { ACCESS_LABEL } from './access-log.ts';

/** Where accesses are written that the hospital’s server does not take: append-only, each line sealed by the one before. */
export interface AccessChain {
  append(events: readonly AuditEvent[]): Promise<void>;
  /** All of them, as they were written. @throws where a line was changed, moved or taken out */
  read(): Promise<readonly AuditEvent[]>;
}

export interface AccessDelivery {
  readonly delivered: number;
  /** Written to the local log, because the server takes no AuditEvent. */
  readonly kept: number;
  readonly waiting: number;
}

const BATCH = 50;
const LEASE_MS = 60_000;

const eventOf = ({ payload }: OutboxEntry): AuditEvent | undefined => {
  const write = typeof payload === 'object' && payload !== null && 'write' in payload ? payload.write : undefined;
  const resource = typeof write === 'object' && write !== null && 'resource' in write ? write.resource : undefined;
  return isAuditEvent(resource) ? resource : undefined;
};

const isAuditEvent = (it: unknown): it is AuditEvent =>
  typeof it === 'object' && it !== null && 'resourceType' in it && it.resourceType === 'AuditEvent';

/** Accesses that have not reached the server, with their entries. */
export async function waitingAccesses(state: State): Promise<readonly AuditEvent[]> {
  return (await state.listEntries()).filter((it) => it.label === ACCESS_LABEL).flatMap((it) => eventOf(it) ?? []);
}

/**
 * Sends the accesses that wait, many in one transaction. What the server refuses for good goes to the local log, where
 * there is one, else it stays a dead letter: nothing is lost.
 */
export async function deliverAccesses(
  { server, state, chain }: { readonly server: FhirServer; readonly state: State; readonly chain?: AccessChain },
  { holder, now }: { readonly holder: string; readonly now: () => number },
): Promise<AccessDelivery> {
  const lease = await state.acquire(['accesses'], holder, LEASE_MS, now());
  const none = { delivered: 0, kept: 0, waiting: 0 };
  if (lease === undefined) return none;
  try {
    const at = new Date(now()).toISOString();
    const due = (await state.listEntries()).filter(
      (it) => it.label === ACCESS_LABEL && it.state === 'waiting' && it.nextAttemptAt <= at,
    );
    let [delivered, kept] = [0, 0];
    for (let from = 0; from < due.length; from += BATCH) {
      const batch = due.slice(from, from + BATCH);
      const fate = await send(server, chain, batch);
      if (fate === 'away') {
        for (const it of due.slice(from))
          await state.failed(it.id, 'unreachable', new Date(now() + backoffMs(it.attempts + 1)).toISOString());
        return { delivered, kept, waiting: due.length - from };
      }
      for (const [entry, to] of fate) {
        if (to === 'refused') await state.failed(entry.id, 'rejected: the server takes no AuditEvent');
        else await state.delivered(entry.id);
        if (to === 'server') delivered += 1;
        if (to === 'chain') kept += 1;
      }
    }
    return { delivered, kept, waiting: 0 };
  } finally {
    await lease.release();
  }
}

type Fate = readonly (readonly [OutboxEntry, 'server' | 'chain' | 'refused'])[];

async function send(
  server: FhirServer,
  chain: AccessChain | undefined,
  batch: readonly OutboxEntry[],
): Promise<Fate | 'away'> {
  const { clientIds } = await server.capabilities().catch(() => ({ clientIds: true }));
  const writeOf = (it: OutboxEntry): Write[] => {
    const event = eventOf(it);
    if (event === undefined) return [];
    if (clientIds) return [{ method: 'PUT', resource: event }];
    const { id: _id, ...rest } = event;
    return [{ method: 'POST', resource: rest }];
  };
  try {
    await server.transaction(batch.flatMap(writeOf));
    return batch.map((it) => [it, 'server'] as const);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (!isRefused(error)) return 'away';
    if (batch.length > 1) return oneByOne(server, chain, batch);
    if (chain === undefined) return batch.map((it) => [it, 'refused'] as const);
    await chain.append(batch.flatMap((it) => eventOf(it) ?? []));
    return batch.map((it) => [it, 'chain'] as const);
  }
}

async function oneByOne(
  server: FhirServer,
  chain: AccessChain | undefined,
  batch: readonly OutboxEntry[],
): Promise<Fate | 'away'> {
  const fates: (readonly [OutboxEntry, 'server' | 'chain' | 'refused'])[] = [];
  for (const it of batch) {
    const fate = await send(server, chain, [it]);
    if (fate === 'away') return fate;
    fates.push(...fate);
  }
  return fates;
}

/** A server without AuditEvent says 400, 404, 405 or 422, one that forbids it 403: none of them passes. */
const isRefused = ({ kind, status }: FhirError): boolean =>
  kind === 'rejected' || kind === 'not-found' || status === 403 || status === 405;
