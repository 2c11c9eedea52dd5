import { randomBytes } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';

/** A place for one state, made for one test. */
export interface StateStore {
  readonly url: string;
  readonly keysFile: string;
  /** All that the store holds, as somebody who stole it would see it. */
  bytes(): Promise<Buffer>;
  /** Something that Vincle itself never does. */
  execute(statement: string): Promise<void>;
  drop(): Promise<void>;
}

export interface StoreKind {
  /** A schema's prefix of table names. */
  readonly schema: string;
  create(): Promise<StateStore>;
  /** The most that a lease on 100 keys may take, in milliseconds. */
  readonly acquireMs: number;
}

/** A key of its own for each id. */
export const newKeys = (...ids: string[]) => ids.map((id) => ({ id, key: randomBytes(32).toString('base64') }));

/** Writes a keys file for its owner alone. */
export function writeKeys(file: string, keys: unknown): void {
  writeFileSync(file, JSON.stringify(keys), { mode: 0o600 });
  chmodSync(file, 0o600);
}
