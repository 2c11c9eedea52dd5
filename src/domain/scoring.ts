import { roundStored } from './decimal.ts';
import type { Instrument, ScoringKey } from './instrument.ts';

/** One score: its value in score points, or why there is none. */
export type Score =
  | { readonly value: number; readonly prorated: boolean; readonly answered: number }
  | { readonly absent: 'too-few-answered'; readonly answered: number };

export interface Scores {
  /** By measure, in the order the instrument declares. */
  readonly measures: ReadonlyMap<string, Score>;
  /** Scored items that were answered. */
  readonly answered: number;
  /** Of an alliance form: every raw answer one and the same extreme, which reversed items contradict. */
  readonly uniform: boolean;
}

/** Raw answers by linkId; an item that is not in it was not answered. */
export type Answers = ReadonlyMap<string, number>;

/** A key with its items as positions, so that scoring looks nothing up by name. */
interface CompiledKey {
  readonly key: ScoringKey;
  readonly positions: Int32Array;
  /** What a raw answer is multiplied with, and what is added: -1 and low + high for a reversed item. */
  readonly signs: Float64Array;
  readonly shifts: Float64Array;
  readonly parts: Int32Array;
}

function compileKey(instrument: Instrument, key: ScoringKey): CompiledKey {
  const at = (linkId: string) => instrument.items.findIndex((it) => it.linkId === linkId);
  const reach = (linkId: string) => {
    const item = instrument.items[at(linkId)];
    return item === undefined ? 0 : item.low + item.high;
  };
  return {
    key,
    positions: Int32Array.from(key.items, (it) => at(it.linkId)),
    signs: Float64Array.from(key.items, (it) => (it.reversed ? -1 : 1)),
    shifts: Float64Array.from(key.items, (it) => (it.reversed ? reach(it.linkId) : 0)),
    parts: Int32Array.from(key.parts, (part) => instrument.keys.findIndex((it) => it.measure === part)),
  };
}

/**
 * The scoring function of an instrument, compiled once from its declared keys. Reversal, subscales, prorating and the
 * least number of answers are the key's; nothing here knows any instrument.
 */
export function compileScoring(instrument: Instrument): (answers: Answers) => Scores {
  const linkIds = instrument.items.map((it) => it.linkId);
  const keys = instrument.keys.map((key) => compileKey(instrument, key));
  const order = [...keys.keys()].sort((a, b) => (keys[a]?.parts.length ?? 0) - (keys[b]?.parts.length ?? 0));
  return (answers) => {
    const raw = linkIds.map((linkId) => answers.get(linkId));
    const scores = new Array<Score>(keys.length);
    for (const index of order) {
      const compiled = keys[index];
      if (compiled !== undefined)
        scores[index] = compiled.parts.length > 0 ? sumOfParts(compiled, raw, scores) : sumOfItems(compiled, raw);
    }
    return {
      measures: new Map(keys.map(({ key }, index) => [key.measure, stored(scores[index] as Score)])),
      answered: count(raw),
      uniform: instrument.alliance && isUniform(instrument, raw),
    };
  };
}

/** Rounded only here: a total is the sum of its unrounded parts. */
const stored = (score: Score): Score =>
  'value' in score && !Number.isInteger(score.value) ? { ...score, value: roundStored(score.value) } : score;

type Raw = readonly (number | undefined)[];

const count = (raw: Raw): number => raw.reduce<number>((sum, it) => (it === undefined ? sum : sum + 1), 0);

function sumOfItems({ key, positions, signs, shifts }: CompiledKey, raw: Raw): Score {
  let sum = 0;
  let answered = 0;
  for (let i = 0; i < positions.length; i += 1) {
    const value = raw[positions[i] as number];
    if (value === undefined) continue;
    answered += 1;
    sum += value * (signs[i] as number) + (shifts[i] as number);
  }
  const whole = answered === positions.length;
  if (answered < key.minimumAnswered || !(whole || key.prorated)) return { absent: 'too-few-answered', answered };
  const full = whole ? sum : (sum * positions.length) / answered;
  return { value: (full + key.offset) * key.multiplier, prorated: !whole, answered };
}

/** A sum of subscales: every part must be had, and enough of all items answered. */
function sumOfParts({ key, positions, parts }: CompiledKey, raw: Raw, scores: readonly Score[]): Score {
  let answered = 0;
  for (const position of positions) if (raw[position] !== undefined) answered += 1;
  let sum = 0;
  let prorated = false;
  for (const part of parts) {
    const score = scores[part];
    if (score === undefined || 'absent' in score) return { absent: 'too-few-answered', answered };
    sum += score.value;
    prorated ||= score.prorated;
  }
  if (answered < key.minimumAnswered) return { absent: 'too-few-answered', answered };
  return { value: (sum + key.offset) * key.multiplier, prorated, answered };
}

function isUniform(instrument: Instrument, raw: Raw): boolean {
  const [first] = raw;
  const item = instrument.items[0];
  if (first === undefined || item === undefined) return false;
  return (first === item.low || first === item.high) && raw.every((it) => it === first);
}
