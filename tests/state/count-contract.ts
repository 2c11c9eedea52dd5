import { expect, test } from '@jest/globals';
import { placeOf } from '../../src/state/counting.ts';
import type { Bench } from './state-contract.ts';

const AT = Date.parse('2026-03-01T10:00:00.000Z');
const MINUTE = 60_000;

/** What is counted for all processes together: how often one asks in a minute. */
export function countContract({ store, open, kind }: Bench): void {
  test('two processes count together, and none of forty at once is lost', async () => {
    const [one, other] = [await open(), await open()];
    const hits = await Promise.all(
      Array.from({ length: 40 }, (_, at) => (at % 2 === 0 ? one : other).count('asked', 'launch', MINUTE, AT)),
    );
    expect(hits.map((it) => it.hits).sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
    expect(new Set(hits.map((it) => it.endsAt))).toEqual(new Set([AT + MINUTE]));
  });

  test('a window begins with the first and ends after its time; kinds and keys are counted apart', async () => {
    const state = await open();
    await state.count('asked', 'a', MINUTE, AT);
    expect(await state.count('asked', 'a', MINUTE, AT + MINUTE - 1)).toEqual({ hits: 2, endsAt: AT + MINUTE });
    expect(await state.count('asked', 'a', MINUTE, AT + MINUTE)).toEqual({ hits: 1, endsAt: AT + 2 * MINUTE });
    expect((await state.count('asked', 'b', MINUTE, AT + MINUTE)).hits).toBe(1);
    expect((await state.count('begun', 'a', MINUTE, AT + MINUTE)).hits).toBe(1);
  });

  test('what is over is forgotten with the rest, and no address is in the store', async () => {
    const state = await open();
    await state.count('asked', '203.0.113.77', MINUTE, AT);
    expect((await store().bytes()).includes('203.0.113.77')).toBe(false);
    await state.forgetExpired(new Date(AT + MINUTE).toISOString());
    await store().execute(
      `insert into ${kind.schema}counted (place, hits, ends_at) values ('${placeOf('asked', '203.0.113.77')}', 41, ${AT + 3 * MINUTE})`,
    );
    expect((await state.count('asked', '203.0.113.77', MINUTE, AT + MINUTE)).hits).toBe(42);
  });

  test('whoever invents a key for each request fills no more than the places of one kind', () => {
    const places = new Set(Array.from({ length: 300_000 }, (_, at) => placeOf('asked', `launch-${at}`)));
    expect(places.size).toBeLessThanOrEqual(131_072);
    // So many that hardly ever two share one: a thousand fall into at least 990.
    expect(new Set(Array.from({ length: 1_000 }, (_, at) => placeOf('asked', `one-${at}`))).size).toBeGreaterThan(985);
  });
}
