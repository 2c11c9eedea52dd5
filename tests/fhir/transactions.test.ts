import { afterEach, expect, test } from '@jest/globals';
import type { Bundle } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { Write } from '../../src/fhir/port.ts';
import {
  failureOf,
  json,
  type MisbehavingServer,
  misbehave,
  options,
  outcome,
  type Reply,
  standingClock,
  statement,
  status,
} from './misbehaving-server.ts';

let server: MisbehavingServer;
afterEach(() => server.stop());

async function before(...replies: readonly Reply[]) {
  server = await misbehave(...replies);
  return connectFhir(options(server.baseUrl, standingClock(), { clientIds: 'yes' }));
}

const URN = 'urn:uuid:5b3c7a0e-7d0a-4f6e-9a53-0f3f8a3c2d11';
const put = (id: string): Write => ({ method: 'PUT', resource: { resourceType: 'Patient', id } });
const mother: Write = { method: 'POST', resource: { resourceType: 'Patient' }, fullUrl: URN };
const child: Write = {
  method: 'POST',
  resource: { resourceType: 'Observation', status: 'final', code: { text: 'x' }, subject: { reference: URN } },
};
const created = (location: string): Reply => status(201, { location });
const paths = () => server.seen.map((it) => `${it.method} ${it.url}`);

test.each([
  ['405', [status(405)]],
  ['501', [status(501)]],
  ['400, and declares none', [outcome(400, 'not-supported'), statement('batch')]],
  ['404, and declares none', [status(404), statement()]],
])('a server that answers a transaction with %s is written to one by one, references resolved', async (_, first) => {
  const fhir = await before(...first, created('Patient/77/_history/1'), created('Observation/78/_history/1'));
  const results = await fhir.transaction([mother, child]);
  expect(results.map((it) => it.id)).toEqual(['77', '78']);
  const observation = JSON.parse(server.seen.at(-1)?.body ?? '') as { subject: { reference: string } };
  expect(observation.subject.reference).toBe('Patient/77');
  expect((await fhir.capabilities()).transaction).toBe(false);
});

test('what was found missing is not asked for again', async () => {
  const fhir = await before(status(405), created('Patient/a'));
  await fhir.transaction([put('a')]);
  await fhir.transaction([put('a')]);
  expect(paths()).toEqual(['POST ', 'PUT Patient/a', 'PUT Patient/a']);
});

test('one by one, the first that fails ends it', async () => {
  const fhir = await before(status(405), created('Patient/a'), status(422), created('Patient/c'));
  const error = await failureOf(fhir.transaction([put('a'), put('b'), put('c')]));
  expect([error.kind, error.status]).toEqual(['rejected', 422]);
  expect(paths()).toEqual(['POST ', 'PUT Patient/a', 'PUT Patient/b']);
});

test.each([400, 404, 422])('%d from a server that declares transactions is its verdict on this one', async (code) => {
  const fhir = await before(status(code), statement('transaction', 'batch'), status(code));
  const [first, second] = [
    await failureOf(fhir.transaction([put('a')])),
    await failureOf(fhir.transaction([put('a')])),
  ];
  expect([first.status, second.status]).toEqual([code, code]);
  expect((await fhir.capabilities()).transaction).toBe(true);
  // Its statement is read once.
  expect(paths()).toEqual(['POST ', 'GET metadata', 'POST ']);
});

test('404 from an address where there is no FHIR server at all proves nothing about transactions', async () => {
  const fhir = await before(status(404));
  expect((await failureOf(fhir.transaction([put('a')]))).kind).toBe('not-found');
  expect((await fhir.capabilities()).transaction).toBe(true);
});

const answer = (...entries: object[]): Reply =>
  json(200, { resourceType: 'Bundle', type: 'transaction-response', entry: entries } satisfies Bundle);

test('an entry that failed although the whole was answered 200 is told, and that the rest may stand', async () => {
  const failed = {
    status: '412 Precondition Failed',
    outcome: { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'conflict' }] },
  };
  const fhir = await before(answer({ response: { status: '201 Created' } }, { response: failed }));
  const error = await failureOf(fhir.transaction([put('a'), put('b')]));
  expect([error.kind, error.uncertain, error.message]).toEqual([
    'conflict',
    true,
    'Entry 2 of a transaction of 2 was answered 412 (conflict).',
  ]);
});

test('an answer that leaves entries out, or says nothing of them, is malformed and uncertain', async () => {
  for (const reply of [answer({ response: { status: '200' } }), answer({}, {}), json(200, {})]) {
    const fhir = await before(reply);
    const error = await failureOf(fhir.transaction([put('a'), put('b')]));
    expect([error.kind, error.uncertain]).toEqual(['malformed', true]);
    await server.stop();
  }
});

test('a refusal is looked into once, with a resource entered in error: a server that refuses that too gets no ids of ours', async () => {
  server = await misbehave(status(422), statement('transaction'), status(422), status(422));
  const fhir = connectFhir(options(server.baseUrl, standingClock(), { clientIds: 'auto' }));
  for (let time = 0; time < 2; time += 1) await failureOf(fhir.transaction([put('a')]));
  expect((await fhir.capabilities()).clientIds).toBe(false);
  expect(paths().map((it) => it.replace(/vincle-probe-.*/, 'probe'))).toEqual([
    'POST ',
    'GET metadata',
    'PUT Observation/probe',
    'POST ',
  ]);
  expect(JSON.parse(server.seen[2]?.body ?? '')).toMatchObject({ status: 'entered-in-error' });
});

test('a server that takes the probe keeps taking our ids, and the probe is gone again', async () => {
  server = await misbehave(status(422), statement('transaction'), status(201), status(204));
  const fhir = connectFhir(options(server.baseUrl, standingClock(), { clientIds: 'auto' }));
  await failureOf(fhir.transaction([put('a')]));
  expect((await fhir.capabilities()).clientIds).toBe(true);
  const [made, deleted] = server.seen.slice(2);
  expect([made?.method, deleted?.method, deleted?.url]).toEqual(['PUT', 'DELETE', made?.url]);
});

test('nothing to write is no request', async () => {
  const fhir = await before(status(500));
  expect(await fhir.transaction([])).toEqual([]);
  expect(server.seen).toHaveLength(0);
});
