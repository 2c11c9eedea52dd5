import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type AnswerRow, instruments, rowWithGaps, scoresOf } from '../domain/shipped-instruments.ts';

const PROGRAM = new URL('../independent/score.py', import.meta.url).pathname;
const ROWS = 500;

/** Scores by the Python program, in the order asked: decimal text, or null where a score cannot be had. */
function byPython(id: string, rows: readonly AnswerRow[]): readonly Record<string, unknown>[] {
  const input = rows.map((answers) => JSON.stringify({ instrument: id, answers })).join('\n');
  const { stdout, stderr, status } = spawnSync('python3', [PROGRAM], { input, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`tests/independent/score.py failed: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

test.each(instruments.map((it) => [it.id, it] as const))(
  `${ROWS} answered forms of %s, complete and with gaps, score the same here and in an independent Python program`,
  (id, instrument) => {
    const rows = fc.sample(rowWithGaps(instrument), ROWS);
    const ours = rows.map((row) => {
      const { measures, answered } = scoresOf(instrument, row);
      const total = measures.get('total')!;
      return {
        ...Object.fromEntries([...measures].map(([it, score]) => [it, 'value' in score ? String(score.value) : null])),
        answered,
        prorated: 'value' in total && total.prorated,
      };
    });
    const theirs = byPython(id, rows);
    expect(theirs).toHaveLength(ROWS);
    for (const [index, row] of rows.entries()) expect({ row, ...ours[index] }).toEqual({ row, ...theirs[index] });
  },
);
