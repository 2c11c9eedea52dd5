import type { Provenance, Reference, Task } from 'fhir/r4.js';
import { codeSystem, structureDefinition } from './canonicals.ts';
import { dateOfDay, dayNumber } from './instant.ts';
import type { Occasion } from './occasion.ts';
import { instantsOf } from './schedule.ts';

/** Days in which a person wants a form answered instead of those of the protocol: a Period of dates. */
export const RESCHEDULED = structureDefinition('rescheduled');

/** Whole local days, both included. */
export interface Days {
  readonly first: string;
  readonly last: string;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether a text is a day of the calendar, `2026-11-23`. */
export const isDay = (text: string): boolean =>
  DATE.test(text) && !Number.isNaN(Date.parse(text)) && dateOfDay(dayNumber(text)) === text;

/**
 * Between which days a form may be moved: within the bounds of its visit, since an answer outside counts for none; of
 * what is asked at an interval, up to the day before the next one begins; of what an answer called for, its own window.
 */
export function boundsOf({ form, window }: Pick<Occasion, 'form' | 'window'>): Days {
  const { timing } = form;
  if (timing.kind !== 'interval') return { first: window.first, last: window.last };
  return { first: window.first, last: dateOfDay(dayNumber(window.first) + timing.everyDays - 1) };
}

/** The days to which a person moved the form of a Task, if anybody did. */
export function rescheduledTo(task: Task): Days | undefined {
  const period = task.extension?.find((it) => it.url === RESCHEDULED)?.valuePeriod;
  const { start = '', end = '' } = period ?? {};
  return isDay(start) && isDay(end) && start <= end ? { first: start, last: end } : undefined;
}

/** The Task that says to which days its form was moved, by whom and why. */
export function withDays(task: Task, days: Days, by: string, at: string, reason: string): Task {
  const others = (task.extension ?? []).filter((it) => it.url !== RESCHEDULED);
  return {
    ...task,
    extension: [...others, { url: RESCHEDULED, valuePeriod: { start: days.first, end: days.last } }],
    note: [...(task.note ?? []), { authorReference: { reference: by }, time: at, text: reason }],
  };
}

const [earlier, later] = [
  (a: string, b: string): string => (a.localeCompare(b) < 0 ? a : b),
  (a: string, b: string): string => (a.localeCompare(b) < 0 ? b : a),
];

/**
 * The occasion with the days of its Task, as far as they lie within its bounds now: an inclusion corrected later moves
 * the bounds. What arrives in the protocol’s own window answers it all the same.
 */
export function movedOccasion(occasion: Occasion, task: Task | undefined, zone: string): Occasion {
  const wanted = task === undefined ? undefined : rescheduledTo(task);
  if (wanted === undefined) return occasion;
  const bounds = boundsOf(occasion);
  const [first, last] = [later(wanted.first, bounds.first), earlier(wanted.last, bounds.last)];
  if (first > last) return occasion;
  const { window, form, at } = occasion;
  const days = { ...window, first, last };
  return {
    ...occasion,
    window: { ...window, last: later(last, window.last) },
    at: { ...instantsOf(days, form, zone), createMs: at.createMs },
  };
}

/** Who moved a form, and why. */
export const rescheduleProvenance = (target: Reference, by: string, at: string, reason: string): Provenance => ({
  resourceType: 'Provenance',
  target: [target],
  occurredDateTime: at,
  recorded: at,
  activity: { coding: [{ system: codeSystem('care-event'), code: 'rescheduled', display: 'A form was rescheduled' }] },
  reason: [{ text: reason }],
  agent: [
    {
      type: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code: 'author' }],
      },
      who: { reference: by },
    },
  ],
});
