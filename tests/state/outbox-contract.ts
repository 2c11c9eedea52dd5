import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { OutboxEntry } from '../../src/state/port.ts';
import { otherProcess } from './other-process.ts';
import { AT, entry, PATIENT_TEXT } from './outbox-entry.ts';
import type { Bench } from './state-contract.ts';

const PROCESS = join(import.meta.dirname, 'state-process.ts');
const LATER = '2026-03-01T10:05:00.000Z';
const ids = (entries: readonly OutboxEntry[]) => entries.map((it) => it.id);

/** The outbox: in order, nothing lost, nothing twice. */
export function outboxContract({ store, open }: Bench): void {
  test('an entry comes back as it was given, not yet tried', async () => {
    const state = await open();
    await state.enqueue(entry('r1'));
    expect(await state.listEntries()).toEqual([{ ...entry('r1'), attempts: 0, state: 'waiting' }]);
  });

  test('the same entry enqueued twice is there once', async () => {
    const state = await open();
    await state.enqueue(entry('r1'));
    await state.enqueue({ ...entry('r1'), payload: 'another' });
    expect(await state.listEntries()).toEqual([{ ...entry('r1'), attempts: 0, state: 'waiting' }]);
  });

  test('each patient’s oldest entry is due, and the next one once it was delivered', async () => {
    const state = await open();
    for (const [id, patient] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['a2', 'a'],
      ['a3', 'a'],
    ] as const)
      await state.enqueue(entry(id, patient));
    expect(ids(await state.dueEntries(AT, 10))).toEqual(['a1', 'b1']);
    expect(ids(await state.dueEntries(AT, 1))).toEqual(['a1']);
    await state.delivered('a1');
    expect(ids(await state.dueEntries(AT, 10))).toEqual(['b1', 'a2']);
    expect(ids(await state.listEntries())).toEqual(['b1', 'a2', 'a3']);
  });

  test('an entry is not due before its time, which may be written without milliseconds', async () => {
    const state = await open();
    await state.enqueue({ ...entry('r1'), nextAttemptAt: '2026-03-01T11:05:00+01:00' });
    expect(await state.dueEntries('2026-03-01T10:04:59.999Z', 10)).toEqual([]);
    expect(ids(await state.dueEntries('2026-03-01T10:05:00Z', 10))).toEqual(['r1']);
  });

  test('a failed entry holds back those behind it until its next attempt', async () => {
    const state = await open();
    await state.enqueue(entry('a1', 'a'));
    await state.enqueue(entry('a2', 'a'));
    await state.failed('a1', 'unreachable: no answer', LATER);
    expect(await state.dueEntries(AT, 10)).toEqual([]);
    expect(await state.dueEntries(LATER, 10)).toEqual([
      { ...entry('a1', 'a'), attempts: 1, nextAttemptAt: LATER, lastError: 'unreachable: no answer', state: 'waiting' },
    ]);
  });

  test('a dead letter is never due, is listed with its reason, and holds nobody back', async () => {
    const state = await open();
    await state.enqueue(entry('a1', 'a'));
    await state.enqueue(entry('a2', 'a'));
    await state.failed('a1', 'rejected: 422');
    expect(ids(await state.dueEntries(LATER, 10))).toEqual(['a2']);
    expect((await state.listEntries())[0]).toMatchObject({
      id: 'a1',
      state: 'dead',
      lastError: 'rejected: 422',
      attempts: 1,
    });
  });

  test('a replayed dead letter waits again, at its old place; what is not dead is not replayed', async () => {
    const state = await open();
    await state.enqueue(entry('a1', 'a'));
    await state.enqueue(entry('a2', 'a'));
    await state.failed('a1', 'rejected: 422');
    expect(await state.replay('a1', LATER)).toBe(true);
    expect(await state.replay('a2', LATER)).toBe(false);
    expect(await state.replay('never', LATER)).toBe(false);
    expect(await state.dueEntries(LATER, 10)).toMatchObject([{ id: 'a1', attempts: 0, nextAttemptAt: LATER }]);
  });

  test('a dropped entry is gone; dropping it again says so', async () => {
    const state = await open();
    await state.enqueue(entry('a1'));
    expect(await state.drop('a1')).toBe(true);
    expect(await state.drop('a1')).toBe(false);
    expect(await state.listEntries()).toEqual([]);
  });

  test('a process killed while it enqueues loses nothing that was acknowledged', async () => {
    const { url, keysFile } = store();
    const writer = otherProcess(PROCESS, ['enqueue', url, keysFile, 'Patient/a']);
    let last = -1;
    while (last < 60) last = Number(await writer.line());
    await writer.kill();
    for (;;) {
      const line = await writer.line().catch(() => undefined);
      if (line === undefined) break;
      last = Number(line);
    }
    const entries = await (await open()).listEntries();
    // One more may have been stored whose acknowledgement was cut off.
    expect([last + 1, last + 2]).toContain(entries.length);
    expect(entries.map((it) => it.payload)).toEqual(entries.map((_, number) => ({ number, text: PATIENT_TEXT })));
  });
}
