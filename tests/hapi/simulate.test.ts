import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Year } from '../../src/simulation/year.ts';
import { vincle } from '../faults/vincle.ts';
import { type Hapi, startHapi } from './rig/hapi.ts';
import { type Postgres, startPostgres } from './rig/postgres.ts';

let postgres: Postgres;
let hapi: Hapi;
beforeAll(async () => {
  postgres = await startPostgres();
  hapi = await startHapi({ database: { postgres: postgres.url }, tuning: 'throughput', heap: '2g' });
}, 300_000);
afterAll(async () => {
  await hapi.stop();
  await postgres.stop();
});

test('200 patients through 12 months on HAPI with PostgreSQL: every invariant holds after every tick', async () => {
  const { code, stdout, stderr } = await vincle(['simulate', '--patients', '200', '--months', '12', '--json'], {
    FHIR_BASE_URL: hapi.baseUrl,
    FHIR_COMMIT_LAG_SECONDS: '2',
    LOG_LEVEL: 'silent',
  });
  expect([code, stderr.split('\n').filter((it) => it.includes('rror'))]).toEqual([0, []]);
  const year: Year = JSON.parse(stdout);
  expect(year.violations).toEqual([]);
  const sum = (of: (it: Year['ticks'][number]) => number) => year.ticks.reduce((all, it) => all + of(it), 0);
  expect([year.ticks.length, year.checked > 2_000]).toEqual([53, true]);
  expect(sum((it) => it.proposed)).toBeGreaterThan(50);
  expect(sum((it) => it.signs)).toBeGreaterThan(5);
  expect(sum((it) => it.amended)).toBeGreaterThan(10);
}, 3_000_000);
