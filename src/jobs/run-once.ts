import type { LeaseHolder } from '../state/port.ts';
import type { JobLock } from './job-lock.ts';
import { lockedRun } from './locked-run.ts';

/** The job is being run by another process: nothing was done. */
export class JobHeldError extends Error {
  readonly holder: string | undefined;
  constructor(job: string, heldBy: LeaseHolder | undefined) {
    super(
      heldBy === undefined
        ? `The job ${job} was being run by another process until a moment ago: try again.`
        : `The job ${job} is being run by ${heldBy.holder}. Its lock ends at ${heldBy.expiresAt} unless that process renews it.`,
    );
    this.name = 'JobHeldError';
    this.holder = heldBy?.holder;
  }
}

export interface RunOnce<T> extends JobLock {
  readonly run: (signal: AbortSignal) => Promise<T>;
}

/**
 * One run of a job, now, under the same lock as its schedule, and recorded. It does not wait for another process: that
 * run may take an hour, and does the same work.
 * @throws JobHeldError where another process runs it; LeaseLostError; whatever the run throws
 */
export async function runOnce<T>(options: RunOnce<T>): Promise<T> {
  const outcome = await lockedRun(options, options.run);
  if ('value' in outcome) return outcome.value;
  throw new JobHeldError(options.job, outcome.heldBy);
}
