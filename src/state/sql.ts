import type { Lease, LeaseHolder } from './port.ts';
import type { Row } from './row.ts';

export type Value = string | number | Uint8Array | null;

/**
 * What the stores of this room ask of a database. Each statement is a transaction of its own; parameters are `$1`, `$2`
 * … in both. Everything in which SQLite and PostgreSQL differ is behind this.
 */
export interface Sql {
  /** Before a table's name: its schema, where the database has one. */
  readonly schema: string;
  /** A query for the `value`s (text) of the JSON array in this parameter. */
  elements(parameter: string): string;
  /** `durable`: what is acknowledged outlives a power cut, not only the process. */
  run(statement: string, values: readonly Value[], durable?: 'durable'): Promise<readonly Row[]>;
  acquire(keys: readonly string[], holder: string, ttlMs: number, now: number): Promise<Lease | undefined>;
  holderOf(key: string, now: number): Promise<LeaseHolder | undefined>;
  close(): Promise<void>;
}
