import type { Observation } from 'fhir/r4.js';
import { daysApart, localDate } from './instant.ts';
import type { Comparison, LevelCode, Protocol, StepRule } from './protocol.ts';
import {
  type Compared,
  compare,
  futureReading,
  type Missing,
  type Moment,
  type Reading,
  readingsOf,
} from './step-readings.ts';

const DAY_MS = 86_400_000;

/** What stepping looks at, of one patient and episode. */
export interface SteppingInput {
  readonly protocol: Protocol;
  readonly level: LevelCode;
  /** Start of the present level, milliseconds since 1970. */
  readonly sinceMs: number;
  /** Start of stepped care: what has never been screened is overdue counting from here. */
  readonly enrolledMs: number;
  /** Derived Observations, in any order. */
  readonly observations: readonly Observation[];
  /** `CarePlan/…` of a proposal that nobody has decided yet. */
  readonly openProposal: string | undefined;
  /** When clinicians said no to which rule, at this level: it is quiet for its own dwell again. */
  readonly declined: readonly { readonly rule: string; readonly atMs: number }[];
  readonly moment: Moment;
}

/** One reading with the comparison it met. */
export interface Evidence {
  readonly reading: Reading;
  readonly comparison: Comparison;
}

/** How long ago the screening was done that is overdue; `newest` is absent where it never was. */
export interface Overdue {
  readonly measure: string;
  readonly days: number;
  readonly newest?: string;
}

/** What stepped care says of a patient now. Exactly one. */
export type Stepping =
  | {
      readonly kind: 'propose';
      readonly rule: StepRule;
      readonly evidence: readonly Evidence[];
      /** The step is proposed although the screening is overdue; never a step down. */
      readonly overdue?: Overdue;
    }
  /** A proposal waits for a clinician. */
  | { readonly kind: 'waiting'; readonly proposal: string }
  /** The screening is too old to say that anybody is well. */
  | { readonly kind: 'overdue'; readonly overdue: Overdue }
  /** A rule holds, and the present level has not lasted long enough for it. */
  | { readonly kind: 'dwell'; readonly rule: StepRule; readonly untilMs: number }
  | { readonly kind: 'cannot-decide'; readonly missing: readonly Missing[]; readonly unknownLevel?: LevelCode }
  /** Every rule could be judged, and none holds. */
  | { readonly kind: 'stay' };

type Judged =
  | { readonly rule: StepRule; readonly kind: 'holds'; readonly evidence: Evidence[]; readonly readyMs: number }
  | { readonly rule: StepRule; readonly kind: 'fails' }
  | { readonly rule: StepRule; readonly kind: 'unknown'; readonly missing: Missing[] };

/** From when a rule may speak: the level has lasted its dwell, and so has the last refusal of the same rule. */
function readyAt(rule: StepRule, { sinceMs, declined }: SteppingInput): number {
  const starts = [sinceMs, ...declined.filter((it) => it.rule === rule.id).map((it) => it.atMs)];
  return Math.max(...starts) + rule.minimumDwellDays * DAY_MS;
}

function judge(rule: StepRule, input: SteppingInput): Judged {
  const compared = rule.when.map((it): [Comparison, Compared] => [it, compare(it, input.observations, input.moment)]);
  if (compared.length === 0 || compared.some(([, it]) => it.kind === 'not-met')) return { rule, kind: 'fails' };
  const missing = compared.flatMap(([, it]) => (it.kind === 'unknown' ? [it.missing] : []));
  if (missing.length > 0) return { rule, kind: 'unknown', missing };
  const evidence = compared.flatMap(([comparison, it]) =>
    it.kind === 'met' ? it.readings.map((reading) => ({ reading, comparison })) : [],
  );
  return { rule, kind: 'holds', evidence, readyMs: readyAt(rule, input) };
}

/** Whether the screening is overdue: counted from the newest reading, else from the enrolment. */
export function overdueScreening(
  input: Pick<SteppingInput, 'protocol' | 'observations' | 'enrolledMs' | 'moment'>,
): Overdue | undefined {
  const { protocol, observations, enrolledMs, moment } = input;
  const { measure, overdueAfterDays } = protocol.screening;
  const newest = readingsOf(observations, measure, undefined, moment)[0]?.date;
  const today = localDate(moment.nowMs, moment.zone);
  const from = newest ?? localDate(Math.min(enrolledMs, moment.nowMs), moment.zone);
  const days = daysApart(from, today);
  if (days <= overdueAfterDays) return undefined;
  return { measure, days, ...(newest === undefined ? {} : { newest }) };
}

/**
 * What the protocol says of a patient at this moment. Nothing is proposed from missing data, before the dwell is over,
 * or beside a proposal that waits; a step down is never proposed while the screening is overdue or while a rule that
 * steps up holds, its dwell over or not.
 */
export function stepping(input: SteppingInput): Stepping {
  const { protocol, level, openProposal, moment } = input;
  if (openProposal !== undefined) return { kind: 'waiting', proposal: openProposal };
  if (!protocol.levels.some((it) => it.code === level))
    return { kind: 'cannot-decide', missing: [], unknownLevel: level };
  const judged = protocol.rules.filter((it) => it.from.includes(level)).map((it) => judge(it, input));
  const overdue = overdueScreening(input);
  const worse = judged.some((it) => it.kind === 'holds' && it.rule.direction === 'up');
  const holding = judged
    .filter((it) => it.kind === 'holds')
    .filter(({ rule }) => rule.direction === 'up' || (overdue === undefined && !worse))
    .sort((a, b) => a.rule.order - b.rule.order);
  const ready = holding.find((it) => moment.nowMs >= it.readyMs);
  if (ready !== undefined)
    return {
      kind: 'propose',
      rule: ready.rule,
      evidence: ready.evidence,
      ...(overdue === undefined ? {} : { overdue }),
    };
  if (overdue !== undefined) return { kind: 'overdue', overdue };
  const soonest = holding.toSorted((a, b) => a.readyMs - b.readyMs)[0];
  if (soonest !== undefined) return { kind: 'dwell', rule: soonest.rule, untilMs: soonest.readyMs };
  const missing = judged.flatMap((it) => (it.kind === 'unknown' ? it.missing : []));
  return missing.length > 0 ? { kind: 'cannot-decide', missing: distinct(missing) } : { kind: 'stay' };
}

function distinct(all: readonly Missing[]): Missing[] {
  return [...new Map(all.map((it) => [JSON.stringify(it), it])).values()];
}

/**
 * When time alone may change the answer, milliseconds since 1970: the end of a dwell, also where the screening is overdue
 * meanwhile, the day on which it becomes overdue, or the instant of a reading that a clock set ahead has dated into the
 * future. `undefined` where only something new can.
 */
export function nextChangeOf(input: SteppingInput, outcome: Stepping): number | undefined {
  const { protocol, observations, enrolledMs, level, moment } = input;
  const times = [futureReading(observations, moment)];
  if (outcome.kind === 'dwell') times.push(outcome.untilMs);
  if (outcome.kind === 'overdue')
    for (const rule of protocol.rules.filter((it) => it.direction === 'up' && it.from.includes(level))) {
      const judged = judge(rule, input);
      if (judged.kind === 'holds') times.push(judged.readyMs);
    }
  if (outcome.kind === 'stay' || outcome.kind === 'cannot-decide') {
    const newest = readingsOf(observations, protocol.screening.measure, undefined, moment)[0];
    times.push((newest?.epochMs ?? enrolledMs) + (protocol.screening.overdueAfterDays + 1) * DAY_MS);
  }
  const known = times.filter((it) => it !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
