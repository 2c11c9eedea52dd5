import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { eventually, otherProcess } from './other-process.ts';
import type { Bench } from './state-contract.ts';

const PROCESS = join(import.meta.dirname, 'state-process.ts');
const MINUTE = 60_000;

/** Leases: one writer for a key, whoever dies. */
export function leaseContract({ kind, store, open }: Bench): void {
  test('a lease on several patients is had on all of them or on none', async () => {
    const state = await open();
    await state.acquire(['Patient/b'], 'cron', MINUTE, Date.now());
    expect(await state.acquire(['Patient/a', 'Patient/b', 'Patient/c'], 'intake', MINUTE, Date.now())).toBeUndefined();
    const others = await state.acquire(['Patient/c', 'Patient/a'], 'intake', MINUTE, Date.now());
    expect(others).toMatchObject({ key: 'Patient/c' });
  });

  test('nobody gets a lease twice, its own holder neither', async () => {
    const state = await open();
    await state.acquire(['Patient/a'], 'cron', MINUTE, Date.now());
    expect(await state.acquire(['Patient/a'], 'cron', MINUTE, Date.now())).toBeUndefined();
  });

  test('a key that is named twice in one request is one key', async () => {
    const state = await open();
    const lease = await state.acquire(['Patient/a', 'Patient/a'], 'cron', MINUTE, Date.now());
    expect(await lease?.renew(MINUTE)).toBe(true);
  });

  test('a released lease is free at once, and its number has grown for the next holder', async () => {
    const state = await open();
    const first = await state.acquire(['Patient/a', 'Patient/b'], 'cron', MINUTE, Date.now());
    await first?.release();
    const second = await state.acquire(['Patient/b'], 'intake', MINUTE, Date.now());
    expect(second?.fence).toBeGreaterThan(first?.fence ?? Number.NaN);
    await second?.release();
    const third = await state.acquire(['Patient/a'], 'intake', MINUTE, Date.now());
    expect(third?.fence).toBeGreaterThan(second?.fence ?? Number.NaN);
  });

  test('an expired lease goes to the next one; its former holder is told and takes nothing back', async () => {
    const state = await open();
    const old = await state.acquire(['Patient/a'], 'slow', 150, Date.now());
    const next = await eventually(() => state.acquire(['Patient/a'], 'next', MINUTE, Date.now()));
    expect(next.fence).toBeGreaterThan(old?.fence ?? Number.NaN);
    expect(await old?.renew(MINUTE)).toBe(false);
    await old?.release();
    expect((await state.holderOf('Patient/a', Date.now()))?.holder).toBe('next');
    expect(await next.renew(MINUTE)).toBe(true);
  });

  test('a lease of two keys of which one was lost is lost', async () => {
    const state = await open();
    const old = await state.acquire(['Patient/a', 'Patient/b'], 'slow', 100, Date.now());
    await eventually(() => state.acquire(['Patient/b'], 'next', MINUTE, Date.now()));
    expect(await old?.renew(MINUTE)).toBe(false);
  });

  test('a renewed lease outlives its first term', async () => {
    const state = await open();
    const ttl = 300;
    const lease = await state.acquire(['Patient/a'], 'cron', ttl, Date.now());
    const begun = performance.now();
    while (performance.now() - begun < 2.5 * ttl) {
      expect(await lease?.renew(ttl)).toBe(true);
      expect(await state.acquire(['Patient/a'], 'intake', ttl, Date.now())).toBeUndefined();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  test('who holds a key, and until when, can be told to a person', async () => {
    const state = await open();
    const before = Date.now();
    await state.acquire(['job/alliance'], 'ward-3:4711', MINUTE, before);
    const held = await state.holderOf('job/alliance', Date.now());
    expect(held?.holder).toBe('ward-3:4711');
    expect(Math.abs(Date.parse(held?.expiresAt ?? '') - (before + MINUTE))).toBeLessThan(5_000);
    expect(await state.holderOf('job/steps', Date.now())).toBeUndefined();
  });

  test('of eight processes that open a new state at once and want one key, exactly one gets it', async () => {
    const { url, keysFile } = store();
    const processes = Array.from({ length: 8 }, () =>
      otherProcess(PROCESS, ['hold', url, keysFile, 'Patient/a', String(MINUTE)]),
    );
    expect(await Promise.all(processes.map((it) => it.line()))).toEqual(processes.map(() => 'ready'));
    for (const it of processes) it.tell('go');
    const answers = await Promise.all(processes.map((it) => it.line()));
    expect(answers.filter((it) => it.startsWith('got '))).toHaveLength(1);
    expect(answers.filter((it) => it === 'refused')).toHaveLength(7);
  });

  test('the lease of a killed process is taken over when its term ends, and not before', async () => {
    const { url, keysFile } = store();
    const ttl = 1_500;
    const holder = otherProcess(PROCESS, ['hold', url, keysFile, 'Patient/a', String(ttl)]);
    await holder.line();
    const asked = Date.now();
    holder.tell('go');
    const fence = Number((await holder.line()).replace('got ', ''));
    await holder.kill();
    const state = await open();
    const taken = await eventually(() => state.acquire(['Patient/a'], 'next', MINUTE, Date.now()));
    expect(Date.now() - asked).toBeGreaterThanOrEqual(ttl);
    expect(taken.fence).toBeGreaterThan(fence);
  });

  test('a lease on 100 patients costs next to nothing', async () => {
    const state = await open();
    const keys = Array.from({ length: 100 }, (_, at) => `Patient/${at}`);
    const times: number[] = [];
    for (let round = 0; round < 41; round += 1) {
      const begun = performance.now();
      const lease = await state.acquire(keys, 'cron', MINUTE, Date.now());
      times.push(performance.now() - begun);
      await lease?.release();
    }
    const median = times.sort((a, b) => a - b)[20];
    expect(median).toBeLessThan(kind.acquireMs);
  });
}
