/** One row as a database gives it. */
export type Row = Readonly<Record<string, unknown>>;

const refuse = (column: string, wanted: string): never => {
  throw new TypeError(`the column ${column} of the state holds no ${wanted}`);
};

/** A column's text. Throws TypeError where the schema was changed behind our back, like the others here. */
export function textOf(row: Row, column: string): string {
  const value = row[column];
  return typeof value === 'string' ? value : refuse(column, 'text');
}

/** A column's text, where it has one. */
export const optionalTextOf = (row: Row, column: string): string | undefined =>
  row[column] === null ? undefined : textOf(row, column);

/** A column's whole number; PostgreSQL gives a bigint as text. */
export function wholeOf(row: Row, column: string): number {
  const value = row[column];
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : refuse(column, 'whole number');
}

/** A column's bytes. */
export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  return value instanceof Uint8Array ? value : refuse(column, 'bytes');
}

/** An instant as stored: UTC with milliseconds, so that the order of the texts is the order of time. */
export const instantOf = (text: string): string => new Date(text).toISOString();
