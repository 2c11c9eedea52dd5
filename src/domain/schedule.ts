import { dateOfDay, dayNumber, hourOfDay } from './instant.ts';
import type { VisitPlan } from './programme.ts';
import type { Schedule, ScheduledForm } from './protocol.ts';
import { visitDates } from './visit.ts';

/** Local hour at which reminders fall due: nobody is written to at midnight. */
export const REMINDER_HOUR = 9;

/** When one form may be answered: whole local days, both included. */
export interface Window {
  /** The visit, or the number of the interval: what stays when the dates move. */
  readonly key: string;
  readonly first: string;
  readonly last: string;
}

/** Where the dates of a schedule count from: local calendar dates. */
export interface Anchors {
  readonly inclusion: string | undefined;
  /** Start of the course of stepped care. */
  readonly course: string | undefined;
}

/** What an interval counts from: the inclusion for an arm of the study, the course for everybody in care. */
export const originOf = (schedule: Pick<Schedule, 'arm'>, anchors: Anchors): string | undefined =>
  schedule.arm === undefined ? anchors.course : anchors.inclusion;

/**
 * Every window of one form that opens on or before a day, oldest first; and, last, the one after it, if there is one.
 * Bounds of a visit are those by which a response is placed there: one definition for schedule, visit and report. What
 * answers call for is not among them (triggered.ts).
 */
export function windowsOf(
  schedule: Pick<Schedule, 'arm'>,
  form: Pick<ScheduledForm, 'timing' | 'instrument'>,
  anchors: Anchors,
  visits: VisitPlan,
  upTo: string,
): readonly Window[] {
  const { timing } = form;
  if (timing.kind === 'answer') return [];
  if (timing.kind === 'visit') {
    const window = visits.windows.find((it) => it.visit === timing.visit);
    if (anchors.inclusion === undefined || window === undefined || window.except.includes(form.instrument)) return [];
    return [{ key: window.visit, ...visitDates(anchors.inclusion, window) }];
  }
  const origin = originOf(schedule, anchors);
  if (origin === undefined) return [];
  const start = dayNumber(origin);
  const count = Math.max(0, Math.floor((dayNumber(upTo) - start) / timing.everyDays) + 1);
  return Array.from({ length: count + 1 }, (_, n): Window => {
    const first = start + n * timing.everyDays;
    return { key: String(n), first: dateOfDay(first), last: dateOfDay(first + timing.windowDays - 1) };
  });
}

/** The instants of a window, milliseconds since 1970. */
export interface Instants {
  /** The Task exists from here. */
  readonly createMs: number;
  readonly opensMs: number;
  /** The first instant that is outside. */
  readonly closesMs: number;
  /** When reminders fall due, in order; never outside the window. */
  readonly remindMs: readonly number[];
}

/** Days become instants in the programme’s zone, whatever its clocks do in between. */
export function instantsOf(
  window: Window,
  form: Pick<ScheduledForm, 'createAheadDays' | 'remindAfterDays'>,
  zone: string,
): Instants {
  const first = dayNumber(window.first);
  const opensMs = hourOfDay(window.first, 0, zone);
  const closesMs = hourOfDay(dateOfDay(dayNumber(window.last) + 1), 0, zone);
  const remindMs = form.remindAfterDays
    .map((days) => hourOfDay(dateOfDay(first + days), REMINDER_HOUR, zone))
    .filter((it) => it >= opensMs && it < closesMs)
    .sort((a, b) => a - b);
  return { createMs: hourOfDay(dateOfDay(first - form.createAheadDays), 0, zone), opensMs, closesMs, remindMs };
}

/** How late a reminder may still go out: after a longer silence the next one does. */
export const REMINDER_GRACE_MS = 48 * 3_600_000;

/**
 * The reminder that is due now, if any: the latest whose time has come, not older than the grace, and later than the
 * last one that was dealt with. Those missed before it are never made up for.
 */
export function dueReminder(
  { remindMs, closesMs }: Pick<Instants, 'remindMs' | 'closesMs'>,
  lastMs: number | undefined,
  nowMs: number,
): number | undefined {
  if (nowMs >= closesMs) return undefined;
  const latest = remindMs.findLast((it) => it <= nowMs);
  if (latest === undefined || nowMs - latest > REMINDER_GRACE_MS) return undefined;
  return lastMs !== undefined && lastMs >= latest ? undefined : latest;
}

/** When this window next changes by time alone; `undefined` once it is past. */
export const nextChange = (it: Instants, nowMs: number): number | undefined =>
  [it.createMs, it.opensMs, ...it.remindMs, it.closesMs].filter((at) => at > nowMs).sort((a, b) => a - b)[0];
