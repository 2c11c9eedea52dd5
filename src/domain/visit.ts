import { dateOfDay, dayNumber } from './instant.ts';
import type { Visit, VisitPlan, VisitWindow } from './programme.ts';

/** A calendar date some months later; the last day of a shorter month. */
export function addMonths(date: string, months: number): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(day, last));
  return first.toISOString().slice(0, 10);
}

interface Targets {
  readonly inclusion: string;
  /** Day number of each window's target, in the order of the plan. */
  readonly days: readonly number[];
}

/** The targets of the patient who was placed last: every rating of one patient asks for the same. */
const lastTargets = new WeakMap<VisitPlan, Targets>();

function targetsOf(inclusion: string, plan: VisitPlan): readonly number[] {
  const last = lastTargets.get(plan);
  if (last?.inclusion === inclusion) return last.days;
  const days = plan.windows.map((window) => dayNumber(addMonths(inclusion, window.months)));
  lastTargets.set(plan, { inclusion, days });
  return days;
}

interface Placed {
  readonly visit: Visit;
  /** Whole days from the target; 0 for an unscheduled rating. */
  readonly distance: number;
}

/**
 * The visit that a rating of `instrument` belongs to: the nearest target within its bounds, a tie to the earlier;
 * `unscheduled` where none holds it or nobody knows when the patient was included.
 */
export function placeVisit(date: string, inclusion: string | undefined, plan: VisitPlan, instrument: string): Placed {
  const none: Placed = { visit: 'unscheduled', distance: 0 };
  if (inclusion === undefined) return none;
  const day = dayNumber(date);
  const targets = targetsOf(inclusion, plan);
  let best: Placed | undefined;
  for (const [index, window] of plan.windows.entries()) {
    const distance = distanceWithin(day - (targets[index] ?? 0), window, instrument);
    if (distance !== undefined && (best === undefined || distance < best.distance))
      best = { visit: window.visit, distance };
  }
  return best ?? none;
}

/** First and last calendar day of a visit’s bounds, both included; the same days that `placeVisit` goes by. */
export function visitDates(inclusion: string, window: VisitWindow): { readonly first: string; readonly last: string } {
  const target = dayNumber(addMonths(inclusion, window.months));
  return { first: dateOfDay(target - window.early), last: dateOfDay(target + window.late) };
}

function distanceWithin(offset: number, window: VisitWindow, instrument: string): number | undefined {
  if (window.except.includes(instrument)) return undefined;
  return offset < -window.early || offset > window.late ? undefined : Math.abs(offset);
}
