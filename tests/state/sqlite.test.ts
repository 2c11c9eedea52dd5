import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openState } from '../../src/state/open.ts';
import { entry } from './outbox-entry.ts';
import { stateContract } from './state-contract.ts';
import { newKeys, type StateStore, writeKeys } from './state-store.ts';

const newFolder = () => mkdtempSync(join(tmpdir(), 'vincle-state-'));

async function sqliteStore(): Promise<StateStore> {
  const folder = newFolder();
  const file = join(folder, 'vincle.sqlite');
  const keysFile = join(folder, 'keys.json');
  writeKeys(keysFile, newKeys('first'));
  return {
    url: `sqlite:${file}`,
    keysFile,
    bytes: async () => {
      const names = readdirSync(folder).filter((it) => it.startsWith('vincle.sqlite'));
      return Buffer.concat(names.map((it) => readFileSync(join(folder, it))));
    },
    execute: async (statement) => {
      const database = new DatabaseSync(file);
      database.exec(statement);
      database.close();
    },
    drop: async () => rmSync(folder, { recursive: true }),
  };
}

stateContract('SQLite', { schema: '', create: sqliteStore, acquireMs: 5 });

describe('a state file without STATE_KEYS_FILE', () => {
  let folder = '';
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const url = () => `sqlite:${join(folder, 'own.sqlite')}`;
  const keys = () => join(folder, 'own.sqlite.keys.json');
  const mode = (file: string) => statSync(file).mode & 0o777;

  test('gets keys of its own on first use, and all its files are its owner’s alone', async () => {
    const state = await openState(url());
    await state.enqueue(entry('r1'));
    expect(readdirSync(folder).map((it) => [it, mode(join(folder, it))])).toEqual(
      ['own.sqlite', 'own.sqlite-shm', 'own.sqlite-wal', 'own.sqlite.keys.json'].map((it) => [it, 0o600]),
    );
    await state.close();
    const again = await openState(url());
    expect(await again.listEntries()).toMatchObject([{ payload: entry('r1').payload }]);
    await again.close();
  });

  test('makes one keys file where several processes come at once', async () => {
    const states = await Promise.all(Array.from({ length: 6 }, () => openState(url())));
    for (const [at, state] of states.entries()) await state.enqueue(entry(`r${at}`));
    expect(await states[0]?.listEntries()).toHaveLength(6);
    for (const state of states) await state.close();
    expect(readdirSync(folder).filter((it) => it.includes('keys'))).toEqual(['own.sqlite.keys.json']);
  });

  test('never makes new keys while something waits that only the lost ones open', async () => {
    const state = await openState(url());
    await state.enqueue(entry('r1'));
    await state.close();
    rmSync(keys());
    await expect(openState(url())).rejects.toMatchObject({
      code: 'wrong-key',
      message: expect.stringContaining(keys()),
    });
    expect(readdirSync(folder)).not.toContain('own.sqlite.keys.json');
  });

  test('is not opened with keys that every user of the machine can read', async () => {
    await (await openState(url())).close();
    chmodSync(keys(), 0o644);
    await expect(openState(url())).rejects.toMatchObject({
      code: 'keys-file',
      message: expect.stringContaining('chmod'),
    });
  });

  test.each([
    ['which is not JSON', 'x'],
    ['without a key', []],
    ['with a key of 16 bytes', [{ id: 'a', key: Buffer.alloc(16, 1).toString('base64') }]],
    ['with a key that is not base64', [{ id: 'a', key: `${'*'.repeat(43)}=` }]],
    ['with one id twice', [...newKeys('a'), ...newKeys('a')]],
    ['with a key that has no id', [{ key: Buffer.alloc(32, 1).toString('base64') }]],
  ])('is not opened with a keys file %s, and the message quotes no key', async (_, content) => {
    writeKeys(keys(), content);
    const text = readFileSync(keys(), 'utf8');
    const error: Error = await openState(url()).then(
      () => new Error('it was opened'),
      (cause) => cause,
    );
    expect(error).toMatchObject({ code: 'keys-file' });
    expect(error.message).toContain(keys());
    for (const [, key = ''] of text.matchAll(/"key":"([^"]+)"/g)) expect(error.message).not.toContain(key);
  });
});

test('a keys file that is not there is named', async () => {
  await expect(openState('sqlite::memory:', '/nowhere/keys.json')).rejects.toMatchObject({
    code: 'keys-file',
    message: expect.stringContaining('/nowhere/keys.json'),
  });
});

test('a STATE_URL of neither database is refused, and the message repeats no password', async () => {
  await expect(openState('mysql://vincle:geheim@db/vincle')).rejects.toMatchObject({
    code: 'url',
    message: expect.not.stringContaining('geheim'),
  });
});
