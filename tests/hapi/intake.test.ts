import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { responseKey, scoreId } from '../../src/domain/derived-identity.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { type Running, startVincle } from '../faults/vincle.ts';
import { scenario } from '../interop/scenario.ts';
import { freePort } from './rig/free-port.ts';
import { sharedRig } from './rig/shared.ts';

const it = scenario(`hook-${process.pid.toString(36)}`);
let folder: string;
let server: FhirServer;
let serving: Running;
let publicUrl: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-hooks-'));
  server = connectFhir({ baseUrl: sharedRig().hapi, auth: { kind: 'none' } });
  await server.transaction(it.programme.map((resource) => ({ method: 'PUT', resource })));
  const port = await freePort();
  publicUrl = `http://127.0.0.1:${port}`;
  serving = startVincle(['serve'], {
    FHIR_BASE_URL: server.baseUrl,
    STUDY: it.study,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    PORT: String(port),
    PUBLIC_URL: publicUrl,
    HOOKS_SECRET: randomUUID() + randomUUID(),
    // Never while this test runs: what is scored, a notification scored.
    ALLIANCE_CRON: '0 0 1 1 *',
  });
  await until(async () => (await fetch(`${publicUrl}/health`).catch(() => undefined))?.ok === true);
});
afterAll(async () => {
  const [page] = await server.searchAll([{ type: 'Subscription', params: [['url', `${publicUrl}/hooks/fhir`]] }]);
  for (const { id } of page?.resources ?? [])
    await server.write({ method: 'DELETE', type: 'Subscription', id: id ?? '' });
  serving.end();
  await serving.ended;
  rmSync(folder, { recursive: true, force: true });
});

/** Asks again until it holds; the jest timeout ends a wait in vain. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(200);
}
const subscription = async () => {
  const [page] = await server.searchAll([{ type: 'Subscription', params: [['url', `${publicUrl}/hooks/fhir`]] }]);
  return page?.resources[0];
};

test('serve asks HAPI for notifications, and HAPI takes the Subscription', async () => {
  await until(async () => (await subscription())?.resourceType === 'Subscription');
  expect(await subscription()).toMatchObject({ channel: { type: 'rest-hook', endpoint: `${publicUrl}/hooks/fhir` } });
}, 60_000);

test('a response that another app stores on HAPI is scored within seconds, without the cron', async () => {
  const response = it.responses[0] as QuestionnaireResponse;
  const id = scoreId('wai-s-p', responseKey(response));
  await until(async () => {
    const active = (await subscription())?.resourceType === 'Subscription';
    await server.write({ method: 'PUT', resource: { ...response, authored: new Date().toISOString() } });
    await pause(1_000);
    return active && (await server.read('Observation', id)) !== undefined;
  });
  expect((await server.read('Observation', id))?.valueQuantity?.value).toBe(84);
}, 90_000);
