import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import { smtpNotify } from '../../src/notify/smtp-notify.ts';
import { type Arrived, type Behaviour, NOTICE, notifyContract, type StartReceiver } from './notify-contract.ts';

const answer = (responseCode: number): Error =>
  Object.assign(new Error('nuria@example.org is not here'), { responseCode });

/** The words as a mail program shows them: quoted-printable or base64 undone. */
function readable(raw: string): string {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  if (/Content-Transfer-Encoding: base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

interface Started {
  readonly port: number;
  readonly arrived: Arrived[];
  readonly envelopes: { from: string; to: string[] }[];
  readonly tries: () => number;
  stop(): Promise<void>;
}

async function startSmtp(behaviours: readonly Behaviour[], host = '127.0.0.1'): Promise<Started> {
  const arrived: Arrived[] = [];
  const envelopes: Started['envelopes'] = [];
  let tries = 0;
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 100,
    onConnect(_session, callback) {
      tries += 1;
      const behaviour = behaviours[Math.min(tries, behaviours.length) - 1];
      if (behaviour !== 'is-silent') callback();
    },
    onRcptTo(_address, _session, callback) {
      const behaviour = behaviours[Math.min(tries, behaviours.length) - 1];
      if (behaviour === 'refuses') return callback(answer(550));
      if (behaviour === 'is-unavailable') return callback(answer(451));
      return callback();
    },
    onData(stream, session, callback) {
      const parts: Buffer[] = [];
      stream.on('data', (it: Buffer) => parts.push(it));
      stream.on('end', () => {
        const raw = Buffer.concat(parts).toString('utf8');
        const id = /^Message-ID: <(.*)@/im.exec(raw)?.[1] ?? '';
        arrived.push({ id, raw, text: readable(raw) });
        const { mailFrom, rcptTo } = session.envelope;
        envelopes.push({ from: mailFrom ? mailFrom.address : '', to: rcptTo.map((it) => it.address) });
        const behaviour = behaviours[Math.min(tries, behaviours.length) - 1];
        if (behaviour === 'cuts') for (const it of server.connections) it.close();
        else callback();
      });
    },
  });
  // A connection that the client gives up is what some of these tests are about.
  server.on('error', () => {});
  const { server: net } = server;
  server.listen(0, host);
  if (!net.listening) await once(net, 'listening');
  const address = net.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= new Promise((resolve) => server.close(() => resolve()));
    return stopped;
  };
  return { port: address.port, arrived, envelopes, tries: () => tries, stop };
}

const FROM = 'vincle@hospital.example';
const start: StartReceiver = async (options, ...behaviours) => {
  const { port, arrived, tries, stop } = await startSmtp(behaviours);
  const notify = smtpNotify({ ...options, url: `smtp://127.0.0.1:${port}`, from: FROM });
  return { notify, arrived, tries, stop };
};

notifyContract('smtp', start);

const options = { timeoutMs: 2_000, attempts: 1, timeZone: 'Europe/Madrid', now: Date.now, pause: async () => {} };
let started: Started | undefined;
afterEach(async () => {
  await started?.stop();
  started = undefined;
});

test.each([
  ['no address', undefined],
  ['an address that adds a header', 'nuria@example.org\r\nBcc: everybody@example.org'],
  ['two addresses', 'nuria@example.org, everybody@example.org'],
  ['a display name', 'Núria <nuria@example.org>'],
  ['a group', 'all: nuria@example.org, everybody@example.org;'],
  ['a quoted local part', '"nuria@example.org,"@example.org'],
  ['a space', 'nu ria@example.org'],
])('%s is refused before anything is sent', async (_what, email) => {
  started = await startSmtp(['takes']);
  const notify = smtpNotify({ ...options, url: `smtp://127.0.0.1:${started.port}`, from: FROM });
  const { email: _own, ...to } = NOTICE.to;
  const ended = await notify.send({ ...NOTICE, to: { ...to, ...(email === undefined ? {} : { email }) } });
  expect([ended.kind, started.tries()]).toEqual(['refused', 0]);
  expect(JSON.stringify(ended)).not.toContain('example.org');
});

test('mail goes to one recipient, in text only, and says that it is automatic', async () => {
  started = await startSmtp(['takes']);
  const notify = smtpNotify({ ...options, url: `smtp://127.0.0.1:${started.port}`, from: FROM });
  await notify.send(NOTICE);
  expect(started.envelopes).toEqual([{ from: FROM, to: ['nuria@example.org'] }]);
  const [{ raw } = { raw: '' }] = started.arrived;
  for (const it of [
    /^Auto-Submitted: auto-generated\r$/m,
    /^Content-Type: text\/plain/m,
    /^To: nuria@example\.org\r$/m,
  ])
    expect(raw).toMatch(it);
  expect(raw).not.toMatch(/html|multipart|nodemailer/i);
});

test('a server off this machine that offers no TLS is not spoken to, unless the site says so', async () => {
  // Another address of this machine stands for another machine.
  started = await startSmtp(['takes'], '127.0.0.2');
  const url = `smtp://127.0.0.2:${started.port}`;
  const guarded = await smtpNotify({ ...options, url, from: FROM }).send(NOTICE);
  expect([guarded.kind, started.arrived.length]).toEqual(['unreachable', 0]);
  const said = await smtpNotify({ ...options, url: `${url}?tls=off`, from: FROM }).send(NOTICE);
  expect([said.kind, started.arrived.length]).toEqual(['delivered', 1]);
});
