import { FhirError, type FhirServer, type Write, type WriteResult } from '../fhir/port.ts';
import type { Lease, OutboxEntry, State } from '../state/port.ts';

/**
 * What waits in the outbox: one write. It may be sent twice, where an answer was lost, so whoever enqueues it makes it
 * repeatable: PUT by id, or a create with `ifNoneExist` on the resource's identifier.
 */
export interface OutboxPayload {
  readonly write: Write;
}

/** What to do with an entry now that the server can be asked. */
export type Admission =
  | { readonly kind: 'send'; readonly write: Write }
  /** The server has it already. */
  | { readonly kind: 'done' }
  /** It must not be kept. */
  | { readonly kind: 'drop' }
  /** A person must look: a dead letter. */
  | { readonly kind: 'refused'; readonly reason: string };

export interface DeliveryOptions {
  readonly now: () => number;
  /** Unique to this process. */
  readonly holder: string;
  readonly signal?: AbortSignal;
  /** Tries before an entry is a dead letter, 20 where none is given: about 13 hours of a server that is down. */
  readonly maxAttempts?: number;
  /** Asked before an entry is sent, for what could not be asked while the server was down. Throws FhirError as a write does. */
  readonly admit?: (entry: OutboxEntry, write: Write) => Promise<Admission>;
  readonly onDelivered?: (write: Write, result: WriteResult, entry: OutboxEntry) => void;
}

/** Counts of one delivery. `held`: another process was delivering, nothing was done. */
export interface Delivery {
  delivered: number;
  /** Tried again later. */
  failed: number;
  dead: number;
  /** Not sent and not kept, because `admit` said so; absent where none was. */
  dropped?: number;
  held: boolean;
}

/** One deliverer at a time: two would overtake each other within a stream. */
const OUTBOX_KEY = 'outbox';
/** Longer than one write takes with all its retries. */
const LEASE_MS = 10 * 60_000;
const BATCH = 50;
const MAX_ATTEMPTS = 20;
const FIRST_BACKOFF_MS = 30_000;
const LONGEST_BACKOFF_MS = 60 * 60_000;
/** So many in a row that did not reach the server: it is down, and the others need not lose a try to find out. */
const UNREACHED_IN_A_ROW = 3;

/**
 * Sends what is due in the outbox, in order within each stream. What the server takes is gone from it; what did not
 * reach the server is tried again, later each time; what the server will never take is a dead letter, with the reason.
 */
export async function deliverOutbox(server: FhirServer, state: State, options: DeliveryOptions): Promise<Delivery> {
  const delivery: Delivery = { delivered: 0, failed: 0, dead: 0, held: false };
  const lease = await state.acquire([OUTBOX_KEY], options.holder, LEASE_MS, options.now());
  if (lease === undefined) return { ...delivery, held: true };
  try {
    await deliverDue(server, state, lease, options, delivery);
    return delivery;
  } finally {
    await lease.release();
  }
}

async function deliverDue(
  server: FhirServer,
  state: State,
  lease: Lease,
  options: DeliveryOptions,
  delivery: Delivery,
): Promise<void> {
  let unreached = 0;
  for (;;) {
    // Asked again after each batch: what stood behind a delivered entry is first in its stream now.
    const entries = await state.dueEntries(isoOf(options.now()), BATCH);
    if (entries.length === 0) return;
    for (const entry of entries) {
      if (options.signal?.aborted || !(await lease.renew(LEASE_MS, options.now()))) return;
      const fate = await deliver(server, state, entry, options);
      if (fate === 'dropped') delivery.dropped = (delivery.dropped ?? 0) + 1;
      else delivery[fate === 'unreached' ? 'failed' : fate] += 1;
      unreached = fate === 'unreached' ? unreached + 1 : 0;
      if (unreached === UNREACHED_IN_A_ROW) return;
    }
  }
}

type Fate = 'delivered' | 'unreached' | 'failed' | 'dead' | 'dropped';

async function deliver(
  server: FhirServer,
  state: State,
  entry: OutboxEntry,
  { now, maxAttempts = MAX_ATTEMPTS, admit, onDelivered }: DeliveryOptions,
): Promise<Fate> {
  const write = writeOf(entry.payload);
  if (write === undefined) return bury(state, entry, 'The entry holds no write.');
  try {
    const admission = (await admit?.(entry, write)) ?? { kind: 'send', write };
    if (admission.kind === 'drop') return drop(state, entry);
    if (admission.kind === 'refused') return bury(state, entry, admission.reason);
    if (admission.kind === 'send') {
      // Not inside the optional call: its arguments are not evaluated where nobody listens, and nothing would be sent.
      const result = await server.write(admission.write);
      onDelivered?.(admission.write, result, entry);
    }
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (write.method === 'DELETE' && error.kind === 'not-found') return settle(state, entry);
    const reason = `${error.kind}: ${error.message}`;
    if (isFinal(error, write)) return bury(state, entry, reason);
    const attempts = entry.attempts + 1;
    if (attempts >= maxAttempts) return bury(state, entry, `${reason} (after ${attempts} tries)`);
    await state.failed(entry.id, reason, isoOf(now() + backoffMs(attempts)));
    return error.kind === 'conflict' ? 'failed' : 'unreached';
  }
  return settle(state, entry);
}

async function settle(state: State, entry: OutboxEntry): Promise<'delivered'> {
  await state.delivered(entry.id);
  return 'delivered';
}

async function drop(state: State, entry: OutboxEntry): Promise<'dropped'> {
  await state.drop(entry.id);
  return 'dropped';
}

async function bury(state: State, entry: OutboxEntry, reason: string): Promise<'dead'> {
  await state.failed(entry.id, reason);
  return 'dead';
}

/**
 * True where no repetition can help: the server refused the content, or somebody else wrote first. A 404 is not among
 * them: a gateway in maintenance answers so too.
 */
function isFinal(error: FhirError, write: Write): boolean {
  if (error.kind === 'rejected') return true;
  // 412 is a condition that stays as it is. 409 is also how HAPI answers a lost race, which the next try may win,
  // and a stale If-Match, which none will.
  return error.kind === 'conflict' && (error.status === 412 || 'ifMatch' in write || 'ifNoneMatch' in write);
}

/** How long after the so-manieth try the next one is, in milliseconds: 30 s, 1 min, 2 min … 1 h. */
export const backoffMs = (attempts: number): number =>
  Math.min(FIRST_BACKOFF_MS * 2 ** (attempts - 1), LONGEST_BACKOFF_MS);

const isoOf = (ms: number): string => new Date(ms).toISOString();

/** The write of a payload, which an earlier version of Vincle may have put there. */
function writeOf(payload: unknown): Write | undefined {
  if (typeof payload !== 'object' || payload === null || !('write' in payload)) return undefined;
  return isWrite(payload.write) ? payload.write : undefined;
}

function isWrite(write: unknown): write is Write {
  if (typeof write !== 'object' || write === null || !('method' in write)) return false;
  if (write.method === 'DELETE')
    return 'type' in write && typeof write.type === 'string' && 'id' in write && typeof write.id === 'string';
  if (write.method !== 'PUT' && write.method !== 'POST') return false;
  if (!('resource' in write) || typeof write.resource !== 'object' || write.resource === null) return false;
  return 'resourceType' in write.resource && typeof write.resource.resourceType === 'string';
}
