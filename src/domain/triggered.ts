import type { Observation } from 'fhir/r4.js';
import { dateOfDay, dayNumber } from './instant.ts';
import type { Protocol, Timing } from './protocol.ts';
import type { Window } from './schedule.ts';
import { compare, type Moment, type Reading, readingsOf } from './step-readings.ts';
import type { Evidence } from './stepping.ts';

/** A form that is asked because of what was answered to another. */
export type TriggeredTiming = Extract<Timing, { readonly kind: 'answer' }>;

/** Codes of the derived Observations that may call for a form. */
export const triggerMeasures = ({ schedules }: Pick<Protocol, 'schedules'>): string[] => [
  ...new Set(
    schedules
      .flatMap((it) => it.forms)
      .flatMap(({ timing }) => (timing.kind === 'answer' ? timing.when.map((it) => it.measure) : [])),
  ),
];

/** A window with the readings that called for it, the newest of the first comparison first. */
export interface TriggeredWindow extends Window {
  readonly evidence: readonly Evidence[];
}

/**
 * Every window that answers called for, from a local day on, oldest first. A window opens on the day of a reading by
 * which all comparisons held at that instant; while it is open, and until its rest is over, no other one opens. What is
 * amended or withdrawn later is read as it stands now: a window whose answer no longer calls for it is not among them.
 */
export function triggeredWindows(
  timing: TriggeredTiming,
  observations: readonly Observation[],
  from: string | undefined,
  moment: Moment,
): readonly TriggeredWindow[] {
  if (from === undefined) return [];
  const rest = Math.max(timing.windowDays, timing.notAgainWithinDays);
  const windows: TriggeredWindow[] = [];
  for (const reading of candidates(timing, observations, moment)) {
    const last = windows.at(-1);
    if (reading.date < from) continue;
    if (last !== undefined && dayNumber(reading.date) < dayNumber(last.first) + rest) continue;
    const evidence = evidenceAt(timing, observations, { nowMs: reading.epochMs, zone: moment.zone });
    if (evidence === undefined) continue;
    const first = dayNumber(reading.date);
    windows.push({
      key: `answer-${reading.date}`,
      first: reading.date,
      last: dateOfDay(first + timing.windowDays - 1),
      evidence,
    });
  }
  return windows;
}

/** Readings at which the comparisons may have come to hold, oldest first. */
function candidates({ when }: TriggeredTiming, observations: readonly Observation[], moment: Moment): Reading[] {
  const all = when.flatMap((it) => readingsOf(observations, it.measure, it.component, moment));
  return all.sort((a, b) => a.epochMs - b.epochMs || (a.observation < b.observation ? -1 : 1));
}

/** What the comparisons rested on at an instant; `undefined` where one of them did not hold, or lacked readings. */
function evidenceAt(
  { when }: TriggeredTiming,
  observations: readonly Observation[],
  moment: Moment,
): readonly Evidence[] | undefined {
  const evidence: Evidence[] = [];
  for (const comparison of when) {
    const compared = compare(comparison, observations, moment);
    if (compared.kind !== 'met') return undefined;
    evidence.push(...compared.readings.map((reading) => ({ reading, comparison })));
  }
  return evidence;
}
