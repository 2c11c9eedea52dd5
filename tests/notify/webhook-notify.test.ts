import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from '@jest/globals';
import { signature, webhookNotify } from '../../src/notify/webhook-notify.ts';
import { type Arrived, type Behaviour, NOTICE, notifyContract, type StartReceiver } from './notify-contract.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const REFUSAL = 'nuria@example.org is not known here';

interface Posted extends Arrived {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}
interface Started {
  readonly url: string;
  readonly arrived: Posted[];
  readonly tries: () => number;
  stop(): Promise<void>;
}

function answer(behaviour: Behaviour | number | undefined, response: ServerResponse): void {
  if (behaviour === 'is-silent') return;
  if (behaviour === 'cuts') return void response.destroy();
  const status =
    behaviour === 'takes' ? 204 : behaviour === 'refuses' ? 422 : behaviour === 'is-unavailable' ? 503 : behaviour;
  response.writeHead(status ?? 204, status === 302 ? { location: 'http://127.0.0.1:9/elsewhere' } : {});
  response.end(status === 204 ? undefined : REFUSAL);
}

async function startReceiver(behaviours: readonly (Behaviour | number)[]): Promise<Started> {
  const arrived: Posted[] = [];
  let tries = 0;
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    tries += 1;
    const body = Buffer.concat(parts).toString('utf8');
    const { headers } = request;
    if (request.method === 'POST') {
      const read = JSON.parse(body);
      const raw = `${JSON.stringify(headers)}\n${body}`;
      arrived.push({
        id: String(headers['webhook-id']),
        raw,
        text: `${read.data.subject}\n${read.data.text}`,
        headers,
        body,
      });
    }
    answer(behaviours[Math.min(tries, behaviours.length) - 1], response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${address.port}/notices`, arrived, tries: () => tries, stop };
}

const start: StartReceiver = async (options, ...behaviours) => {
  const { url, arrived, tries, stop } = await startReceiver(behaviours);
  return { notify: webhookNotify({ ...options, url, secret: SECRET }), arrived, tries, stop };
};

notifyContract('webhook', start);

const NOW = Date.parse('2026-03-01T08:00:00Z');
const options = { timeoutMs: 2_000, attempts: 1, timeZone: 'Europe/Madrid', now: () => NOW, pause: async () => {} };
let started: Started | undefined;
afterEach(async () => {
  await started?.stop();
  started = undefined;
});

test('the signature is the one of the Standard Webhooks specification', () => {
  // The vector of the specification's reference libraries (standard-webhooks/standard-webhooks, libraries/*/tests).
  expect(signature(SECRET, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, '{"test": 2432232314}')).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('a receiver can verify what came, by id, time and the body as it came over the wire', async () => {
  started = await startReceiver(['takes']);
  await webhookNotify({ ...options, url: started.url, secret: SECRET }).send(NOTICE);
  const { headers, body } = started.arrived[0]!;
  const [id, timestamp] = [headers['webhook-id'], headers['webhook-timestamp']];
  const key = Buffer.from(SECRET.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  expect([headers['webhook-signature'], id, timestamp]).toEqual([`v1,${expected}`, NOTICE.id, String(NOW / 1000)]);
});

test('the receiver knows people by reference: no e-mail address leaves', async () => {
  started = await startReceiver(['takes']);
  await webhookNotify({ ...options, url: started.url, secret: SECRET }).send(NOTICE);
  expect(started.arrived[0]?.raw).not.toContain('nuria');
  expect(JSON.parse(started.arrived[0]?.body ?? '')).toEqual({
    type: 'vincle.reminder',
    id: NOTICE.id,
    data: {
      to: 'Patient/p1',
      language: 'ca',
      subject: 'Recordatori',
      text: expect.stringContaining('29 de març'),
      link: NOTICE.link,
      respondBy: NOTICE.respondBy,
    },
  });
});

test.each([
  [200, 'delivered'],
  [202, 'delivered'],
  [302, 'refused'],
  [400, 'refused'],
  [401, 'refused'],
  [410, 'refused'],
  [408, 'unreachable'],
  [429, 'unreachable'],
  [500, 'unreachable'],
  [502, 'unreachable'],
])('HTTP %d means %s', async (status, kind) => {
  started = await startReceiver([status]);
  const ended = await webhookNotify({ ...options, url: started.url, secret: SECRET }).send(NOTICE);
  expect([ended.kind, started.tries()]).toEqual([kind, 1]);
});
