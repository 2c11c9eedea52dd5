import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Instrument } from '../../src/domain/instrument.ts';
import {
  type AnswerRow,
  completeRow,
  instruments,
  rawValues,
  rowWithGaps,
  scoresOf,
  scoreValue,
} from './shipped-instruments.ts';

/**
 * How many answers each score needs, from the public contract and not from the keys: of WAI-S three of four and ten of
 * twelve, of HADS four of seven, of all others every one.
 */
const NEEDED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'wai-s-p': { total: 10, task: 3, bond: 3, goal: 3 },
  'wai-s-t': { total: 10, task: 3, bond: 3, goal: 3 },
  sus: { total: 10 },
  'vas-app': { total: 1 },
  'vas-platform': { total: 1 },
  'distress-thermometer': { total: 1 },
  'phq-4': { total: 4, anxiety: 2, depression: 2 },
  'phq-9': { total: 9 },
  'gad-7': { total: 7 },
  hads: { total: 8, anxiety: 4, depression: 4 },
};

/** The items of a score, those of its parts included, with the direction in which a higher raw answer moves it. */
function directions(instrument: Instrument, measure: string): ReadonlyMap<string, 1 | -1> {
  const key = instrument.keys.find((it) => it.measure === measure)!;
  const keys = key.parts.length > 0 ? instrument.keys.filter((it) => key.parts.includes(it.measure)) : [key];
  return new Map(keys.flatMap((it) => it.items).map((it) => [it.linkId, it.reversed ? -1 : 1]));
}

const mirrored = (instrument: Instrument, row: AnswerRow): AnswerRow =>
  row.map((raw, index) => (raw === null ? null : instrument.items[index]!.low + instrument.items[index]!.high - raw));

const answeredOf = (instrument: Instrument, measure: string, row: AnswerRow): number => {
  const counted = directions(instrument, measure);
  return instrument.items.filter(({ linkId }, index) => counted.has(linkId) && row[index] !== null).length;
};

test('the instruments and scores are those of the public contract', () => {
  expect(Object.fromEntries(instruments.map((it) => [it.id, it.keys.map((key) => key.measure).sort()]))).toEqual(
    Object.fromEntries(Object.entries(NEEDED).map(([id, measures]) => [id, Object.keys(measures).sort()])),
  );
});

describe.each(instruments.map((it) => [it.id, it] as const))('%s', (id, instrument) => {
  const measures = instrument.keys.map((it) => it.measure);

  test('no answers, however incomplete, leave the range of a score', () => {
    fc.assert(
      fc.property(rowWithGaps(instrument), (row) => {
        const scores = scoresOf(instrument, row);
        for (const { measure, low, high } of instrument.keys) {
          const value = scoreValue(scores, measure);
          if (value === undefined) continue;
          expect(value).toBeGreaterThanOrEqual(low);
          expect(value).toBeLessThanOrEqual(high);
        }
      }),
    );
  });

  test('fewer answers than the contract asks give no number; as many of every part always give one', () => {
    fc.assert(
      fc.property(rowWithGaps(instrument), (row) => {
        const scores = scoresOf(instrument, row);
        for (const { measure, parts } of instrument.keys) {
          const enough = (it: string) => answeredOf(instrument, it, row) >= NEEDED[id]![it]!;
          const had = scoreValue(scores, measure) !== undefined;
          expect([measure, had]).toEqual([measure, enough(measure) && parts.every(enough)]);
        }
      }),
    );
  });

  test('every answer mirrored mirrors every score, prorated ones too', () => {
    fc.assert(
      fc.property(rowWithGaps(instrument), (row) => {
        const [scores, mirror] = [row, mirrored(instrument, row)].map((it) => scoresOf(instrument, it));
        for (const { measure, low, high } of instrument.keys) {
          const [value, opposite] = [scoreValue(scores!, measure), scoreValue(mirror!, measure)];
          if (value === undefined) expect(opposite).toBeUndefined();
          else expect(value + opposite!).toBeCloseTo(low + high, 5);
        }
      }),
    );
  });

  test('one answer raised moves each score that counts it, by its direction, and no other', () => {
    const raised = fc
      .tuple(completeRow(instrument), fc.nat(instrument.items.length - 1))
      .filter(([row, at]) => row[at]! < instrument.items[at]!.high);
    fc.assert(
      fc.property(raised, ([row, at]) => {
        const values = rawValues(instrument.items[at]!);
        const next = Math.min(...values.filter((it) => it > row[at]!));
        const [before, after] = [row, row.with(at, next)].map((it) => scoresOf(instrument, it));
        for (const measure of measures) {
          const difference = scoreValue(after!, measure)! - scoreValue(before!, measure)!;
          const direction = directions(instrument, measure).get(instrument.items[at]!.linkId) ?? 0;
          expect([measure, Math.sign(difference)]).toEqual([measure, direction]);
        }
      }),
    );
  });

  test('a score says it is prorated exactly where one of its answers is missing, and complete forms score whole or half points', () => {
    fc.assert(
      fc.property(rowWithGaps(instrument), (row) => {
        const scores = scoresOf(instrument, row);
        for (const [measure, score] of scores.measures) {
          expect(score.answered).toBe(answeredOf(instrument, measure, row));
          if (!('value' in score)) continue;
          expect(score.prorated).toBe(score.answered < directions(instrument, measure).size);
          if (!score.prorated) expect(Number.isInteger(score.value * 2)).toBe(true);
        }
        expect(scores.answered).toBe(row.filter((raw) => raw !== null).length);
      }),
    );
  });
});
