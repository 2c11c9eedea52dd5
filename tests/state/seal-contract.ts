import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openState } from '../../src/state/open.ts';
import { entry, PATIENT_TEXT } from './outbox-entry.ts';
import type { Bench } from './state-contract.ts';
import { newKeys, writeKeys } from './state-store.ts';

/** What waits in the outbox is readable to whoever has the keys, and to nobody else. */
export function sealContract({ kind, store, open }: Bench): void {
  test('no word of a waiting response is in the bytes of the store, though its label is', async () => {
    await (await open()).enqueue(entry('r1'));
    const bytes = await store().bytes();
    expect(bytes.includes('QuestionnaireResponse/r1')).toBe(true);
    expect(bytes.includes(PATIENT_TEXT)).toBe(false);
    expect(bytes.includes(Buffer.from(PATIENT_TEXT).toString('hex'))).toBe(false);
  });

  test('a store whose outbox was sealed with another key is not opened, and the key is named', async () => {
    await (await open()).enqueue(entry('r1'));
    writeKeys(store().keysFile, newKeys('other'));
    const refused = openState(store().url, store().keysFile);
    await expect(refused).rejects.toMatchObject({ code: 'wrong-key', message: expect.stringContaining('"first"') });
  });

  test('a key of the same name and other bytes opens nothing either', async () => {
    await (await open()).enqueue(entry('r1'));
    writeKeys(store().keysFile, newKeys('first'));
    await expect(openState(store().url, store().keysFile)).rejects.toMatchObject({ code: 'wrong-key' });
  });

  test('a new key put before the old one seals from then on, and the old one still opens', async () => {
    await (await open()).enqueue(entry('old'));
    const old = JSON.parse(readFileSync(store().keysFile, 'utf8'));
    const rotated = newKeys('second');
    writeKeys(store().keysFile, [...rotated, ...old]);
    const state = await open();
    await state.enqueue(entry('new'));
    expect((await state.listEntries()).map((it) => it.payload)).toEqual([entry('old').payload, entry('new').payload]);
    await state.delivered('old');
    writeKeys(store().keysFile, rotated);
    expect(await (await open()).listEntries()).toMatchObject([{ id: 'new', payload: entry('new').payload }]);
  });

  test('a payload moved to another entry does not open', async () => {
    const state = await open();
    await state.enqueue(entry('r1'));
    await state.enqueue(entry('r2'));
    const table = `${kind.schema}outbox`;
    await store().execute(`update ${table} set box = (select box from ${table} where id = 'r1') where id = 'r2'`);
    await expect(state.listEntries()).rejects.toMatchObject({ code: 'wrong-key' });
  });

  test('a state that a later Vincle has used is refused, and the message says what to do', async () => {
    await open();
    await store().execute(`insert into ${kind.schema}migration (version) values (999)`);
    await expect(openState(store().url, store().keysFile)).rejects.toMatchObject({
      code: 'newer-schema',
      message: expect.stringContaining('version 999'),
    });
  });
}
