import type { ResearchStudy, ResearchSubject } from 'fhir/r4.js';
import { readAuthored } from '../../domain/instant.ts';
import type { PatientRecord } from '../../domain/patient-record.ts';
import { hasEnded } from './blinding.ts';

/** A study that has closed. */
export interface StudyClosure {
  /** Local calendar date; `undefined` where the study gives none. */
  readonly on: string | undefined;
}

/** When a study closed: its `period.end` once that has come, or a status that says so; `undefined` while it goes on. */
export function closureOf(study: ResearchStudy | undefined, today: string, zone: string): StudyClosure | undefined {
  const on = readAuthored(study?.period?.end, zone)?.date;
  if (on !== undefined && on <= today) return { on };
  return hasEnded(study?.status) ? { on: undefined } : undefined;
}

/** What decides whether somebody left. Dates are local calendar dates. */
export interface LeavingFrame {
  /** On which the window of the plan’s last visit closes; `undefined` where the plan has no visit. */
  readonly lastDay: string | undefined;
  readonly today: string;
  /** The patient rated at the last visit. */
  readonly ratedLast: boolean;
  readonly closure: StudyClosure | undefined;
  readonly zone: string;
}

export interface Leaving {
  /** `died`, or the status of the ResearchSubject. */
  readonly why: string;
  /** `undefined` where nobody knows the day. */
  readonly on: string | undefined;
}

/**
 * Why and when a patient left: death, withdrawal, or an end of participation, each before the window of the last visit
 * closed. `off-study` alone is no leaving: everybody is in the end.
 */
export function leavingOf(
  { patient }: Pick<PatientRecord, 'patient'>,
  subjects: readonly ResearchSubject[],
  frame: LeavingFrame,
): Leaving | undefined {
  const day = (instant: string | undefined) => readAuthored(instant, frame.zone)?.date;
  const inTime = (it: Leaving): boolean => it.on === undefined || it.on <= (frame.lastDay ?? it.on);
  const { deceasedDateTime, deceasedBoolean } = patient ?? {};
  const candidates: Leaving[] = [
    ...(deceasedDateTime !== undefined || deceasedBoolean === true ? [{ why: 'died', on: day(deceasedDateTime) }] : []),
    ...subjects.filter((it) => it.status === 'withdrawn').map((it) => ({ why: it.status, on: day(it.period?.end) })),
    ...subjects
      .filter((it) => it.status === 'off-study')
      .map((it) => ({ why: it.status, on: day(it.period?.end) }))
      .filter((it) => endedEarly(it.on, frame)),
  ];
  return candidates.find(inTime);
}

/** Whether somebody off study did not complete the plan; without a day only where the last window is still open. */
function endedEarly(on: string | undefined, { lastDay, today, ratedLast, closure }: LeavingFrame): boolean {
  if (ratedLast) return false;
  if (on === undefined) return closure === undefined && lastDay !== undefined && today <= lastDay;
  return closure?.on === undefined || on < closure.on;
}
