import { expect, test } from '@jest/globals';
import { interopOptions } from '../interop/options.ts';
import { runInterop } from '../interop/run-interop.ts';
import { startHapi } from './rig/hapi.ts';
import { newDatabase, sharedRig } from './rig/shared.ts';

test('every step of the interoperability suite passes on HAPI in memory', async () => {
  const results = await runInterop(await interopOptions(sharedRig().hapi));
  expect(results.filter((it) => it.result !== 'pass')).toEqual([]);
});

test('every step passes on HAPI with PostgreSQL, references checked on write', async () => {
  const database = await newDatabase();
  const hapi = await startHapi({ database: { postgres: database.url }, refIntegrity: true });
  try {
    const results = await runInterop(await interopOptions(hapi.baseUrl));
    expect(results.filter((it) => it.result !== 'pass')).toEqual([]);
  } finally {
    await hapi.stop();
    await database.drop();
  }
}, 300_000);
