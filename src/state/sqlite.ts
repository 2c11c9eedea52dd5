import { closeSync, openSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Lease, LeaseHolder } from './port.ts';
import { type Row, textOf, wholeOf } from './row.ts';
import { type Dialect, migrationsAfter } from './schema.ts';
import type { Sql, Value } from './sql.ts';

const DIALECT: Dialect = {
  schema: '',
  serial: 'integer primary key autoincrement',
  bytes: 'blob',
  whole: 'integer',
  text: 'text',
  passing: '',
  tableEnd: ' strict',
};
/** How long one process waits for another one's write; each of ours takes milliseconds. */
const BUSY_MS = 10_000;

/**
 * Vincle's state in one SQLite file, for several processes of one machine. Between two power cuts nothing is lost; in
 * one, only what `durable` does not ask for: a checkpoint (its work is repeated) or a lease (its holder died too).
 */
export class SqliteSql implements Sql {
  readonly schema = DIALECT.schema;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** @param file a path, or `:memory:` */
  constructor(file: string) {
    // The content of the outbox is sealed, but who answered when is not: for the owner's eyes alone. SQLite gives its
    // -wal and -shm files the mode of this one.
    if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
    this.#database = new DatabaseSync(file, { timeout: BUSY_MS });
    try {
      this.#writeAheadLog();
      this.#database.exec('pragma synchronous = normal');
      this.#migrate();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  elements(parameter: string): string {
    return `select value from json_each(${parameter})`;
  }

  async run(statement: string, values: readonly Value[], durable?: 'durable'): Promise<readonly Row[]> {
    if (durable === undefined) return this.#all(statement, values);
    this.#database.exec('pragma synchronous = full');
    try {
      return this.#all(statement, values);
    } finally {
      this.#database.exec('pragma synchronous = normal');
    }
  }

  async acquire(keys: readonly string[], holder: string, ttlMs: number, now: number): Promise<Lease | undefined> {
    const list = JSON.stringify(keys);
    const fence = this.#transaction(() => {
      const held = `select key from lease where expires_at > $2 and key in (${this.elements('$1')}) limit 1`;
      if (this.#all(held, [list, now]).length > 0) return undefined;
      const [next] = this.#all('update last_fence set fence = fence + 1 returning fence', []);
      const fence = wholeOf(next ?? {}, 'fence');
      this.#all(
        `insert into lease (key, holder, fence, expires_at) select value, $2, $3, $4 from json_each($1) where true
         on conflict (key) do update set
           holder = excluded.holder, fence = excluded.fence, expires_at = excluded.expires_at`,
        [list, holder, fence, now + ttlMs],
      );
      return fence;
    });
    return fence === undefined ? undefined : this.#lease(keys, fence);
  }

  #lease(keys: readonly string[], fence: number): Lease {
    return {
      key: keys[0] ?? '',
      fence,
      renew: async (ttlMs, now = Date.now()) => {
        const kept = this.#all('update lease set expires_at = $2 where fence = $1 returning key', [fence, now + ttlMs]);
        return kept.length === keys.length;
      },
      release: async () => {
        this.#all('delete from lease where fence = $1', [fence]);
      },
    };
  }

  async holderOf(key: string, now: number): Promise<LeaseHolder | undefined> {
    const [row] = this.#all('select holder, expires_at from lease where key = $1 and expires_at > $2', [key, now]);
    if (row === undefined) return undefined;
    return { holder: textOf(row, 'holder'), expiresAt: new Date(wholeOf(row, 'expires_at')).toISOString() };
  }

  async close(): Promise<void> {
    this.#statements.clear();
    this.#database.close();
  }

  #all(statement: string, values: readonly Value[]): readonly Row[] {
    let prepared = this.#statements.get(statement);
    if (prepared === undefined) {
      prepared = this.#database.prepare(statement);
      this.#statements.set(statement, prepared);
    }
    return prepared.all(Object.fromEntries(values.map((value, at) => [`$${at + 1}`, value])));
  }

  /** Takes the write lock at once: a transaction that read first and then wants it can be refused without waiting. */
  #transaction<T>(body: () => T): T {
    this.#database.exec('begin immediate');
    try {
      const result = body();
      this.#database.exec('commit');
      return result;
    } catch (error) {
      this.#database.exec('rollback');
      throw error;
    }
  }

  /** SQLite does not wait for a lock to change the journal: two processes that make the file at once meet here. */
  #writeAheadLog(): void {
    const deadline = Date.now() + BUSY_MS;
    for (;;) {
      try {
        this.#database.exec('pragma journal_mode = wal');
        return;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }
    }
  }

  #migrate(): void {
    this.#transaction(() => {
      this.#database.exec('create table if not exists migration (version integer primary key) strict');
      const [row] = this.#all('select coalesce(max(version), 0) as version from migration', []);
      for (const { version, statements } of migrationsAfter(wholeOf(row ?? {}, 'version'), DIALECT)) {
        for (const statement of statements) this.#database.exec(statement);
        this.#all('insert into migration (version) values ($1)', [version]);
      }
    });
  }
}
