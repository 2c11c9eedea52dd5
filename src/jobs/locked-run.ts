import { FhirError } from '../fhir/port.ts';
import { type JobHeld, type JobLock, LeaseLostError, withJobLock } from './job-lock.ts';

/** What is kept of a failure: a FhirError says only what may be logged; of others the message might quote content. */
const reasonOf = (error: unknown): string => {
  if (error instanceof FhirError) return `${error.name} ${error.kind}: ${error.message}`;
  return error instanceof Error ? error.name : typeof error;
};

/**
 * Runs a job under its lock and keeps how it went, also where it fails; the failure itself goes on to the caller.
 * Nothing is kept where another process runs the job.
 * @throws LeaseLostError; whatever the run throws
 */
export function lockedRun<T>(
  lock: JobLock,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly value: T } | JobHeld> {
  const { state, job, now = Date.now } = lock;
  return withJobLock(lock, async (signal) => {
    const startedAt = new Date(now()).toISOString();
    const record = (ok: boolean, result: unknown) =>
      state.recordRun({ job, startedAt, endedAt: new Date(now()).toISOString(), ok, result });
    try {
      const value = await run(signal);
      // A run that did not heed the signal may have been overtaken: what it gives back is no result.
      if (signal.reason instanceof LeaseLostError) throw signal.reason;
      await record(true, value);
      return value;
    } catch (error) {
      // Where the state itself is the trouble, the first failure is the one to tell.
      await record(false, { error: reasonOf(error) }).catch(() => {});
      throw error;
    }
  });
}
