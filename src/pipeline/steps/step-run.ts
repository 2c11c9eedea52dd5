import type { Said } from './propose.ts';

/** The result of one run, as `vincle job steps --json` prints it. Counts and instants, never patient data. */
export interface StepRun {
  /** Persons looked at. */
  persons: number;
  /** Of these, with a plan in force. */
  inCare: number;
  proposed: number;
  withdrawn: number;
  escalated: number;
  expired: number;
  /** Plans ended: death, consent withdrawn, end of the episode, a second plan in force. */
  ended: number;
  held: number;
  resumed: number;
  /** Decided CarePlans marked as resting on an answer since amended. */
  marked: number;
  /** Tasks given to somebody else because their owner left. */
  reassigned: number;
  /** Decisions that an earlier process left half done. */
  continued: number;
  /** What stepped care says of each course now. */
  outcomes: Record<Said['outcome']['kind'], number>;
  /** Reasons of what was withdrawn and ended. */
  reasons: Record<string, number>;
  /** Told that a decision is overdue; and told by no channel. */
  notified: number;
  unnotified: number;
  written: number;
  /** Persons who could not be brought up to date and are tried again by the next run. */
  failed: number;
  full: boolean;
  dryRun: boolean;
  requests: number;
  durationMs: number;
  checkpoint: string;
}

export const emptyStepRun = (full: boolean, dryRun: boolean): StepRun => ({
  persons: 0,
  inCare: 0,
  proposed: 0,
  withdrawn: 0,
  escalated: 0,
  expired: 0,
  ended: 0,
  held: 0,
  resumed: 0,
  marked: 0,
  reassigned: 0,
  continued: 0,
  outcomes: {
    propose: 0,
    waiting: 0,
    overdue: 0,
    dwell: 0,
    'cannot-decide': 0,
    stay: 0,
    'decided-already': 0,
  },
  reasons: {},
  notified: 0,
  unnotified: 0,
  written: 0,
  failed: 0,
  full,
  dryRun,
  requests: 0,
  durationMs: 0,
  checkpoint: '',
});

const COUNTED = [
  'proposed',
  'withdrawn',
  'escalated',
  'expired',
  'ended',
  'held',
  'resumed',
  'marked',
  'reassigned',
] as const;
const CONTINUED: ReadonlySet<string> = new Set(['approved', 'overridden', 'declined']);
const OTHERS: ReadonlySet<string> = new Set(['enrolled', 'agreed', 'refused', 'wished']);

/** Counts what happened to one person. */
export function tallySteps(run: StepRun, events: readonly string[], said: readonly Said[]): void {
  for (const event of events) {
    const counter = COUNTED.find((it) => it === event);
    if (counter !== undefined) run[counter] += 1;
    else if (CONTINUED.has(event)) run.continued += 1;
    else if (!OTHERS.has(event)) run.reasons[event] = (run.reasons[event] ?? 0) + 1;
  }
  if (said.length > 0) run.inCare += 1;
  for (const { outcome } of said) run.outcomes[outcome.kind] += 1;
}
