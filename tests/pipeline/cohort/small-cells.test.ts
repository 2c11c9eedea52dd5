import { expect, test } from '@jest/globals';
import type { PatientRatings } from '../../../src/pipeline/cohort/csv.ts';
import type { ExportLine } from '../../../src/pipeline/cohort/read-export.ts';
import { countCells } from '../../../src/pipeline/cohort/small-cells.ts';

const patient = (arm: string | undefined, age = 52, left?: string): PatientRatings => ({
  patient: { patient: 'p', arm, site: 'one', ageAtInclusion: age, baselineDistress: undefined, left, visits: [] },
  rows: [],
});
const line = (more: ExportLine): ExportLine => ({ arm: '', site: 'one', language: '', left: '', age: '52', ...more });
const counted = (...patients: readonly PatientRatings[]) => {
  const cells = countCells();
  for (const it of patients) cells.note(it);
  return cells;
};
const many = (n: number, make: () => PatientRatings): PatientRatings[] => Array.from({ length: n }, make);

test('with one small arm the other is emptied too: the blank would name it', () => {
  const cells = counted(...many(3, () => patient('usual')), ...many(40, () => patient('digital')));
  expect(['usual', 'digital'].map((arm) => cells.masked(line({ arm })).arm)).toEqual(['', '']);
  expect(cells.emptied().arm).toBe(43);
});

test('a name that a spreadsheet would run is counted as it is written', () => {
  const cells = counted(
    ...many(3, () => patient('=HYPERLINK("x")')),
    ...many(4, () => patient('@home')),
    ...many(40, () => patient('digital')),
  );
  expect([`'=HYPERLINK("x")`, `'@home`, 'digital'].map((arm) => cells.masked(line({ arm })).arm)).toEqual([
    '',
    '',
    'digital',
  ]);
});

test('an age that few share is the middle of its five years, or empty where these hold few', () => {
  const cells = counted(
    ...[50, 51, 52, 53, 53].map((age) => patient('digital', age)),
    ...many(6, () => patient('digital', 61)),
    patient('digital', 80),
  );
  expect(['50', '53', '61', '80'].map((age) => cells.masked(line({ age })).age)).toEqual(['52', '52', '61', '']);
  expect([cells.emptied().age, cells.coarsened().age]).toEqual([1, 5]);
});

test('why few left is hidden, and that they left is not', () => {
  const cells = counted(patient('digital', 52, 'died'), ...many(9, () => patient('digital')));
  expect(cells.masked(line({ left: 'died' })).left).toBe('hidden');
  expect(cells.masked(line({})).left).toBe('');
});
