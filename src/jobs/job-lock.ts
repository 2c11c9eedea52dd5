import { setTimeout as pause } from 'node:timers/promises';
import type { Lease, LeaseHolder, State } from '../state/port.ts';

/** One lease for each job's name: whoever has it is the only one that runs the job, on any machine. */
export const jobKey = (job: string): string => `job/${job}`;

/** How long a job stays locked after the process that ran it was killed. */
export const JOB_LEASE_MS = 30_000;

export interface JobLock {
  readonly state: State;
  readonly job: string;
  /** Unique to this process, and readable: a person is told who runs the job. */
  readonly holder: string;
  readonly ttlMs?: number;
  /** Milliseconds since 1970; the machine's clock where none is given. */
  readonly now?: () => number;
  /** Whoever else may end the run. */
  readonly signal?: AbortSignal;
}

/** Somebody else runs the job. */
export interface JobHeld {
  readonly heldBy: LeaseHolder | undefined;
}

/** The lease went to somebody else, or could not be kept: the run must write no more. */
export class LeaseLostError extends Error {
  constructor(job: string, cause?: unknown) {
    super(`The lock of the job ${job} was lost while it ran: the run was ended.`, { cause });
    this.name = 'LeaseLostError';
  }
}

/**
 * Runs a job where nobody else does, and keeps its lease with a heartbeat. The run's `signal` aborts with a
 * LeaseLostError when the lease is lost.
 * @throws whatever the run throws
 */
export async function withJobLock<T>(
  lock: JobLock,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly value: T } | JobHeld> {
  const now = lock.now ?? Date.now;
  const ttlMs = lock.ttlMs ?? JOB_LEASE_MS;
  const lease = await lock.state.acquire([jobKey(lock.job)], lock.holder, ttlMs, now());
  if (lease === undefined) return { heldBy: await lock.state.holderOf(jobKey(lock.job), now()) };
  const lost = new AbortController();
  const done = new AbortController();
  const heartbeat = keepLease({ lease, job: lock.job, ttlMs, now, lost, done: done.signal });
  try {
    const value = await run(AbortSignal.any([lost.signal, ...(lock.signal === undefined ? [] : [lock.signal])]));
    return { value };
  } finally {
    done.abort();
    await heartbeat;
    // A lease that cannot be given back ends by itself; the run's own result matters more.
    await lease.release().catch(() => {});
  }
}

interface Heartbeat {
  readonly lease: Lease;
  readonly job: string;
  readonly ttlMs: number;
  readonly now: () => number;
  readonly lost: AbortController;
  readonly done: AbortSignal;
}

async function keepLease({ lease, job, ttlMs, now, lost, done }: Heartbeat): Promise<void> {
  // Not the wall clock: it may be set while the job runs.
  let kept = performance.now();
  while (await waited(ttlMs / 3, done)) {
    const asked = performance.now();
    try {
      if (!(await lease.renew(ttlMs, now()))) return lost.abort(new LeaseLostError(job));
      kept = asked;
    } catch (cause) {
      // The store may come back; one more try must still fit in before somebody else may start.
      if (performance.now() - kept > ttlMs / 2) return lost.abort(new LeaseLostError(job, cause));
    }
  }
}

/** False where the run ended first. */
const waited = (ms: number, done: AbortSignal): Promise<boolean> =>
  pause(ms, true, { signal: done }).catch(() => false);
