import { afterEach, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { Write } from '../../src/fhir/port.ts';
import {
  cut,
  failureOf,
  html,
  json,
  type MisbehavingServer,
  misbehave,
  options,
  type Reply,
  silence,
  standingClock,
  status,
} from './misbehaving-server.ts';

let server: MisbehavingServer;
afterEach(() => server.stop());

async function before(...replies: readonly Reply[]) {
  server = await misbehave(...replies);
  const clock = standingClock();
  return { fhir: connectFhir(options(server.baseUrl, clock, { timeoutMs: 200 })), clock };
}

const patient = (id: string): Patient => ({ resourceType: 'Patient', id });
const put: Write = { method: 'PUT', resource: patient('p1') };
const guarded: Write = { method: 'PUT', resource: patient('p1'), ifMatch: '3' };
const bare: Write = { method: 'POST', resource: { resourceType: 'Patient' } };
const once: Write = { method: 'POST', resource: { resourceType: 'Patient' }, ifNoneExist: 'identifier=urn:a|1' };
const created = status(201, { location: 'Patient/p1/_history/1', etag: 'W/"1"' });
const answered = (...statuses: string[]): Reply =>
  json(200, {
    resourceType: 'Bundle',
    type: 'transaction-response',
    entry: statuses.map((it) => ({ response: { status: it, location: 'Patient/p1/_history/4', etag: 'W/"4"' } })),
  });

test.each([
  ['the connection is cut', cut],
  ['no answer comes', silence],
  ['the server answers 503', status(503)],
  ['a page for people comes back', html(200)],
])('a bare create is sent once when %s, and the outcome is uncertain', async (_, reply) => {
  const { fhir } = await before(reply);
  const error = await failureOf(fhir.write(bare));
  expect([server.seen.length, error.uncertain]).toEqual([1, true]);
});

test('a transaction that holds one bare create is sent once, too', async () => {
  const { fhir } = await before(cut);
  const error = await failureOf(fhir.transaction([put, bare]));
  expect([server.seen.length, error.kind, error.uncertain]).toEqual([1, 'unreachable', true]);
});

test('a bare create that was refused with 429 is not repeated, and is certain not to have happened', async () => {
  const { fhir } = await before(status(429));
  const error = await failureOf(fhir.write(bare));
  expect([server.seen.length, error.kind, error.uncertain]).toEqual([1, 'throttled', false]);
});

test('a bare create may be repeated where no connection was made', async () => {
  const { fhir, clock } = await before(created);
  await server.stop();
  const error = await failureOf(fhir.write(bare));
  expect([clock.waits.length, error.uncertain]).toEqual([4, false]);
});

test('PUT by id, conditional create and DELETE are sent again after the connection was cut', async () => {
  for (const write of [put, once, { method: 'DELETE', type: 'Patient', id: 'p1' } as const]) {
    const { fhir } = await before(cut, created);
    expect((await fhir.write(write)).status).toBe(201);
    expect(server.seen[0]?.body).toBe(server.seen[1]?.body);
    await server.stop();
  }
});

test('a transaction of writes that may be repeated is sent again, the same', async () => {
  const { fhir } = await before(cut, answered('200 OK', '200 OK'));
  const results = await fhir.transaction([put, once]);
  expect(results.map((it) => [it.status, it.id, it.versionId])).toEqual([
    [200, 'p1', '4'],
    [200, 'p1', '4'],
  ]);
  expect(server.seen[0]?.body).toBe(server.seen[1]?.body);
});

test('a write whose first try may have arrived stays uncertain, however the last try ended', async () => {
  const { fhir } = await before(async (response, request) => {
    cut(response, request);
    await server.stop();
  });
  const error = await failureOf(fhir.write(put));
  expect([error.message, error.uncertain]).toEqual(['PUT Patient: no connection (ECONNREFUSED)', true]);
});

test('If-Match that arrived although its answer was lost is a conflict with itself, and says that it is uncertain', async () => {
  const { fhir } = await before(cut, status(412));
  const error = await failureOf(fhir.write(guarded));
  expect([error.kind, error.uncertain]).toEqual(['conflict', true]);
});

test.each([409, 412])('%d for a stale If-Match is a conflict at once', async (code) => {
  const { fhir, clock } = await before(status(code));
  const errors = [await failureOf(fhir.write(guarded)), await failureOf(fhir.transaction([put, guarded]))];
  expect(errors.map((it) => [it.kind, it.uncertain])).toEqual(Array(2).fill(['conflict', false]));
  expect([server.seen.length, clock.waits]).toEqual([2, []]);
});

test('409 from a lost race is run again, five times at most', async () => {
  const won = await before(status(409), status(409), created);
  expect((await won.fhir.write(put)).status).toBe(201);
  await server.stop();
  const lost = await before(status(409));
  const error = await failureOf(lost.fhir.write(once));
  expect([error.kind, server.seen.length]).toEqual(['conflict', 5]);
});

test('412 for a conditional write means that several match: a conflict at once', async () => {
  const { fhir } = await before(status(412));
  expect((await failureOf(fhir.write(once))).kind).toBe('conflict');
  expect(server.seen).toHaveLength(1);
});

test('a guard goes as a weak ETag, a condition URL-encoded, alone and inside a transaction', async () => {
  const where: Write = {
    method: 'PUT',
    resource: { resourceType: 'Patient' },
    where: 'Patient?identifier=urn:a|50%2525%26x',
  };
  const { fhir } = await before(created, created, created, answered('200', '200', '200'));
  for (const write of [guarded, once, where]) await fhir.write(write);
  await fhir.transaction([guarded, once, where]);
  const [match, create, update, whole] = server.seen;
  expect(match?.headers['if-match']).toBe('W/"3"');
  expect(create?.headers['if-none-exist']).toBe('identifier=urn%3Aa%7C1');
  expect(new URL(`http://server/${update?.url}`).searchParams.get('identifier')).toBe('urn:a|50%25&x');
  const requests = (JSON.parse(whole?.body ?? '') as { entry: { request: object }[] }).entry.map((it) => it.request);
  expect(requests).toEqual([
    { method: 'PUT', url: 'Patient/p1', ifMatch: 'W/"3"' },
    { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn%3Aa%7C1' },
    { method: 'PUT', url: update?.url },
  ]);
});

test('a condition that is not URL-encoded is refused before anything is sent', async () => {
  const { fhir } = await before(created);
  const error = await failureOf(fhir.write({ ...once, ifNoneExist: 'identifier=urn:a|50%' } as Write));
  expect([error.kind, server.seen.length]).toEqual(['rejected', 0]);
});

test.each(['../metadata', 'a/b', '', 'a?b', 'ü', 'x'.repeat(65), '..'])(
  'the id "%s" goes into no address',
  async (id) => {
    const { fhir } = await before(created);
    const errors = [
      await failureOf(fhir.write({ method: 'PUT', resource: patient(id) })),
      await failureOf(fhir.write({ method: 'DELETE', type: 'Patient', id })),
      await failureOf(fhir.transaction([{ method: 'PUT', resource: patient(id) }])),
    ];
    expect([...errors.map((it) => it.kind), server.seen.length]).toEqual(['rejected', 'rejected', 'rejected', 0]);
  },
);
