import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import express from 'express';
import type { Bundle, FhirResource, Task } from 'fhir/r4.js';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { gate } from '../../src/embedded/smart/gate.ts';
import { stopServer } from './authority/fhir-gate.ts';

jest.setTimeout(60_000);

// What stands between the app and the synthetic patients of the demonstration.
let embedded: Embedded;
let server: Server;
let base: string;
const TOKENS: Record<string, { user: string; patient?: string; scope: string }> = {
  chart: { user: 'Practitioner/t1', patient: 'Patient/p1', scope: 'patient/Task.cruds patient/Patient.rs' },
  reader: { user: 'Practitioner/t1', patient: 'Patient/p1', scope: 'patient/Task.rs' },
  list: { user: 'Practitioner/t1', scope: 'user/Task.rs' },
};

const task = (id: string, patient: string): Task => ({
  resourceType: 'Task',
  id,
  status: 'requested',
  intent: 'order',
  for: { reference: `Patient/${patient}` },
});

beforeAll(async () => {
  embedded = await startEmbedded();
  for (const resource of [
    { resourceType: 'Patient' as const, id: 'p1' },
    { resourceType: 'Patient' as const, id: 'p2' },
    task('of-p1', 'p1'),
    task('of-p2', 'p2'),
  ])
    await fetch(`${embedded.baseUrl}/${resource.resourceType}/${resource.id}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/fhir+json' },
      body: JSON.stringify(resource),
    });
  const app = express();
  server = createServer(app);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  base = `http://127.0.0.1:${address.port}/fhir`;
  const tokenOf = (token: string) => Promise.resolve(TOKENS[token]);
  app.use('/fhir', ...gate({ upstream: embedded.baseUrl, baseUrl: base, tokenOf }));
});
afterAll(async () => {
  await stopServer(server);
  await embedded.stop();
});

async function as(token: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${base}/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: answer.status, text: await answer.text() };
}

test('a launch for one patient reads and changes that patient’s Tasks, and nobody else’s', async () => {
  expect((await as('chart', 'GET', 'Task/of-p1')).status).toBe(200);
  expect((await as('chart', 'GET', 'Task/of-p2')).status).toBe(403);
  expect((await as('chart', 'GET', 'Patient/p2')).status).toBe(403);
  expect((await as('chart', 'PUT', 'Task/of-p1', task('of-p1', 'p1'))).status).toBe(200);
  expect((await as('chart', 'POST', 'Task', { ...task('', 'p2'), id: undefined })).status).toBe(403);
});

test('another patient’s Task cannot be taken over by writing this patient’s name on it, alone or in a batch', async () => {
  const taken = task('of-p2', 'p1');
  expect((await as('chart', 'PUT', 'Task/of-p2', taken)).status).toBe(403);
  const batch = (type: string): Bundle<FhirResource> =>
    ({
      resourceType: 'Bundle',
      type,
      entry: [{ request: { method: 'PUT', url: 'Task/of-p2' }, resource: taken }],
    }) as Bundle<FhirResource>;
  for (const type of ['batch', 'transaction']) expect((await as('chart', 'POST', '', batch(type))).status).toBe(403);
  expect((await as('chart', 'DELETE', 'Task/of-p2')).status).toBe(403);
  expect((await as('list', 'GET', 'Task/of-p2')).text).toContain('Patient/p2');
});

test('what the scopes do not say is refused', async () => {
  expect((await as('reader', 'PUT', 'Task/of-p1', task('of-p1', 'p1'))).status).toBe(403);
  expect((await as('list', 'GET', 'Patient/p1')).status).toBe(403);
  expect((await as('nobody', 'GET', 'Task/of-p1')).status).toBe(401);
});
