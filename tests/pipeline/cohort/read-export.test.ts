import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DICTIONARY } from '../../../src/pipeline/cohort/csv.ts';
import { ExportError, type ExportLine, patientsOfExport } from '../../../src/pipeline/cohort/read-export.ts';

/** What an export may hold of each column that is no number. */
const CODES: ExportLine = {
  patient: 'p1',
  arm: 'digital',
  site: 's1',
  therapist: 't1',
  visit: 'm3',
  state: 'answered',
  prorated: 'false',
  uniform: 'false',
  exposed: 'true',
  language: 'ca',
  version: '1.0.0',
  left: '',
};
const RANGED = DICTIONARY.flatMap(({ name, range }) => (range === undefined ? [] : [{ name, range }]));
const lineOf = (rater: string): ExportLine => ({
  ...Object.fromEntries(DICTIONARY.map(({ name, range }) => [name, String(range?.[0] ?? '')])),
  ...CODES,
  rater,
});
const LINES = [lineOf('patient'), lineOf('therapist')];

async function read(lines: readonly ExportLine[]): Promise<unknown> {
  const found: unknown[] = [];
  try {
    for await (const it of patientsOfExport(
      (async function* () {
        yield* lines;
      })(),
      'north.csv',
    ))
      found.push(it);
    return found;
  } catch (error) {
    if (error instanceof ExportError) return error.message;
    throw error;
  }
}
const withCell = (column: string, cell: string): readonly ExportLine[] =>
  LINES.map((it, index) => (index === 1 ? { ...it, [column]: cell } : it));

test('the ranges are those of the instruments: WAI-S 12–84 and 4–28, Distress Thermometer 0–10, SUS and VAS 0–100', () => {
  const ranges = Object.fromEntries(RANGED.map(({ name, range }) => [name, range]));
  expect(ranges).toMatchObject({
    total: [12, 84],
    task: [4, 28],
    bond: [4, 28],
    goal: [4, 28],
    answered: [0, 12],
    baseline_distress: [0, 10],
    sus: [0, 100],
    vas_app: [0, 100],
    vas_platform: [0, 100],
  });
  expect(RANGED.filter(({ range }) => range[0] < 0)).toEqual([]);
});

test('a value outside its range is refused with line, column and range, and is not repeated; one at its bounds is read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...RANGED),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      async ({ name, range: [low, high] }, by) => {
        const allowed = high === undefined ? `a number, ${low} or more` : `a number from ${low} to ${high}`;
        const refusal = `north.csv, line 3: column ${name} holds no value of its dictionary (${allowed}).`;
        expect(await read(withCell(name, String(low - by)))).toBe(refusal);
        if (high !== undefined) expect(await read(withCell(name, String(high + by)))).toBe(refusal);
        for (const bound of [low, high ?? 1e6]) expect(await read(withCell(name, String(bound)))).toHaveLength(1);
        for (const text of ['abc', ' ', 'Infinity', 'NaN']) expect(await read(withCell(name, text))).toBe(refusal);
        expect(await read(withCell(name, ''))).toHaveLength(1);
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test('a rating outside its range is refused where it was not due too', async () => {
  const lines = withCell('total', '999').map((it) => ({ ...it, state: 'not-due' }));
  expect(await read(lines)).toContain('line 3: column total');
});

test.each(['prorated', 'uniform', 'exposed', 'state', 'rater'])(
  '%s that is none of its codes is refused',
  async (column) => {
    expect(await read(withCell(column, 'perhaps'))).toBe(
      `north.csv, line 3: column ${column} holds what its dictionary does not allow.`,
    );
  },
);
