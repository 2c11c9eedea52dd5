import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { openState } from '../../src/state/open.ts';
import { stateContract } from '../state/state-contract.ts';
import { newKeys, type StateStore, writeKeys } from '../state/state-store.ts';
import { newDatabase } from './rig/shared.ts';

async function postgresStore(): Promise<StateStore> {
  const folder = mkdtempSync(join(tmpdir(), 'vincle-state-'));
  const keysFile = join(folder, 'keys.json');
  writeKeys(keysFile, newKeys('first'));
  const database = await newDatabase();
  const query = async (statement: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return (await client.query(statement)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url: database.url,
    keysFile,
    bytes: async () => {
      const tables = ['outbox', 'kept'].map((it) =>
        query(`select ${it}::text, encode(box, 'escape') from vincle.${it}`),
      );
      return Buffer.from(JSON.stringify(await Promise.all(tables)));
    },
    execute: async (statement) => void (await query(statement)),
    drop: async () => {
      await database.drop();
      rmSync(folder, { recursive: true });
    },
  };
}

stateContract('PostgreSQL', { schema: 'vincle.', create: postgresStore, acquireMs: 50 });

test('two machines whose clocks are an hour apart still exclude each other on PostgreSQL', async () => {
  const store = await postgresStore();
  const state = await openState(store.url, store.keysFile);
  try {
    const hour = 3_600_000;
    await state.acquire(['Patient/a'], 'a machine that is an hour slow', 60_000, Date.now() - hour);
    expect(
      await state.acquire(['Patient/a'], 'a machine that is an hour fast', 60_000, Date.now() + hour),
    ).toBeUndefined();
  } finally {
    await state.close();
    await store.drop();
  }
});

test('PostgreSQL without a keys file is refused', async () => {
  const store = await postgresStore();
  try {
    await expect(openState(store.url)).rejects.toMatchObject({ code: 'keys-file' });
  } finally {
    await store.drop();
  }
});
