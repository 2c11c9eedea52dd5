import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import type { Notice } from '../../src/notify/port.ts';
import { smtpNotify } from '../../src/notify/smtp-notify.ts';
import { signature, webhookNotify } from '../../src/notify/webhook-notify.ts';

const SECRET = 'the-webhook-secret-of-the-tests-32-bytes';
const notice: Notice = {
  id: '5a0c9a52-4b1d-4f5e-9a0c-3f6f1c0e8a11',
  kind: 'one-time-code',
  to: { reference: 'Patient/p1', phone: '+34600000001', email: 'maria@example.org', language: 'ca' },
  code: '042137',
};
const options = { timeoutMs: 2_000, attempts: 1, timeZone: 'Europe/Madrid', now: Date.now, pause: async () => {} };

test('the receiver of the webhook is told the telephone and the code, signed, and nothing about forms', async () => {
  const got: { body: string; headers: Record<string, unknown> }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    got.push({ body, headers: request.headers });
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const delivery = await webhookNotify({ ...options, url: `http://127.0.0.1:${port}/`, secret: SECRET }).send(notice);
  server.close();
  expect(delivery.kind).toBe('delivered');
  const [{ body, headers } = { body: '', headers: {} }] = got;
  expect(JSON.parse(body)).toMatchObject({
    type: 'vincle.one-time-code',
    data: { to: 'Patient/p1', phone: '+34600000001', code: '042137', language: 'ca' },
  });
  expect(JSON.parse(body).data.text).toMatch(/^042137\n/);
  const at = Number(headers['webhook-timestamp']);
  expect(headers['webhook-signature']).toBe(signature(SECRET, notice.id, at, body));
});

test('a code is never sent by e-mail, where the link itself may stand', async () => {
  const mail = smtpNotify({ ...options, url: 'smtp://127.0.0.1:1', from: 'vincle@example.org' });
  expect(await mail.send(notice)).toMatchObject({ kind: 'refused', reason: 'a code is not sent by e-mail' });
});
