import { bytesOf, instantOf, type Row, textOf } from './row.ts';
import type { Seal } from './seal.ts';
import type { Sql } from './sql.ts';

const place = (id: string) => `kept ${id}`;

/** What is kept for a while and read by any replica: values are sealed before they reach the database. */
export class Keeping {
  readonly #sql: Sql;
  readonly #seal: Seal;
  readonly #table: string;

  constructor(sql: Sql, seal: Seal) {
    this.#sql = sql;
    this.#seal = seal;
    this.#table = `${sql.schema}kept`;
  }

  async keep(id: string, value: unknown, expiresAt: string): Promise<void> {
    const { keyId, box } = this.#seal.seal(value, place(id));
    await this.#sql.run(
      `insert into ${this.#table} (id, key_id, box, expires_at) values ($1, $2, $3, $4)
       on conflict (id) do update set key_id = excluded.key_id, box = excluded.box, expires_at = excluded.expires_at`,
      [id, keyId, box, instantOf(expiresAt)],
      'durable',
    );
  }

  async extend(id: string, now: string, expiresAt: string): Promise<void> {
    await this.#sql.run(`update ${this.#table} set expires_at = $3 where id = $1 and expires_at > $2`, [
      id,
      instantOf(now),
      instantOf(expiresAt),
    ]);
  }

  async change(id: string, now: string, value: unknown): Promise<boolean> {
    const { keyId, box } = this.#seal.seal(value, place(id));
    const rows = await this.#sql.run(
      `update ${this.#table} set key_id = $3, box = $4 where id = $1 and expires_at > $2 returning id`,
      [id, instantOf(now), keyId, box],
      'durable',
    );
    return rows.length > 0;
  }

  async kept(id: string, now: string): Promise<unknown> {
    const rows = await this.#sql.run(`select * from ${this.#table} where id = $1 and expires_at > $2`, [
      id,
      instantOf(now),
    ]);
    return this.#opened(id, rows);
  }

  async take(id: string, now: string): Promise<unknown> {
    const rows = await this.#sql.run(
      `delete from ${this.#table} where id = $1 and expires_at > $2 returning *`,
      [id, instantOf(now)],
      'durable',
    );
    return this.#opened(id, rows);
  }

  async forget(id: string): Promise<void> {
    await this.#sql.run(`delete from ${this.#table} where id = $1`, [id], 'durable');
  }

  async forgetExpired(now: string): Promise<number> {
    const rows = await this.#sql.run(`delete from ${this.#table} where expires_at <= $1 returning id`, [
      instantOf(now),
    ]);
    return rows.length;
  }

  #opened(id: string, [row]: readonly Row[]): unknown {
    if (row === undefined) return undefined;
    return this.#seal.open({ keyId: textOf(row, 'key_id'), box: bytesOf(row, 'box') }, place(id));
  }
}
