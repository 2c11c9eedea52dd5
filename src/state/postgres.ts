import pg from 'pg';
import type { Lease, LeaseHolder } from './port.ts';
import { type Row, textOf, wholeOf } from './row.ts';
import { type Dialect, migrationsAfter } from './schema.ts';
import type { Sql, Value } from './sql.ts';

const DIALECT: Dialect = {
  schema: 'vincle.',
  serial: 'bigint generated always as identity primary key',
  bytes: 'bytea',
  whole: 'bigint',
  text: 'text collate "C"',
  passing: 'unlogged ',
  tableEnd: '',
};
/** An advisory lock's number, ours alone: "vincle" in ASCII. */
const MIGRATION_LOCK = 0x76696e636c65;
const CONNECTIONS = 5;
const CONNECT_MS = 10_000;
const STATEMENT_MS = 30_000;

/** The database's clock in milliseconds: two machines never agree on the time, their database does. */
const CLOCK = '(extract(epoch from clock_timestamp()) * 1000)::bigint';

/** Vincle's state in the schema `vincle` of a PostgreSQL database, for processes on any number of machines. */
export class PostgresSql implements Sql {
  readonly schema = DIALECT.schema;
  readonly #pool: pg.Pool;

  private constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Connects and brings the schema up to date. @throws StateError `newer-schema` */
  static async open(url: string): Promise<PostgresSql> {
    const pool = new pg.Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS,
      application_name: 'vincle',
    });
    // An idle connection that the database ends is replaced at the next query; unheard, it would end the process.
    pool.on('error', () => {});
    const sql = new PostgresSql(pool);
    try {
      await sql.#transaction(migrate);
    } catch (error) {
      await pool.end();
      throw error;
    }
    return sql;
  }

  elements(parameter: string): string {
    return `select jsonb_array_elements_text(${parameter}::jsonb)`;
  }

  /** Durable or not is one here: a lease that the database forgets has a holder that lives on. */
  async run(statement: string, values: readonly Value[]): Promise<readonly Row[]> {
    return (await this.#pool.query<Row>(statement, [...values])).rows;
  }

  async acquire(keys: readonly string[], holder: string, ttlMs: number, _now: number): Promise<Lease | undefined> {
    const fence = await this.#transaction(async (client) => {
      // In the order of the keys, so that two who want the same ones never wait for each other in a ring.
      const taken = await client.query(
        `insert into vincle.lease as known (key, holder, fence, expires_at)
         select key, $2, 0, ${CLOCK} + $3 from unnest($1::text[]) as key order by key collate "C"
         on conflict (key) do update set holder = excluded.holder, expires_at = excluded.expires_at
         where known.expires_at <= ${CLOCK}`,
        [keys, holder, ttlMs],
      );
      if (taken.rowCount !== keys.length) throw new Held();
      // Drawn while the rows are locked: whoever gets a key later draws later.
      const { rows } = await client.query<Row>(
        `with next as (update vincle.last_fence set fence = fence + 1 returning fence),
           fenced as (update vincle.lease set fence = next.fence from next where key = any($1::text[]))
         select fence from next`,
        [keys],
      );
      return wholeOf(rows[0] ?? {}, 'fence');
    }).catch((error: unknown) => {
      if (error instanceof Held) return undefined;
      throw error;
    });
    return fence === undefined ? undefined : this.#lease(keys, fence);
  }

  #lease(keys: readonly string[], fence: number): Lease {
    return {
      key: keys[0] ?? '',
      fence,
      renew: async (ttlMs) => {
        const statement = `update vincle.lease set expires_at = ${CLOCK} + $2 where fence = $1`;
        return (await this.#pool.query(statement, [fence, ttlMs])).rowCount === keys.length;
      },
      release: async () => {
        await this.#pool.query('delete from vincle.lease where fence = $1', [fence]);
      },
    };
  }

  async holderOf(key: string, _now: number): Promise<LeaseHolder | undefined> {
    const statement = `select holder, expires_at from vincle.lease where key = $1 and expires_at > ${CLOCK}`;
    const [row] = await this.run(statement, [key]);
    if (row === undefined) return undefined;
    return { holder: textOf(row, 'holder'), expiresAt: new Date(wholeOf(row, 'expires_at')).toISOString() };
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #transaction<T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await body(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((cause: Error) => {
        broken = cause;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

/** Another holder has one of the keys: what was taken is given back. */
class Held extends Error {}

async function migrate(client: pg.PoolClient): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  // Asked first: "create … if not exists" needs the right to create even where there is nothing to do.
  const { rows: there } = await client.query<Row>(`select to_regclass('vincle.migration')::text as name`);
  if (there[0]?.name === null) {
    await client.query('create schema if not exists vincle');
    await client.query('create table vincle.migration (version bigint primary key)');
  }
  const { rows } = await client.query<Row>('select coalesce(max(version), 0) as version from vincle.migration');
  for (const { version, statements } of migrationsAfter(wholeOf(rows[0] ?? {}, 'version'), DIALECT)) {
    for (const statement of statements) await client.query(statement);
    await client.query('insert into vincle.migration (version) values ($1)', [version]);
  }
}
