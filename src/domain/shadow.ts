import type { CarePlan, Observation } from 'fhir/r4.js';
import { readAuthored } from './instant.ts';
import type { LevelCode, Protocol } from './protocol.ts';
import { stepping } from './stepping.ts';

const DAY_MS = 86_400_000;

/** A step that the rules would have proposed, had stepped care been running. */
export interface ShadowStep {
  readonly atMs: number;
  readonly rule: string;
  readonly direction: 'up' | 'down';
  readonly from: LevelCode;
  readonly to: LevelCode;
}

export interface ShadowCourse {
  readonly protocol: Protocol;
  /** Derived Observations, in any order. */
  readonly observations: readonly Observation[];
  /** Where the course stands at `fromMs`: a plan in force, or the lowest level since the inclusion. */
  readonly level: LevelCode;
  readonly sinceMs: number;
  readonly enrolledMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
}

/** The course of one patient over some weeks, day by day. */
export interface Shadowed {
  readonly steps: readonly ShadowStep[];
  readonly level: LevelCode;
  /** Days on which the screening was overdue, so that nobody could say that the patient is well. */
  readonly overdueDays: number;
}

/**
 * What the rules would have said on each day, from what had been answered by then. Every proposal is taken as approved on
 * its day: so it is the most that clinicians would have been asked, as far as a refusal only makes a rule wait.
 */
export function shadowSteps(course: ShadowCourse): Shadowed {
  const { protocol, observations, enrolledMs, fromMs, toMs, zone } = course;
  const steps: ShadowStep[] = [];
  let { level, sinceMs } = course;
  let overdueDays = 0;
  for (let nowMs = Math.max(fromMs, enrolledMs); nowMs <= toMs; nowMs += DAY_MS) {
    const moment = { nowMs, zone };
    const said = stepping({
      protocol,
      level,
      sinceMs,
      enrolledMs,
      observations,
      openProposal: undefined,
      declined: [],
      moment,
    });
    if (said.kind === 'overdue') overdueDays += 1;
    if (said.kind !== 'propose') continue;
    const { id: rule, direction, to } = said.rule;
    steps.push({ atMs: nowMs, rule, direction, from: level, to });
    level = to;
    sinceMs = nowMs;
  }
  return { steps, level, overdueDays };
}

/** From where a look at some weeks begins, and until when there was a course to look at. */
export interface CourseSpan {
  readonly plan: CarePlan;
  readonly sinceMs: number;
  /** Start of the course. */
  readonly enrolledMs: number;
  /** When the course ended, where it did. */
  readonly endMs: number | undefined;
}

/**
 * Of the plans of one course, oldest first, the one that was in force at an instant, else the first after it: what came
 * later is what the rules would have asked, not where a look back begins. `undefined` where the course was over by then.
 */
export function courseFrom(plans: readonly CarePlan[], fromMs: number): CourseSpan | undefined {
  const spans = plans.flatMap((plan) => {
    const start = readAuthored(plan.period?.start, 'UTC')?.epochMs;
    const end = plan.status === 'active' ? undefined : readAuthored(plan.period?.end, 'UTC')?.epochMs;
    return start === undefined || plan.status === 'on-hold' ? [] : [{ plan, start, end }];
  });
  const standing =
    spans.findLast((it) => it.start <= fromMs && (it.end === undefined || it.end > fromMs)) ??
    spans.find((it) => it.start > fromMs);
  if (standing === undefined) return undefined;
  const last = spans.at(-1);
  return {
    plan: standing.plan,
    sinceMs: standing.start,
    enrolledMs: spans[0]?.start ?? standing.start,
    endMs: spans.some((it) => it.end === undefined) ? undefined : last?.end,
  };
}

/** How long a person takes, in minutes: the site’s own estimate. */
export interface Minutes {
  readonly proposal: number;
  readonly sign: number;
}

/** One thing that would have asked for a person. */
export interface ShadowEvent {
  readonly atMs: number;
  readonly kind: 'step-up' | 'step-down' | 'sign';
  /** `Patient/…`; for the coordinator alone. */
  readonly patient: string;
  /** `Practitioner/…` or `CareTeam/…` who would have been asked; nobody where the record names nobody. */
  readonly owner: string | undefined;
  readonly rule?: string;
}

export interface ShadowWeek {
  /** Start of the week, an instant (UTC). */
  readonly from: string;
  readonly up: number;
  readonly down: number;
  readonly signs: number;
  readonly minutes: number;
}

/** The work that stepped care would have made, on one page. */
export interface Forecast {
  readonly patients: number;
  /** Of these, with levels; the others are watched for signs of danger alone. */
  readonly inLevels: number;
  readonly weeks: readonly ShadowWeek[];
  readonly perWeek: { readonly up: number; readonly down: number; readonly signs: number; readonly minutes: number };
  readonly busiest: ShadowWeek | undefined;
  /** For whom, the busiest first. */
  readonly people: readonly {
    readonly owner: string | undefined;
    readonly steps: number;
    readonly signs: number;
    readonly minutesPerWeek: number;
  }[];
  /** Patient-days without a screening that is new enough, of all patient-days in levels. */
  readonly overdueShare: number | undefined;
  readonly assumed: Minutes;
}

const WEEK_MS = 7 * DAY_MS;
const isSign = (it: ShadowEvent): boolean => it.kind === 'sign';
const minutesOf = (events: readonly ShadowEvent[], minutes: Minutes): number =>
  events.reduce((sum, it) => sum + (isSign(it) ? minutes.sign : minutes.proposal), 0);

/** Counts what would have been, week by week and for whom. */
export function forecastOf(
  events: readonly ShadowEvent[],
  over: { readonly fromMs: number; readonly weeks: number; readonly patients: number; readonly inLevels: number },
  overdueShare: number | undefined,
  assumed: Minutes,
): Forecast {
  const weeks = Array.from({ length: over.weeks }, (_, index): ShadowWeek => {
    const fromMs = over.fromMs + index * WEEK_MS;
    // The moment of the look itself is still of the last week.
    const isLast = index === over.weeks - 1;
    const within = events.filter((it) => it.atMs >= fromMs && (isLast || it.atMs < fromMs + WEEK_MS));
    return {
      from: new Date(fromMs).toISOString(),
      up: within.filter((it) => it.kind === 'step-up').length,
      down: within.filter((it) => it.kind === 'step-down').length,
      signs: within.filter(isSign).length,
      minutes: minutesOf(within, assumed),
    };
  });
  const mean = (of: (it: ShadowWeek) => number): number => weeks.reduce((sum, it) => sum + of(it), 0) / over.weeks;
  const people = [...Map.groupBy(events, (it) => it.owner)].map(([owner, own]) => ({
    owner,
    steps: own.filter((it) => !isSign(it)).length,
    signs: own.filter(isSign).length,
    minutesPerWeek: minutesOf(own, assumed) / over.weeks,
  }));
  return {
    patients: over.patients,
    inLevels: over.inLevels,
    weeks,
    perWeek: {
      up: mean((it) => it.up),
      down: mean((it) => it.down),
      signs: mean((it) => it.signs),
      minutes: mean((it) => it.minutes),
    },
    busiest: weeks.toSorted((a, b) => b.minutes - a.minutes)[0],
    people: people.toSorted((a, b) => b.minutesPerWeek - a.minutesPerWeek),
    overdueShare,
    assumed,
  };
}
