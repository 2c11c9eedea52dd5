import { setTimeout as pause } from 'node:timers/promises';
import type { LeaseHolder } from '../state/port.ts';
import { cronTicker, type Ticker } from './cron-ticker.ts';
import type { JobLock } from './job-lock.ts';
import { lockedRun } from './locked-run.ts';

/** What happened, for the log and the metrics. */
export type ScheduleEvent =
  | { readonly kind: 'finished'; readonly job: string; readonly result: unknown }
  | { readonly kind: 'failed'; readonly job: string; readonly error: unknown }
  /** Another process runs the job. */
  | { readonly kind: 'held'; readonly job: string; readonly heldBy: LeaseHolder | undefined }
  /** It was time while the run before was still under way here, or while this process was too busy to notice. */
  | { readonly kind: 'missed'; readonly job: string };

export interface Schedule extends JobLock {
  /** Five fields, or six with seconds, in UTC. */
  readonly cron: string;
  readonly run: (signal: AbortSignal) => Promise<unknown>;
  readonly onEvent?: (event: ScheduleEvent) => void;
  /** node-cron where none is given. */
  readonly ticker?: Ticker;
}

export interface Scheduled {
  /** Since the start, by kind of event. */
  readonly counts: Readonly<Record<ScheduleEvent['kind'], number>>;
  /**
   * No more runs; the one under way may end within `graceMs`, then it is aborted. `abandoned`: it did not heed that
   * within another `graceMs`, and its lock ends only with the process.
   */
  stop(graceMs: number): Promise<'idle' | 'finished' | 'aborted' | 'abandoned'>;
}

/** The run was ended because its process stops. */
export class StoppedError extends Error {
  constructor(job: string) {
    super(`The job ${job} was ended because the process stops.`);
    this.name = 'StoppedError';
  }
}

/**
 * Runs a job whenever its cron expression says so, never twice at once, here or elsewhere. A time that comes while a
 * run is under way is skipped and counted: a job does what is due, so the next run does that one's work too.
 * @throws CronExpressionError
 */
export function schedule(options: Schedule): Scheduled {
  const { job, ticker = cronTicker } = options;
  const counts = { finished: 0, failed: 0, held: 0, missed: 0 };
  const stopping = new AbortController();
  let stopped = false;
  let current: Promise<void> | undefined;

  const tell = (event: ScheduleEvent) => {
    counts[event.kind] += 1;
    options.onEvent?.(event);
  };
  const missed = () => tell({ kind: 'missed', job });
  const tick = async () => {
    if (stopped) return;
    if (current !== undefined) return missed();
    current = attempt(options, stopping.signal).then((event) => {
      current = undefined;
      tell(event);
    });
    await current;
  };
  const cron = ticker(options.cron, tick, missed);

  return {
    counts,
    stop: async (graceMs) => {
      stopped = true;
      await cron.stop();
      if (current === undefined) return 'idle';
      if (await endsWithin(current, graceMs)) return 'finished';
      stopping.abort(new StoppedError(job));
      return (await endsWithin(current, graceMs)) ? 'aborted' : 'abandoned';
    },
  };
}

async function attempt(options: Schedule, signal: AbortSignal): Promise<ScheduleEvent> {
  const { job } = options;
  try {
    const outcome = await lockedRun({ ...options, signal }, options.run);
    return 'value' in outcome ? { kind: 'finished', job, result: outcome.value } : { kind: 'held', job, ...outcome };
  } catch (error) {
    return { kind: 'failed', job, error };
  }
}

async function endsWithin(run: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([run.then(() => true), late]);
  } finally {
    timer.abort();
  }
}
