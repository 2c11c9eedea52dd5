import { createHash } from 'node:crypto';
import type { Counted } from './port.ts';
import { wholeOf } from './row.ts';
import type { Sql } from './sql.ts';

/**
 * Places of one kind of count. Whoever invents a key for each request fills no more rows than these; two keys in one
 * place share a count, which of a thousand at once befalls one in 130.
 */
const PLACES = 2 ** 17;

/** What counts under a key: a place, so that the store tells no address and grows no further. */
export function placeOf(kind: string, key: string): string {
  const digest = createHash('sha256').update(`${kind}|${key}`).digest();
  return `${kind}/${digest.readUInt32BE(0) % PLACES}`;
}

/** One more in the present window of this key, over all processes on one store. One statement, so that none is lost. */
export async function count(sql: Sql, kind: string, key: string, windowMs: number, now: number): Promise<Counted> {
  const [row = {}] = await sql.run(
    `insert into ${sql.schema}counted as known (place, hits, ends_at) values ($1, 1, $3)
     on conflict (place) do update set
       hits = case when known.ends_at <= $2 then 1 else known.hits + 1 end,
       ends_at = case when known.ends_at <= $2 then excluded.ends_at else known.ends_at end
     returning hits, ends_at`,
    [placeOf(kind, key), now, now + windowMs],
  );
  return { hits: wholeOf(row, 'hits'), endsAt: wholeOf(row, 'ends_at') };
}

/** Gives back the places of windows that are over. */
export async function forgetCounts(sql: Sql, now: number): Promise<void> {
  await sql.run(`delete from ${sql.schema}counted where ends_at <= $1`, [now]);
}
