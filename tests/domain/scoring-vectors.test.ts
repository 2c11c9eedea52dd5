import { describe, expect, test } from '@jest/globals';
import { type AnswerRow, instrumentOf, instruments, scoresOf, scoreValue } from './shipped-instruments.ts';

const score = (id: string, row: AnswerRow) => scoresOf(instrumentOf(id), row);
const all = (raw: number, count: number): number[] => Array.from({ length: count }, () => raw);

describe.each(['wai-s-p', 'wai-s-t'])('%s by the key of Tracey & Kokotovic 1989', (id) => {
  test.each([
    ['the best alliance: 7, and 1 on the reversed items', [7, 7, 7, 1, 7, 7, 7, 7, 7, 1, 7, 7], 84, 28, 28, 28],
    ['the worst alliance: 1, and 7 on the reversed items', [1, 1, 1, 7, 1, 1, 1, 1, 1, 7, 1, 1], 12, 4, 4, 4],
    ['7 throughout, which items 4 and 10 contradict', all(7, 12), 72, 28, 28, 16],
    ['the middle throughout', all(4, 12), 48, 16, 16, 16],
    ['a mixed form', [6, 5, 7, 2, 6, 5, 7, 6, 6, 3, 5, 6], 70, 23, 26, 21],
  ])('%s', (_, row, total, task, bond, goal) => {
    const scores = score(id, row);
    expect(Object.fromEntries(scores.measures)).toEqual({
      total: { value: total, prorated: false, answered: 12 },
      task: { value: task, prorated: false, answered: 4 },
      bond: { value: bond, prorated: false, answered: 4 },
      goal: { value: goal, prorated: false, answered: 4 },
    });
  });

  test('only twelve answers that are one and the same extreme are called uniform', () => {
    const oneOff = [...all(7, 11), 6];
    const oneMissing = [...all(7, 11), null];
    expect([all(7, 12), all(1, 12), all(4, 12), oneOff, oneMissing].map((row) => score(id, row).uniform)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('one answer missing in a subscale: the mean of the three, after reversal, times four', () => {
    // Item 4 is missing: goal is (5 + (8 - 3) + 5) / 3 × 4 = 20, and 20 + 23 + 26 = 69.
    const scores = score(id, [6, 5, 7, null, 6, 5, 7, 6, 6, 3, 5, 6]);
    expect(scores.measures.get('goal')).toEqual({ value: 20, prorated: true, answered: 3 });
    expect(scores.measures.get('total')).toEqual({ value: 69, prorated: true, answered: 11 });
  });

  test('thirds are stored with six decimals, and the total is rounded once from exact subscales', () => {
    // Task (5 + 6 + 6) / 3 × 4 = 22.666…, bond (6 + 7 + 6) / 3 × 4 = 25.333…, goal 21: 69 exactly.
    const scores = score(id, [null, 5, null, 2, 6, 5, 7, 6, 6, 3, 5, 6]);
    expect(['task', 'bond', 'goal', 'total'].map((measure) => scoreValue(scores, measure))).toEqual([
      22.666667, 25.333333, 21, 69,
    ]);
  });

  test('two answers missing in one subscale leave neither that subscale nor a total', () => {
    const scores = score(id, [6, 5, 7, null, 6, null, 7, 6, 6, 3, 5, 6]);
    expect(Object.fromEntries(scores.measures)).toEqual({
      total: { absent: 'too-few-answered', answered: 10 },
      task: { value: 23, prorated: false, answered: 4 },
      bond: { value: 26, prorated: false, answered: 4 },
      goal: { absent: 'too-few-answered', answered: 2 },
    });
  });

  test('three answers missing, one in each subscale, leave all three subscales and no total: nine of twelve', () => {
    const scores = score(id, [null, 5, null, null, 6, 5, 7, 6, 6, 3, 5, 6]);
    expect(['task', 'bond', 'goal', 'total'].map((measure) => scoreValue(scores, measure))).toEqual([
      22.666667,
      25.333333,
      20,
      undefined,
    ]);
    expect(scores.answered).toBe(9);
  });
});

describe('the System Usability Scale (Brooke 1996)', () => {
  test.each([
    ['best answers to praise and blame alike', [5, 1, 5, 1, 5, 1, 5, 1, 5, 1], 100],
    ['worst answers to praise and blame alike', [1, 5, 1, 5, 1, 5, 1, 5, 1, 5], 0],
    ['the middle throughout', all(3, 10), 50],
    ['5 throughout, which the even items contradict', all(5, 10), 50],
    ['a mixed form', [4, 2, 4, 1, 4, 2, 5, 2, 4, 2], 80],
  ])('%s', (_, row, total) => expect(scoreValue(score('sus', row), 'total')).toBe(total));

  test('nine of ten answers give no total: it is never prorated', () =>
    expect(score('sus', [null, ...all(3, 9)]).measures.get('total')).toEqual({
      absent: 'too-few-answered',
      answered: 9,
    }));
});

describe('distress screeners', () => {
  test.each([
    ['phq-9', 9, 27],
    ['gad-7', 7, 21],
    ['phq-4', 4, 12],
    ['hads', 14, 42],
  ])('%s goes from 0 to its published maximum', (id, items, high) => {
    expect([all(0, items), all(3, items)].map((row) => scoreValue(score(id, row), 'total'))).toEqual([0, high]);
  });

  test.each([
    ['phq-9', 9],
    ['gad-7', 7],
    ['phq-4', 4],
  ])('%s with one answer missing has no total, wherever it is missing', (id, items) => {
    for (let missing = 0; missing < items; missing += 1) {
      const row = all(3, items).map((raw, index) => (index === missing ? null : raw));
      expect(score(id, row).measures.get('total')).toEqual({ absent: 'too-few-answered', answered: items - 1 });
    }
  });

  test('PHQ-4 keeps the subscale that is complete (Kroenke 2009: anxiety is items 1 and 2, depression 3 and 4)', () => {
    const scores = score('phq-4', [3, 2, 1, null]);
    expect(['anxiety', 'depression', 'total'].map((measure) => scoreValue(scores, measure))).toEqual([
      5,
      undefined,
      undefined,
    ]);
  });

  test('HADS anxiety is the odd items and depression the even ones (Zigmond & Snaith 1983)', () => {
    const anxious = Array.from({ length: 14 }, (_, index) => (index % 2 === 0 ? 3 : 0));
    const scores = score('hads', anxious);
    expect(['anxiety', 'depression', 'total'].map((measure) => scoreValue(scores, measure))).toEqual([21, 0, 21]);
  });

  test('a HADS subscale needs four of its seven answers: their mean times seven (Bell 2016)', () => {
    const four = [3, 0, 2, 0, 2, 0, 1, 0, null, 0, null, 0, null, 0];
    const three = [3, 0, 2, 0, 2, 0, null, 0, null, 0, null, 0, null, 0];
    expect(score('hads', four).measures.get('anxiety')).toEqual({ value: 14, prorated: true, answered: 4 });
    expect(score('hads', three).measures.get('anxiety')).toEqual({ absent: 'too-few-answered', answered: 3 });
    expect(scoreValue(score('hads', three), 'total')).toBeUndefined();
  });

  test.each([
    ['distress-thermometer', 10],
    ['vas-app', 100],
    ['vas-platform', 100],
  ])('%s is its own value from 0, which is an answer and not a gap, to %i', (id, high) => {
    expect([[0], [high], [null]].map((row) => scoreValue(score(id, row), 'total'))).toEqual([0, high, undefined]);
  });
});

test('nothing answered gives no score of any instrument, never 0', () => {
  for (const instrument of instruments) {
    const scores = scoresOf(
      instrument,
      instrument.items.map(() => null),
    );
    expect(scores.answered).toBe(0);
    for (const measure of scores.measures.keys())
      expect([measure, scoreValue(scores, measure)]).toEqual([measure, undefined]);
  }
});
