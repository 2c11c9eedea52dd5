import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import { FhirError, type FhirServer, type Write } from '../../src/fhir/port.ts';
import { backoffMs, type DeliveryOptions, deliverOutbox } from '../../src/pipeline/deliver-outbox.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';

const NOON = Date.parse('2026-03-01T12:00:00.000Z');
const iso = (ms: number) => new Date(ms).toISOString();

/** What the server does with the next requests for a resource: a status, or a cut connection before or after it took the write. */
type Answer = number | 'cut' | 'taken, then cut';

let state: State;
let http: Server;
let fhir: FhirServer;
let script: Record<string, Answer[]>;
/** What the server took, in order. */
let taken: string[];
let requests: number;

beforeEach(async () => {
  [script, taken, requests] = [{}, [], 0];
  state = await openState('sqlite::memory:');
  http = createServer(async (request, response) => {
    requests += 1;
    let body = '';
    for await (const part of request) body += part;
    const resource: FhirResource | undefined = body === '' ? undefined : JSON.parse(body);
    const path = `${request.method} ${(request.url ?? '').replace('/fhir/', '')}`;
    const answer = script[resource?.id ?? path]?.shift() ?? 201;
    if (answer === 'cut') return request.socket.destroy();
    if (answer === 'taken, then cut' || answer < 300) taken.push(resource?.id ?? path);
    if (answer === 'taken, then cut') return request.socket.destroy();
    response.writeHead(answer, { 'content-type': 'application/fhir+json', 'retry-after': '0' });
    response.end(answer < 300 && body !== '' ? body : JSON.stringify({ resourceType: 'OperationOutcome', issue: [] }));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const address = http.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  fhir = connectFhir({
    baseUrl: `http://127.0.0.1:${port}/fhir`,
    auth: { kind: 'none' },
    retry: { attempts: 1 },
    clientIds: 'yes',
  });
});
afterEach(async () => {
  await state.close();
  http.closeAllConnections();
  http.close();
  await once(http, 'close');
});

const put = (id: string): Write => ({
  method: 'PUT',
  resource: { resourceType: 'QuestionnaireResponse', id, status: 'completed', questionnaire: 'https://example.org/q' },
});
const enqueue = (id: string, stream: string, payload: unknown = { write: put(id) }) =>
  state.enqueue({
    id,
    stream,
    label: `QuestionnaireResponse/${id}`,
    payload,
    enqueuedAt: iso(NOON - 1_000),
    nextAttemptAt: iso(NOON - 1_000),
  });
const deliver = (now = NOON, more: Partial<DeliveryOptions> = {}) =>
  deliverOutbox(fhir, state, { now: () => now, holder: 'ward-3:1', ...more });
const waiting = async () => (await state.listEntries()).map((it) => it.id);

test('all that waits is delivered, each patient’s responses in the order of their arrival', async () => {
  for (const [id, patient] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
    ['a3', 'a'],
    ['b2', 'b'],
  ] as const)
    await enqueue(id, patient);
  expect(await deliver()).toEqual({ delivered: 5, failed: 0, dead: 0, held: false });
  expect(taken.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
  expect(taken.filter((id) => id.startsWith('b'))).toEqual(['b1', 'b2']);
  expect(await waiting()).toEqual([]);
});

test('an empty outbox sends nothing', async () => {
  expect(await deliver()).toEqual({ delivered: 0, failed: 0, dead: 0, held: false });
  expect(requests).toBe(0);
});

test.each([
  ['is overloaded (503)', 503],
  ['asks for patience (429)', 429],
  ['does not take our token (401)', 401],
  ['shows a gateway’s 404', 404],
  ['cuts the connection', 'cut'],
] as const)(
  'while the server %s, a response and those behind it wait, and the next patient’s is delivered',
  async (_, answer) => {
    script.a1 = [answer];
    await enqueue('a1', 'a');
    await enqueue('a2', 'a');
    await enqueue('b1', 'b');
    expect(await deliver()).toEqual({ delivered: 1, failed: 1, dead: 0, held: false });
    expect(taken).toEqual(['b1']);
    expect((await state.listEntries())[0]).toMatchObject({
      attempts: 1,
      state: 'waiting',
      nextAttemptAt: iso(NOON + 30_000),
    });
    expect(await deliver(NOON + 29_999)).toMatchObject({ delivered: 0, failed: 0 });
    expect(await deliver(NOON + 30_000)).toMatchObject({ delivered: 2, failed: 0 });
    expect(taken).toEqual(['b1', 'a1', 'a2']);
  },
);

test('a write that the server took before the connection broke is sent again and is there once', async () => {
  script.a1 = ['taken, then cut'];
  await enqueue('a1', 'a');
  expect(await deliver()).toMatchObject({ delivered: 0, failed: 1 });
  expect(await deliver(NOON + 30_000)).toMatchObject({ delivered: 1 });
  // PUT by id: the same resource twice.
  expect(new Set(taken)).toEqual(new Set(['a1']));
  expect(await waiting()).toEqual([]);
});

test('what the server refuses is a dead letter at once, with the reason and without the content', async () => {
  script.a1 = [422];
  await enqueue('a1', 'a');
  await enqueue('a2', 'a');
  expect(await deliver()).toEqual({ delivered: 1, failed: 0, dead: 1, held: false });
  const [dead] = await state.listEntries();
  expect(dead).toMatchObject({
    id: 'a1',
    state: 'dead',
    attempts: 1,
    lastError: expect.stringMatching(/^rejected: .*422/),
  });
  expect(await deliver(NOON + 86_400_000)).toMatchObject({ delivered: 0, dead: 0 });
});

test('a replayed dead letter is delivered', async () => {
  script.a1 = [422];
  await enqueue('a1', 'a');
  await deliver();
  await state.replay('a1', iso(NOON + 60_000));
  expect(await deliver(NOON + 60_000)).toMatchObject({ delivered: 1 });
  expect(taken).toEqual(['a1']);
});

test.each([409, 412])(
  'a write that somebody else was faster than (If-Match, %d) is a dead letter at once',
  async (status) => {
    script.a1 = [status];
    await enqueue('a1', 'a', { write: { ...put('a1'), ifMatch: '3' } });
    expect(await deliver()).toMatchObject({ delivered: 0, dead: 1 });
    expect(taken).toEqual([]);
  },
);

test('a lost race without a condition (409) is tried again', async () => {
  script.a1 = [409];
  await enqueue('a1', 'a');
  expect(await deliver()).toMatchObject({ failed: 1, dead: 0 });
  expect(await deliver(NOON + 30_000)).toMatchObject({ delivered: 1 });
});

test('deleting what is already gone is done', async () => {
  script['DELETE Task/t1'] = [410];
  await enqueue('t1', 'a', { write: { method: 'DELETE', type: 'Task', id: 't1' } });
  expect(await deliver()).toMatchObject({ delivered: 1 });
  expect(await waiting()).toEqual([]);
});

test('after the last attempt an entry is a dead letter that says how often it was tried', async () => {
  script.a1 = [503, 503, 503];
  await enqueue('a1', 'a');
  let now = NOON;
  for (const expected of [{ failed: 1 }, { failed: 1 }, { failed: 0, dead: 1 }]) {
    expect(await deliver(now, { maxAttempts: 3 })).toMatchObject(expected);
    now += 3_600_000;
  }
  expect(await state.listEntries()).toMatchObject([
    { state: 'dead', attempts: 3, lastError: expect.stringContaining('(after 3 tries)') },
  ]);
});

test('of a hundred patients, three find out that the server is down; the others lose no attempt', async () => {
  for (let patient = 0; patient < 100; patient += 1) {
    script[`r${patient}`] = [503];
    await enqueue(`r${patient}`, `Patient/${patient}`);
  }
  expect(await deliver()).toEqual({ delivered: 0, failed: 3, dead: 0, held: false });
  expect(requests).toBe(3);
  expect((await state.listEntries()).filter((it) => it.attempts > 0)).toHaveLength(3);
});

test('an entry without a write is a dead letter, and is not sent', async () => {
  for (const [id, payload] of [
    ['x1', null],
    ['x2', { write: { method: 'PATCH' } }],
    ['x3', { write: { method: 'PUT' } }],
  ] as const)
    await enqueue(id, id, payload);
  expect(await deliver()).toMatchObject({ delivered: 0, dead: 3 });
  expect(requests).toBe(0);
});

test('what is asked before sending decides: sent, already there, not to be kept, or for a person to look at', async () => {
  for (const id of ['sent', 'there', 'unwanted', 'doubtful']) await enqueue(id, id);
  const heard: unknown[] = [];
  const delivery = await deliver(NOON, {
    admit: async (entry, write) => {
      if (entry.id === 'there') return { kind: 'done' };
      if (entry.id === 'unwanted') return { kind: 'drop' };
      return entry.id === 'sent' ? { kind: 'send', write } : { kind: 'refused', reason: 'not of the programme' };
    },
    onDelivered: (write, result) => heard.push([write, result.id]),
  });
  expect(delivery).toEqual({ delivered: 2, failed: 0, dead: 1, dropped: 1, held: false });
  expect(taken).toEqual(['sent']);
  expect(heard).toEqual([[put('sent'), 'sent']]);
  expect(await state.listEntries()).toMatchObject([
    { id: 'doubtful', state: 'dead', lastError: 'not of the programme' },
  ]);
});

test('what cannot be asked before sending, because the server is down, waits', async () => {
  await enqueue('a1', 'a');
  const admit = () => Promise.reject(new FhirError('unreachable', 'GET Patient: no connection'));
  expect(await deliver(NOON, { admit })).toMatchObject({ delivered: 0, failed: 1 });
  expect(requests).toBe(0);
  expect(await state.listEntries()).toMatchObject([{ state: 'waiting', attempts: 1 }]);
});

test('while another process delivers, nothing is sent', async () => {
  await enqueue('a1', 'a');
  const other = await state.acquire(['outbox'], 'ward-4:2', 60_000, NOON);
  expect(await deliver()).toEqual({ delivered: 0, failed: 0, dead: 0, held: true });
  expect(requests).toBe(0);
  await other?.release();
  expect(await deliver()).toMatchObject({ delivered: 1, held: false });
});

test('a delivery that is asked to stop sends nothing more and leaves the rest waiting', async () => {
  await enqueue('a1', 'a');
  expect(await deliver(NOON, { signal: AbortSignal.abort() })).toMatchObject({ delivered: 0 });
  expect(requests).toBe(0);
  expect(await waiting()).toEqual(['a1']);
});

test('the time between two attempts doubles from 30 seconds to one hour', () => {
  expect([1, 2, 3, 7, 8, 20].map(backoffMs)).toEqual([30_000, 60_000, 120_000, 1_920_000, 3_600_000, 3_600_000]);
});
