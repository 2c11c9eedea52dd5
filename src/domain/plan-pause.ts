import type { CarePlan } from 'fhir/r4.js';
import { structureDefinition } from './canonicals.ts';
import { STATUS_REASON, statusReasonOf } from './care-plan.ts';
import { afterEvent } from './care-plan-build.ts';
import type { Display } from './derived-observation.ts';
import { hourOfDay, readAuthored } from './instant.ts';

/** While nobody is asked: a Period, from the instant of the pause to the instant at which it ended or is to end. */
export const PAUSE = structureDefinition('pause');

/** Code of `CodeSystem/step-reason` of a plan that a clinician paused. */
export const PAUSED = 'paused';

/** A pause as a clinician asks for it. */
export interface Pausing {
  /** An instant (UTC). */
  readonly at: string;
  readonly reason: string;
  /** Local date from which the patient is asked again; without one the pause lasts until somebody ends it. */
  readonly until?: string;
}

/** A pause of a plan, milliseconds since 1970. */
export interface Pause {
  readonly fromMs: number;
  /** Absent while nobody has said when it ends. */
  readonly toMs: number | undefined;
}

/** The plan on hold with the reason: its level stays, nothing is asked under it. @throws IllegalStepError unless it is in force */
export function pausedPlan(plan: CarePlan, { at, reason, until }: Pausing, zone: string, display: Display): CarePlan {
  const end = until === undefined ? {} : { end: new Date(hourOfDay(until, 0, zone)).toISOString() };
  const held = afterEvent(plan, 'hold', { code: PAUSED, text: reason }, display);
  return {
    ...held,
    extension: [...(held.extension ?? []), { url: PAUSE, valuePeriod: { start: at, ...end } }],
  };
}

/** The plan in force again from an instant on. @throws IllegalStepError unless it is on hold */
export function resumedPlan(plan: CarePlan, code: 'resumed' | 'pause-over', at: string, display: Display): CarePlan {
  const after = afterEvent(plan, 'resume', { code }, display);
  const last = (after.extension ?? []).findLastIndex((it) => it.url === PAUSE);
  return {
    ...after,
    extension: (after.extension ?? []).map((it, index) =>
      index === last ? { ...it, valuePeriod: { ...it.valuePeriod, end: at } } : it,
    ),
  };
}

/** Whether a clinician paused the plan; one that is held because records were merged is not paused. */
export const isPaused = (plan: CarePlan): boolean =>
  plan.intent === 'plan' && plan.status === 'on-hold' && statusReasonOf(plan) === PAUSED;

const instantOf = (text: string | undefined): number | undefined => readAuthored(text, 'UTC')?.epochMs;

/** Every pause of a plan, those that are over too; what cannot be read as a time is none. */
export const pausesOf = (plan: CarePlan): Pause[] =>
  (plan.extension ?? []).flatMap(({ url, valuePeriod }) => {
    const fromMs = url === PAUSE ? instantOf(valuePeriod?.start) : undefined;
    return fromMs === undefined ? [] : [{ fromMs, toMs: instantOf(valuePeriod?.end) }];
  });

/** The pause that a paused plan is in. */
export const presentPause = (plan: CarePlan): Pause | undefined => (isPaused(plan) ? pausesOf(plan).at(-1) : undefined);

/** Whether an instant lies within any of the pauses. */
export const isWithin = (pauses: readonly Pause[], ms: number): boolean =>
  pauses.some((it) => it.fromMs <= ms && (it.toMs === undefined || ms <= it.toMs));

/** Why a paused plan is paused, in the clinician’s own words. */
export const pauseReason = (plan: CarePlan): string | undefined =>
  plan.extension?.find((it) => it.url === STATUS_REASON)?.valueCodeableConcept?.text;
