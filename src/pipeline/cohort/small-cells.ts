import { isFew } from '../../analysis/protect-few.ts';
import { asText, type PatientRatings } from './csv.ts';
import type { ExportLine } from './read-export.ts';

/** Years of age that stand together, and the year in their middle. */
const [BAND, MIDDLE] = [5, 2];
const bandOf = (age: string): number => Math.floor(Number(age) / BAND);

/** An empty cell would say that the patient stayed. */
const LEFT = 'hidden';

/** Columns of the export that may identify. Each is counted as it is written. */
const COLUMNS = ['arm', 'site', 'language', 'left', 'age'] as const;
type Column = (typeof COLUMNS)[number];

/** Where a blank can only be one value it names it: these have another value hidden with it. */
const COVERED: ReadonlySet<Column> = new Set(['arm', 'site', 'language']);

/** Values of fewer than five patients, and of the next smallest group where a blank would still be that of a few. */
function hiddenOf(column: Column, cells: ReadonlyMap<string, number>): ReadonlySet<string> {
  const bySize = [...cells].toSorted(([, a], [, b]) => a - b);
  const hidden = new Set(bySize.filter(([, n]) => isFew(n)).map(([value]) => value));
  const blank = bySize.reduce((sum, [value, n]) => (hidden.has(value) ? sum + n : sum), 0);
  const [cover] = bySize.filter(([value]) => !hidden.has(value));
  if (COVERED.has(column) && isFew(blank) && cover !== undefined) hidden.add(cover[0]);
  return hidden;
}

/** Patients by cell, counted while the data set goes by: memory grows with the cells, not with the patients. */
export interface CellCount {
  note(it: PatientRatings): void;
  /** The line with the cells of fewer than five patients emptied, and ages that so few share in the middle of their five years. */
  masked(line: ExportLine): ExportLine;
  /** How many patients lost the value, by column. */
  emptied(): Readonly<Record<string, number>>;
  /** How many patients have a coarser value, by column. */
  coarsened(): Readonly<Record<string, number>>;
}

/** A new count of the export’s cells. */
export function countCells(): CellCount {
  const counts = new Map<Column, Map<string, number>>(COLUMNS.map((column) => [column, new Map()]));
  const bands = new Map<number, number>();
  const add = (column: Column, value: string | number | undefined): void => {
    const cells = counts.get(column);
    if (value === undefined || cells === undefined) return;
    const written = typeof value === 'number' ? String(value) : asText(value);
    cells.set(written, (cells.get(written) ?? 0) + 1);
    if (column === 'age') bands.set(bandOf(written), (bands.get(bandOf(written)) ?? 0) + 1);
  };
  const few = (column: Column, value: string): boolean => hiddenOf(column, counts.get(column) ?? new Map()).has(value);
  const fewInBand = (age: string): boolean => isFew(bands.get(bandOf(age)) ?? 0);
  const maskedCell = (column: Column, value: string): string => {
    if (value === '' || !few(column, value)) return value;
    if (column === 'age' && !fewInBand(value)) return String(bandOf(value) * BAND + MIDDLE);
    return column === 'left' ? LEFT : '';
  };
  const patientsWhere = (column: Column, holds: (value: string) => boolean): number =>
    [...(counts.get(column) ?? [])].reduce((sum, [value, n]) => (holds(value) ? sum + n : sum), 0);
  return {
    note: ({ patient, rows }) => {
      add('arm', patient.arm);
      add('site', patient.site);
      add('left', patient.left);
      add('age', patient.ageAtInclusion);
      for (const language of new Set(rows.flatMap((it) => it.language ?? []))) add('language', language);
    },
    masked: (line) => ({
      ...line,
      ...Object.fromEntries(COLUMNS.map((column) => [column, maskedCell(column, line[column] ?? '')])),
    }),
    emptied: () =>
      Object.fromEntries(
        COLUMNS.map((column) => [
          column,
          patientsWhere(column, (it) => few(column, it) && (column !== 'age' || fewInBand(it))),
        ]),
      ),
    coarsened: () => ({ age: patientsWhere('age', (it) => few('age', it) && !fewInBand(it)) }),
  };
}
