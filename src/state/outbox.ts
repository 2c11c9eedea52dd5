import type { OutboxEntry } from './port.ts';
import { bytesOf, instantOf, optionalTextOf, type Row, textOf, wholeOf } from './row.ts';
import type { Seal } from './seal.ts';
import type { Sql } from './sql.ts';

const place = (id: string) => `outbox entry ${id}`;

/** What could not be delivered yet, in order of arrival; payloads are sealed before they reach the database. */
export class Outbox {
  readonly #sql: Sql;
  readonly #seal: Seal;
  readonly #table: string;

  constructor(sql: Sql, seal: Seal) {
    this.#sql = sql;
    this.#seal = seal;
    this.#table = `${sql.schema}outbox`;
  }

  async enqueue(entry: Omit<OutboxEntry, 'attempts' | 'state'>): Promise<void> {
    const { keyId, box } = this.#seal.seal(entry.payload, place(entry.id));
    await this.#sql.run(
      `insert into ${this.#table} (id, stream, label, key_id, box, enqueued_at, next_attempt_at, last_error)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing`,
      [
        entry.id,
        entry.stream,
        entry.label,
        keyId,
        box,
        instantOf(entry.enqueuedAt),
        instantOf(entry.nextAttemptAt),
        entry.lastError ?? null,
      ],
      'durable',
    );
  }

  async due(now: string, limit: number): Promise<readonly OutboxEntry[]> {
    const rows = await this.#sql.run(
      `select * from ${this.#table} entry where state = 'waiting' and next_attempt_at <= $1 and not exists
         (select 1 from ${this.#table} earlier
          where earlier.stream = entry.stream and earlier.state = 'waiting' and earlier.seq < entry.seq)
       order by seq limit $2`,
      [instantOf(now), limit],
    );
    return rows.map((row) => this.#entryOf(row));
  }

  async list(): Promise<readonly OutboxEntry[]> {
    const rows = await this.#sql.run(`select * from ${this.#table} order by seq`, []);
    return rows.map((row) => this.#entryOf(row));
  }

  async delivered(id: string): Promise<void> {
    await this.#sql.run(`delete from ${this.#table} where id = $1`, [id], 'durable');
  }

  async failed(id: string, error: string, nextAttemptAt?: string): Promise<void> {
    await this.#sql.run(
      `update ${this.#table} set attempts = attempts + 1, last_error = $2, state = $3,
         next_attempt_at = coalesce($4, next_attempt_at) where id = $1`,
      [
        id,
        error,
        nextAttemptAt === undefined ? 'dead' : 'waiting',
        nextAttemptAt === undefined ? null : instantOf(nextAttemptAt),
      ],
      'durable',
    );
  }

  async replay(id: string, now: string): Promise<boolean> {
    const rows = await this.#sql.run(
      `update ${this.#table} set state = 'waiting', attempts = 0, next_attempt_at = $2
       where id = $1 and state = 'dead' returning id`,
      [id, instantOf(now)],
      'durable',
    );
    return rows.length > 0;
  }

  async drop(id: string): Promise<boolean> {
    return (await this.#sql.run(`delete from ${this.#table} where id = $1 returning id`, [id], 'durable')).length > 0;
  }

  #entryOf(row: Row): OutboxEntry {
    const id = textOf(row, 'id');
    const lastError = optionalTextOf(row, 'last_error');
    return {
      id,
      stream: textOf(row, 'stream'),
      label: textOf(row, 'label'),
      payload: this.#seal.open({ keyId: textOf(row, 'key_id'), box: bytesOf(row, 'box') }, place(id)),
      enqueuedAt: textOf(row, 'enqueued_at'),
      attempts: wholeOf(row, 'attempts'),
      nextAttemptAt: textOf(row, 'next_attempt_at'),
      ...(lastError === undefined ? {} : { lastError }),
      state: textOf(row, 'state') === 'dead' ? 'dead' : 'waiting',
    };
  }
}

/** Whether anything waits that only an existing key can open. */
export async function isOutboxEmpty(sql: Sql): Promise<boolean> {
  return (await sql.run(`select id from ${sql.schema}outbox limit 1`, [])).length === 0;
}

/** Opens one entry of each key, so that a wrong keys file is found at the start and not at the first delivery. */
export async function checkKeys(sql: Sql, seal: Seal): Promise<void> {
  const rows = await sql.run(
    `select id, key_id, box from ${sql.schema}outbox where seq in
       (select min(seq) from ${sql.schema}outbox group by key_id)`,
    [],
  );
  for (const row of rows) {
    seal.open({ keyId: textOf(row, 'key_id'), box: bytesOf(row, 'box') }, place(textOf(row, 'id')));
  }
}
