/** The result of one schedule run, as `vincle job schedule --json` prints it. Counts and instants, never patient data. */
export interface ScheduleRun {
  /** Persons looked at: changed, or their time had come. */
  persons: number;
  /** Tasks made, and what became of those that stood. */
  created: number;
  opened: number;
  begun: number;
  completed: number;
  expired: number;
  cancelled: number;
  moved: number;
  /** Messages that reached a channel, and those that did not. */
  reminded: number;
  undelivered: number;
  /** Whoever is not written to: no consent, an order, no channel. */
  notReminded: Record<string, number>;
  /** Forms that nobody can be asked for: no therapist is known. */
  withoutTherapist: number;
  /** Resources written, of any type. */
  written: number;
  /** Persons who could not be written and are tried again by the next run. */
  failed: number;
  full: boolean;
  dryRun: boolean;
  requests: number;
  durationMs: number;
  checkpoint: string;
}

export const emptyScheduleRun = (full: boolean, dryRun: boolean): ScheduleRun => ({
  persons: 0,
  created: 0,
  opened: 0,
  begun: 0,
  completed: 0,
  expired: 0,
  cancelled: 0,
  moved: 0,
  reminded: 0,
  undelivered: 0,
  notReminded: {},
  withoutTherapist: 0,
  written: 0,
  failed: 0,
  full,
  dryRun,
  requests: 0,
  durationMs: 0,
  checkpoint: '',
});
