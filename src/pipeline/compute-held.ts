import type { Lease, State } from '../state/port.ts';
import { type Computation, computeSubjects, type Unfinished } from './compute-subjects.ts';
import type { ResponseOutcome } from './read-ratings.ts';

/** Who computes, and how it waits for another writer of the same subject. */
export interface Holding {
  readonly state: State;
  /** Unique to this process. */
  readonly holder: string;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<void>;
}

export interface Computed {
  readonly unfinished: Unfinished[];
  readonly outcomes: ResponseOutcome[];
}

const LEASE_MS = 60_000;
const TRIES = 20;
const PAUSE_MS = 100;

/**
 * Computes subjects while nobody else writes any of them: the lease that job, intake and notifications share. One that
 * stays held is left, named among the unfinished.
 */
export async function computeHeld(
  subjects: readonly string[],
  computation: Computation,
  holding: Holding,
): Promise<Computed> {
  if (computation.dryRun) return computeSubjects(subjects, computation);
  const lease = await hold(subjects, holding);
  return lease === undefined ? eachHeld(subjects, computation, holding) : released(lease, subjects, computation);
}

const hold = (subjects: readonly string[], { state, holder, now }: Holding): Promise<Lease | undefined> =>
  state.acquire(subjects, holder, LEASE_MS, now());

async function released(lease: Lease, subjects: readonly string[], computation: Computation): Promise<Computed> {
  try {
    return await computeSubjects(subjects, computation);
  } finally {
    await lease.release();
  }
}

/** Somebody holds one of them: the others go on one by one, the held one is waited for. */
async function eachHeld(subjects: readonly string[], computation: Computation, holding: Holding): Promise<Computed> {
  const all: Computed = { unfinished: [], outcomes: [] };
  for (const subject of subjects) {
    const lease = await waitedFor(subject, holding);
    if (lease === undefined) {
      all.unfinished.push({ subject, reason: 'another writer held it' });
      computation.run.failed += 1;
      continue;
    }
    const { unfinished, outcomes } = await released(lease, [subject], computation);
    all.unfinished.push(...unfinished);
    all.outcomes.push(...outcomes);
  }
  return all;
}

/** The lease on one key, waited for as long as a caller may be kept waiting; `undefined` where it stayed held. */
export async function waitedFor(subject: string, holding: Holding): Promise<Lease | undefined> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const lease = await hold([subject], holding);
    if (lease !== undefined) return lease;
    if (attempt < TRIES) await holding.pause(PAUSE_MS);
  }
  return undefined;
}
