import type { CohortAnalysis } from '../../analysis/result.ts';
import type { PatientRatings } from './csv.ts';
import type { ExportLine } from './read-export.ts';

/** Groups of patients below this size are not shown: whoever knows one of a few could tell the others. */
export const SMALLEST_CELL = 5;
/** Years of age that stand together as one cell. */
const BAND = 5;

/** An empty cell would say that the patient stayed. */
const LEFT = 'hidden';

const isFew = (n: number): boolean => n > 0 && n < SMALLEST_CELL;

/** Columns of the export that may identify, and the cell in which a value of each stands. */
const CELL_OF: Readonly<Record<string, (value: string) => string>> = {
  arm: (it) => it,
  site: (it) => it,
  language: (it) => it,
  left: (it) => it,
  age: (it) => String(Math.floor(Number(it) / BAND)),
};

/** Patients by cell, counted while the data set goes by: memory grows with the cells, not with the patients. */
export interface CellCount {
  note(it: PatientRatings): void;
  /** The line with the cells of fewer than five patients emptied. */
  masked(line: ExportLine): ExportLine;
  /** How many patients lost the value, by column. */
  emptied(): Readonly<Record<string, number>>;
}

/** A new count of the export’s cells. */
export function countCells(): CellCount {
  const counts = new Map(Object.keys(CELL_OF).map((column) => [column, new Map<string, number>()]));
  const add = (column: string, value: string | number | undefined): void => {
    const [cells, cell] = [counts.get(column), CELL_OF[column]?.(String(value))];
    if (value !== undefined && cells !== undefined && cell !== undefined) cells.set(cell, (cells.get(cell) ?? 0) + 1);
  };
  return {
    note: ({ patient, rows }) => {
      add('arm', patient.arm);
      add('site', patient.site);
      add('left', patient.left);
      add('age', patient.ageAtInclusion);
      for (const language of new Set(rows.flatMap((it) => it.language ?? []))) add('language', language);
    },
    masked: (line) => {
      const emptied = Object.entries(CELL_OF).flatMap(([column, cellOf]) => {
        const value = line[column] ?? '';
        return value !== '' && isFew(counts.get(column)?.get(cellOf(value)) ?? 0)
          ? [[column, column === 'left' ? LEFT : ''] as const]
          : [];
      });
      return emptied.length === 0 ? line : { ...line, ...Object.fromEntries(emptied) };
    },
    emptied: () =>
      Object.fromEntries(
        [...counts].map(([column, cells]) => [column, [...cells.values()].filter(isFew).reduce((a, b) => a + b, 0)]),
      ),
  };
}

/** JSON with every count of one to four patients as `"<5"`. */
export const FEW = `<${SMALLEST_CELL}`;

type Json = Readonly<Record<string, unknown>>;
const isObject = (it: unknown): it is Json => typeof it === 'object' && it !== null && !Array.isArray(it);

/** Keys whose value counts patients, or ratings of which each patient has one. */
const COUNTS: ReadonlySet<string> = new Set([
  'n',
  'patients',
  'dyads',
  'missing',
  'imputed',
  'dropped',
  'ratingsBeside',
]);
/** Counts that add up to one whole. */
const WHOLES: ReadonlySet<string> = new Set(['states', 'unjudged', 'leftOut']);

/**
 * An analysis as it is handed out: counts of one to four patients become `"<5"`, an estimate over so few, or a share that
 * tells such a count, has the reason `small-cell`. Where one count alone of a whole is hidden, the smallest other is too.
 */
export const withoutSmallCells = (analysis: CohortAnalysis): unknown => {
  const { flow, ...rest } = analysis;
  const shown = walk(rest);
  const patterns = [...Map.groupBy(flow.patterns, (it) => `${it.arm}|${it.rater}`).values()].flatMap(covered);
  return {
    ...(isObject(shown) ? shown : {}),
    flow: { ...Object(walk(flow)), included: covered(flow.included), patterns },
  };
};

/** Counts of a manifest’s checks, the few hidden. */
export const checksWithoutSmallCells = (checks: object): unknown => walk(checks);

function walk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(walk);
  if (!isObject(value)) return value;
  const { n } = value;
  if (typeof n === 'number' && ('estimate' in value || 'reason' in value)) return estimateOf(value, n);
  const { dyads, ...cell } = value;
  if (typeof dyads === 'number' && isFew(dyads)) return { ...Object(walk({ ...cell, points: [] })), dyads: FEW };
  return Object.fromEntries(
    Object.entries(value).map(([key, own]) => {
      if (WHOLES.has(key) && isObject(own)) return [key, coveredRecord(own)];
      return [key, COUNTS.has(key) && typeof own === 'number' && isFew(own) ? FEW : walk(own)];
    }),
  );
}

function estimateOf(value: Json, n: number): Json {
  if (isFew(n)) return { n: FEW, reason: 'reason' in value ? value.reason : 'small-cell' };
  if (value.method !== 'wilson' || typeof value.estimate !== 'number') return value;
  const count = Math.round(value.estimate * n);
  return isFew(count) || isFew(n - count) ? { n, reason: 'small-cell' } : value;
}

const coveredRecord = (counts: Json): Json => {
  const hidden = hiddenOf(Object.entries(counts).map(([, n]) => (typeof n === 'number' ? n : 0)));
  return Object.fromEntries(Object.entries(counts).map(([key, n], i) => [key, hidden.has(i) ? coverOf(n) : n]));
};

/** A cover that is itself not small says no bound. */
const coverOf = (n: unknown): string => (typeof n === 'number' && isFew(n) ? FEW : 'hidden');

const covered = <T extends { readonly n: number }>(entries: readonly T[]): readonly object[] => {
  const hidden = hiddenOf(entries.map((it) => it.n));
  return entries.map((it, i) => (hidden.has(i) ? { ...it, n: coverOf(it.n) } : it));
};

/** Indices of the few, and of the smallest other where one alone would be had by taking the others from the whole. */
function hiddenOf(counts: readonly number[]): ReadonlySet<number> {
  const few = counts.flatMap((n, i) => (isFew(n) ? [i] : []));
  if (few.length !== 1) return new Set(few);
  const [cover] = counts.flatMap((n, i) => (n >= SMALLEST_CELL ? [{ n, i }] : [])).toSorted((a, b) => a.n - b.n);
  return new Set(cover === undefined ? few : [...few, cover.i]);
}
