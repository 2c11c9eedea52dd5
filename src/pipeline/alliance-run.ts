import type { Fate } from './read-ratings.ts';

/** The result of one alliance run, as `vincle job alliance --json` prints it. Counts and instants, never patient data. */
export interface AllianceRun {
  /** Responses read that were new (all of them in a full run), the known forms only. */
  read: number;
  /** Of these, responses of somebody who is not in the programme. */
  outside: number;
  /** Responses to a form that nobody here knows. */
  ignored: number;
  scored: number;
  /** Read whole, but too little was answered for a total. */
  unscorable: number;
  /** Not scored, and a Task asks a person why. */
  refused: number;
  unfinished: number;
  duplicates: number;
  noConsent: number;
  /** Resources written, of any type. */
  written: number;
  unchanged: number;
  /** Observations that became entered-in-error. */
  withdrawn: number;
  dyads: number;
  changes: number;
  /** Subjects that could not be written and are tried again by the next run. */
  failed: number;
  patients: number;
  full: boolean;
  dryRun: boolean;
  /** Refusals and warnings by reason. */
  reasons: Record<string, number>;
  requests: number;
  durationMs: number;
  /** Everything that the server had committed by then was seen. */
  checkpoint: string;
}

export const emptyRun = (full: boolean, dryRun: boolean): AllianceRun => ({
  read: 0,
  outside: 0,
  ignored: 0,
  scored: 0,
  unscorable: 0,
  refused: 0,
  unfinished: 0,
  duplicates: 0,
  noConsent: 0,
  written: 0,
  unchanged: 0,
  withdrawn: 0,
  dyads: 0,
  changes: 0,
  failed: 0,
  patients: 0,
  full,
  dryRun,
  reasons: {},
  requests: 0,
  durationMs: 0,
  checkpoint: '',
});

const COUNTER: Partial<Record<Fate, 'scored' | 'unscorable' | 'refused' | 'unfinished' | 'duplicates' | 'noConsent'>> =
  {
    scored: 'scored',
    unscorable: 'unscorable',
    refused: 'refused',
    unfinished: 'unfinished',
    duplicate: 'duplicates',
    'no-consent': 'noConsent',
  };

/** Counts one response. */
export function tally(run: AllianceRun, fate: Fate, reasons: Iterable<string>): void {
  const counter = COUNTER[fate];
  if (counter !== undefined) run[counter] += 1;
  for (const reason of new Set(reasons)) run.reasons[reason] = (run.reasons[reason] ?? 0) + 1;
}
