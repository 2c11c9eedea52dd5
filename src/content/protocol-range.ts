import type { Instrument, ScoringKey } from '../domain/instrument.ts';
import type { Comparison, StepRule } from '../domain/protocol.ts';

/** Values that meet a comparison, or that a measure can have. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** Whether the ends themselves belong to it. */
  readonly withLow: boolean;
  readonly withHigh: boolean;
}

export function rangeOf({ comparator, value }: Pick<Comparison, 'comparator' | 'value'>): Range {
  return comparator === '>=' || comparator === '>'
    ? { low: value, high: Number.POSITIVE_INFINITY, withLow: comparator === '>=', withHigh: true }
    : { low: Number.NEGATIVE_INFINITY, high: value, withLow: true, withHigh: comparator === '<=' };
}

export const meet = (a: Range, b: Range): boolean => {
  const [low, high] = [Math.max(a.low, b.low), Math.min(a.high, b.high)];
  if (low !== high) return low < high;
  return [a, b].every((it) => (it.low < low || it.withLow) && (it.high > high || it.withHigh));
};

/** Whether every value of `inner` is one of `outer`. */
export const covers = (outer: Range, inner: Range): boolean =>
  (outer.low < inner.low || (outer.low === inner.low && (outer.withLow || !inner.withLow))) &&
  (outer.high > inner.high || (outer.high === inner.high && (outer.withHigh || !inner.withHigh)));

export const sameMeasure = (a: Comparison, b: Comparison): boolean =>
  a.measure === b.measure && a.component === b.component;

/** Whether one and the same reading can make both rules hold; of different measures it always can. */
export const canHoldAtOnce = (a: StepRule, b: StepRule): boolean =>
  a.when.every((x) => b.when.every((y) => !sameMeasure(x, y) || meet(rangeOf(x), rangeOf(y))));

const DYAD = 'wai-s-dyad';

/** What a measure or its component can be, and who is asked for it; `undefined` where nothing produces it. */
export interface Produced {
  readonly low: number;
  readonly high: number;
  /** Ids of the instruments whose answers it needs. */
  readonly asked: readonly string[];
}

/** What is derived of a patient: scores and subscales, and of alliance forms change and dyad. */
export function producedBy(
  { measure, component }: Pick<Comparison, 'measure' | 'component'>,
  instruments: readonly Instrument[],
): Produced | undefined {
  const ofPatients = instruments.filter((it) => it.subject === 'Patient');
  const alliance = ofPatients.filter((it) => it.alliance);
  const keyed = (it: Instrument): ScoringKey | undefined =>
    it.keys.find((key) => key.measure === (component ?? 'total'));
  const score = ofPatients.find((it) => it.id === measure);
  const key = score === undefined ? undefined : keyed(score);
  if (score !== undefined) return key && { low: key.low, high: key.high, asked: [score.id] };
  const changed = alliance.find((it) => `${it.id}-change` === measure);
  const difference = measure === DYAD ? alliance[0] : component === undefined ? changed : undefined;
  const width = difference && keyed(difference);
  if (difference === undefined || width === undefined) return undefined;
  const asked = measure === DYAD ? alliance.map((it) => it.id) : [difference.id];
  return { low: width.low - width.high, high: width.high - width.low, asked };
}
