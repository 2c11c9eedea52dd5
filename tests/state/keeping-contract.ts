import { expect, test } from '@jest/globals';
import type { Bench } from './state-contract.ts';

const AT = '2026-03-01T10:00:00.000Z';
const LATER = '2026-03-01T10:05:00.000Z';
const MUCH_LATER = '2026-03-01T11:00:00.000Z';
const END = '2026-03-02T10:00:00.000Z';

/** What is kept for a while: sealed, read by any process, gone at its time. */
export function keepingContract({ store, open }: Bench): void {
  test('what one process keeps another reads, until it expires', async () => {
    const [one, other] = [await open(), await open()];
    await one.keep('launch/a', { token: 'x' }, LATER);
    expect(await other.kept('launch/a', AT)).toEqual({ token: 'x' });
    expect(await other.kept('launch/a', LATER)).toBeUndefined();
    expect(await other.kept('launch/b', AT)).toBeUndefined();
  });

  test('what is kept again under one id replaces what stood there', async () => {
    const state = await open();
    await state.keep('launch/a', 1, AT);
    await state.keep('launch/a', 2, LATER);
    expect(await state.kept('launch/a', AT)).toBe(2);
  });

  test('what is kept can be kept longer and changed, but not once it was forgotten or has expired', async () => {
    const state = await open();
    await state.keep('launch/a', 1, LATER);
    await state.extend('launch/a', AT, MUCH_LATER);
    expect(await state.change('launch/a', LATER, 2)).toBe(true);
    expect(await state.kept('launch/a', LATER)).toBe(2);
    await state.extend('launch/a', MUCH_LATER, END);
    expect(await state.kept('launch/a', MUCH_LATER)).toBeUndefined();
    await state.forget('launch/a');
    await state.extend('launch/a', AT, END);
    expect(await state.change('launch/a', AT, 3)).toBe(false);
    expect(await state.kept('launch/a', AT)).toBeUndefined();
  });

  test('of eight who take one thing one gets it', async () => {
    const state = await open();
    await state.keep('state/a', 'verifier', LATER);
    const taken = await Promise.all(Array.from({ length: 8 }, () => state.take('state/a', AT)));
    expect(taken.filter((it) => it !== undefined)).toEqual(['verifier']);
  });

  test('what has expired can neither be read nor taken, and is forgotten', async () => {
    const state = await open();
    await state.keep('launch/a', 1, AT);
    await state.keep('launch/b', 2, LATER);
    expect(await state.take('launch/a', AT)).toBeUndefined();
    expect([await state.forgetExpired(AT), await state.forgetExpired(AT)]).toEqual([1, 0]);
    await state.forget('launch/b');
    expect(await state.kept('launch/b', AT)).toBeUndefined();
  });

  test('no word of what is kept is in the bytes of the store', async () => {
    const state = await open();
    await state.keep('launch/a', { refreshToken: 'secret-word-of-a-token' }, LATER);
    const bytes = await store().bytes();
    expect([bytes.includes('launch/a'), bytes.includes('secret-word-of-a-token')]).toEqual([true, false]);
  });
}
