import { expect, test } from '@jest/globals';
import { startHapi } from './rig/hapi.ts';
import { newDatabase, sharedRig } from './rig/shared.ts';

test('the shared HAPI is a FHIR 4.0.1 server that stores what it is sent', async () => {
  const { hapi } = sharedRig();
  const metadata = await fetch(`${hapi}/metadata`).then((answer) => answer.json());
  expect(metadata).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  const created = await fetch(`${hapi}/Basic`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify({ resourceType: 'Basic', code: { text: 'synthetic' } }),
  });
  expect(created.status).toBe(201);
  const location = created.headers.get('location') ?? '';
  expect((await fetch(location)).status).toBe(200);
});

test('a HAPI of one’s own keeps its resources in PostgreSQL when it is killed, and refuses a request without the token', async () => {
  const database = await newDatabase();
  const options = { database: { postgres: database.url }, bearer: 'a-token-for-tests' } as const;
  const headers = { 'content-type': 'application/fhir+json', authorization: 'Bearer a-token-for-tests' };
  const first = await startHapi(options);
  const body = JSON.stringify({ resourceType: 'Basic', id: 'kept', code: { text: 'synthetic' } });
  expect((await fetch(`${first.baseUrl}/Basic/kept`)).status).toBe(401);
  expect((await fetch(`${first.baseUrl}/Basic/kept`, { method: 'PUT', headers, body })).status).toBe(201);
  await first.kill();
  const second = await startHapi(options);
  const again = await fetch(`${second.baseUrl}/Basic/kept`, { headers }).then((answer) => answer.json());
  expect(again).toMatchObject({ resourceType: 'Basic', id: 'kept', meta: { versionId: '1' } });
  await second.stop();
  await database.drop();
}, 300_000);
