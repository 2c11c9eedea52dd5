import type { Instrument, ScoringKey } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { fault } from './content-error.ts';

/** The score of a measure for raw answers by linkId; `undefined` where it cannot be had. */
export type ScoreOf = (answers: ReadonlyMap<string, number>, measure: string) => number | undefined;

/** Whether the key names only what the instrument has; the rest of the checks need it. */
export function checkKeys(instrument: Instrument, file: string, issues: Issue[]): boolean {
  const before = issues.length;
  const linkIds = new Set(instrument.items.map((it) => it.linkId));
  const measures = new Set(instrument.keys.map((it) => it.measure));
  const report = (key: ScoringKey, reason: string, sentence: string): void =>
    void issues.push(fault(file, key.linkId, reason, sentence));
  for (const key of instrument.keys) {
    for (const { linkId } of key.items.filter((it) => !linkIds.has(it.linkId)))
      report(key, 'unknown-item', `The key of ${key.measure} counts ${linkId}, which is no scored item.`);
    for (const part of key.parts.filter((it) => !measures.has(it) || it === key.measure))
      report(key, 'unknown-measure', `The key of ${key.measure} sums ${part}, which is no other score.`);
    if (key.items.length > 0 && !(key.minimumAnswered >= 1 && key.minimumAnswered <= key.items.length))
      report(
        key,
        'minimum-out-of-range',
        `${key.measure} needs between 1 and ${key.items.length} answers, not ${key.minimumAnswered}.`,
      );
    if (key.items.length === 0 && key.parts.length === 0)
      report(key, 'empty-key', `The key of ${key.measure} counts nothing.`);
    if (!(key.low < key.high)) report(key, 'score-range', `The range of ${key.measure} is empty.`);
  }
  if (measures.size !== instrument.keys.length)
    issues.push(fault(file, 'item', 'duplicate-measure', 'Two keys state the same score.'));
  if (!measures.has('total')) issues.push(fault(file, 'item', 'no-total', 'No key states the total.'));
  return issues.length === before;
}

/**
 * Runs the compiled scoring at its limits: lowest and highest answers stay in and reach the declared range, nothing
 * answered gives nothing, and one answer fewer than a key needs gives nothing.
 */
export function checkScoring(instrument: Instrument, score: ScoreOf, file: string, issues: Issue[]): void {
  for (const key of instrument.keys) {
    const report = (reason: string, sentence: string): void =>
      void issues.push(fault(file, key.linkId, reason, sentence));
    if (score(new Map(), key.measure) !== undefined)
      report('score-without-answers', `${key.measure} is not empty although nothing is answered.`);
    const tooFew = withoutEnough(instrument, key);
    if (score(tooFew, key.measure) !== undefined)
      report('score-of-too-few', `${key.measure} is not empty although only ${tooFew.size} items are answered.`);
    const [least, most] = [
      score(extreme(instrument, key, 'low'), key.measure),
      score(extreme(instrument, key, 'high'), key.measure),
    ];
    if (least !== key.low || most !== key.high)
      report(
        'score-out-of-range',
        `${key.measure} goes from ${least ?? 'nothing'} to ${most ?? 'nothing'}, and is declared as ${key.low} to ${key.high}.`,
      );
  }
}

/** Items that count in a key, through its parts; reversal as the part that holds them says. */
function keyedItems(instrument: Instrument, key: ScoringKey): ReadonlyMap<string, boolean> {
  const ofParts = key.parts.flatMap((part) =>
    instrument.keys.filter((it) => it.measure === part && it.measure !== key.measure),
  );
  const keys = key.parts.length > 0 ? ofParts : [key];
  return new Map(keys.flatMap((it) => it.items.map((item) => [item.linkId, item.reversed] as const)));
}

/** Raw answers that make a score as low or as high as it can be. */
function extreme(instrument: Instrument, key: ScoringKey, end: 'low' | 'high'): ReadonlyMap<string, number> {
  const keyed = keyedItems(instrument, key);
  const up = (end === 'high') === key.multiplier > 0;
  return new Map(
    instrument.items.map((item) => [item.linkId, up === (keyed.get(item.linkId) ?? false) ? item.low : item.high]),
  );
}

/** One answer fewer than a key of items needs; of a key of parts, one fewer than its first part needs. */
function withoutEnough(instrument: Instrument, key: ScoringKey): ReadonlyMap<string, number> {
  const deciding = key.items.length > 0 ? key : (instrument.keys.find((it) => it.measure === key.parts[0]) ?? key);
  const dropped = new Set(deciding.items.slice(deciding.minimumAnswered - 1).map((it) => it.linkId));
  return new Map(instrument.items.filter((it) => !dropped.has(it.linkId)).map((it) => [it.linkId, it.low]));
}
