import type { Observation } from 'fhir/r4.js';
import { MEASURE, RATING_USE, TAG } from './derived-observation.ts';
import { daysApart, localDate, readAuthored } from './instant.ts';
import type { Comparison } from './protocol.ts';

/** One value that a rule may rest on. */
export interface Reading {
  /** `Observation/…` */
  readonly observation: string;
  readonly measure: string;
  readonly component: string | undefined;
  /** In the measure's own units. */
  readonly value: number;
  readonly status: 'final' | 'amended';
  /** A FHIR dateTime, as it stands in the Observation. */
  readonly effective: string;
  readonly epochMs: number;
  /** Local calendar date. */
  readonly date: string;
  readonly keyUnconfirmed: boolean;
}

/** At what moment, and in which zone, something is judged. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly zone: string;
}

const codeOf = (it: Observation): string | undefined => it.code.coding?.find((c) => c.system === MEASURE)?.code;

const tagged = (it: Observation, system: string, code: string): boolean =>
  it.meta?.tag?.some((tag) => tag.system === system && tag.code === code) ?? false;

function readValue(it: Observation, component: string | undefined): number | undefined {
  if (component === undefined) return it.valueQuantity?.value;
  const part = it.component?.find((c) => c.code.coding?.some((code) => code.code === component));
  return part?.valueQuantity?.value ?? part?.valueInteger;
}

/** The value that an Observation gives; `undefined` where it counts for nothing: withdrawn, absent, not counted, undated. */
export function readingOf(it: Observation, component: string | undefined, zone: string): Reading | undefined {
  const measure = codeOf(it);
  const value = readValue(it, component);
  const effective = readAuthored(it.effectiveDateTime, zone);
  if (measure === undefined || value === undefined || effective === undefined) return undefined;
  if (it.status !== 'final' && it.status !== 'amended') return undefined;
  if (tagged(it, RATING_USE, 'not-counted')) return undefined;
  return {
    observation: `Observation/${it.id}`,
    measure,
    component,
    value,
    status: it.status,
    effective: effective.text,
    epochMs: effective.epochMs,
    date: effective.date,
    keyUnconfirmed: tagged(it, TAG, 'key-unconfirmed'),
  };
}

const newestFirst = (a: Reading, b: Reading): number =>
  b.epochMs - a.epochMs || (a.observation < b.observation ? -1 : a.observation > b.observation ? 1 : 0);

/**
 * What a measure has shown up to now, the newest first, one a day: a form sent twice within minutes, or copied when two
 * records were merged, is one reading. A reading from after `nowMs` is not known yet.
 */
export function readingsOf(
  observations: readonly Observation[],
  measure: string,
  component: string | undefined,
  { nowMs, zone }: Moment,
): Reading[] {
  const days = new Set<string>();
  return observations
    .filter((it) => codeOf(it) === measure)
    .flatMap((it) => readingOf(it, component, zone) ?? [])
    .filter((it) => it.epochMs <= nowMs)
    .sort(newestFirst)
    .filter((it) => !days.has(it.date) && days.add(it.date) !== undefined);
}

/** When the first of the readings from after `nowMs` will be known, milliseconds since 1970: a clock ran ahead somewhere. */
export function futureReading(observations: readonly Observation[], { nowMs, zone }: Moment): number | undefined {
  const ahead = observations
    .flatMap((it) => readAuthored(it.effectiveDateTime, zone)?.epochMs ?? [])
    .filter((it) => it > nowMs);
  return ahead.length === 0 ? undefined : Math.min(...ahead);
}

/** What a comparison lacks before it can be answered. */
export interface Missing {
  readonly measure: string;
  readonly component?: string;
  /** Readings needed, and how many there are that are not too old. */
  readonly needed: number;
  readonly have: number;
  readonly maxAgeDays: number;
  /** Local date of the newest reading, however old; absent where there never was one. */
  readonly newest?: string;
}

export type Compared =
  | { readonly kind: 'met'; readonly readings: readonly Reading[] }
  | { readonly kind: 'not-met' }
  | { readonly kind: 'unknown'; readonly missing: Missing };

const MEETS: Record<Comparison['comparator'], (value: number, limit: number) => boolean> = {
  '>=': (value, limit) => value >= limit,
  '>': (value, limit) => value > limit,
  '<=': (value, limit) => value <= limit,
  '<': (value, limit) => value < limit,
};

export const meets = (it: Pick<Comparison, 'comparator' | 'value'>, value: number): boolean =>
  MEETS[it.comparator](value, it.value);

/**
 * Three answers, never two: a comparison holds when the newest readings asked for all meet it, it fails when one of
 * those does not, and is unknown where there are too few that are recent enough.
 */
export function compare(comparison: Comparison, observations: readonly Observation[], moment: Moment): Compared {
  const { measure, component, readings: needed, maxAgeDays } = comparison;
  const all = readingsOf(observations, measure, component, moment);
  const today = localDate(moment.nowMs, moment.zone);
  const recent = all.slice(0, needed).filter((it) => daysApart(it.date, today) <= maxAgeDays);
  if (recent.some((it) => !meets(comparison, it.value))) return { kind: 'not-met' };
  if (recent.length === needed) return { kind: 'met', readings: recent };
  const newest = all[0]?.date;
  return {
    kind: 'unknown',
    missing: {
      measure,
      needed,
      have: recent.length,
      maxAgeDays,
      ...(component === undefined ? {} : { component }),
      ...(newest === undefined ? {} : { newest }),
    },
  };
}
