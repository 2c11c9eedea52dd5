import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { request } from './fhir-request.ts';

interface Received {
  readonly line: string;
  readonly secret: string | undefined;
  readonly body: string;
}

let server: Embedded;
let hook: Server;
let endpoint: string;
const received: Received[] = [];
/** Statuses to answer with before the hook says 200. */
const failures: number[] = [];

beforeAll(async () => {
  server = await startEmbedded();
  hook = createServer(async (message: IncomingMessage, answer) => {
    const body = await text(message);
    const status = failures.shift() ?? 200;
    answer.writeHead(status).end();
    if (status !== 200) return;
    const secret = message.headers['x-secret'];
    received.push({ line: `${message.method} ${message.url}`, secret: String(secret), body });
    hook.emit('delivered');
  }).listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const address = hook.address();
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/hooks`;
  const subscription = {
    resourceType: 'Subscription',
    id: 'sub',
    status: 'requested',
    reason: 'test',
    criteria: 'QuestionnaireResponse?status=completed',
    channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json', header: ['X-Secret: s3'] },
  };
  await request(`${server.baseUrl}/Subscription/sub`, 'PUT', subscription);
  let status: string | undefined;
  while (status !== 'active') status = (await request(`${server.baseUrl}/Subscription/sub`)).body.status;
});
afterAll(async () => {
  await server.stop();
  hook.close();
});

const store = (id: string, status: string) =>
  request(`${server.baseUrl}/QuestionnaireResponse/${id}`, 'PUT', {
    resourceType: 'QuestionnaireResponse',
    id,
    status,
  });

test('a response that meets the criteria is PUT to the endpoint with the subscription’s header, another is not', async () => {
  const delivered = once(hook, 'delivered');
  await store('draft', 'in-progress');
  await store('done', 'completed');
  await delivered;
  expect(received.map(({ line }) => line)).toEqual(['PUT /hooks/QuestionnaireResponse/done']);
  expect(received[0]?.secret).toBe('s3');
  expect(JSON.parse(received[0]?.body ?? '')).toMatchObject({ id: 'done', meta: { versionId: '1' } });
});

test('a notification that the endpoint fails to take is sent again, in order, each once', async () => {
  received.length = 0;
  failures.push(500, 503);
  await store('first', 'completed');
  await store('second', 'completed');
  while (received.length < 2) await once(hook, 'delivered');
  expect(received.map(({ line }) => line)).toEqual([
    'PUT /hooks/QuestionnaireResponse/first',
    'PUT /hooks/QuestionnaireResponse/second',
  ]);
});
