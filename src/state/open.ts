import { access } from 'node:fs/promises';
import { makeKeys, passingKeys, readKeys } from './keys-file.ts';
import { checkKeys, isOutboxEmpty } from './outbox.ts';
import type { State } from './port.ts';
import { PostgresSql } from './postgres.ts';
import { Seal } from './seal.ts';
import type { Sql } from './sql.ts';
import { sqlState } from './sql-state.ts';
import { SqliteSql } from './sqlite.ts';
import { StateError } from './state-error.ts';

/**
 * Vincle's operational state by its `STATE_URL`: `sqlite:FILE`, `sqlite::memory:` or `postgres://…`.
 *
 * @param keysFile `STATE_KEYS_FILE`; without it, keys are made beside a SQLite file (docs/decisions/state-keys.md)
 * @throws StateError where the URL, the keys file or the schema's version cannot be used
 */
export async function openState(url: string, keysFile?: string): Promise<State> {
  const sql = await connect(url);
  try {
    const seal = new Seal(await keysOf(sql, url, keysFile));
    await checkKeys(sql, seal);
    return sqlState(sql, seal);
  } catch (error) {
    await sql.close();
    throw error;
  }
}

async function connect(url: string): Promise<Sql> {
  const file = sqliteFile(url);
  if (file !== undefined) return new SqliteSql(file);
  if (/^postgres(ql)?:\/\//.test(url)) return PostgresSql.open(url);
  // The URL itself may hold a password: it is not repeated.
  throw new StateError('url', 'STATE_URL must be sqlite:FILE or postgres://user:password@host:port/database.');
}

const sqliteFile = (url: string): string | undefined => /^sqlite:(.+)$/s.exec(url)?.[1];

async function keysOf(sql: Sql, url: string, keysFile: string | undefined) {
  if (keysFile !== undefined) return readKeys(keysFile);
  const file = sqliteFile(url);
  if (file === undefined) {
    throw new StateError('keys-file', 'A state on PostgreSQL needs STATE_KEYS_FILE: its replicas share one.');
  }
  if (file === ':memory:') return passingKeys();
  const made = `${file}.keys.json`;
  const isThere = await access(made).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    // New keys would open none of what waits: better to stop while somebody may still have the old ones.
    if (!(await isOutboxEmpty(sql))) {
      throw new StateError(
        'wrong-key',
        `The outbox is not empty, and ${made}, which sealed it, is gone: bring it back.`,
      );
    }
    await makeKeys(made);
  }
  return readKeys(made);
}
