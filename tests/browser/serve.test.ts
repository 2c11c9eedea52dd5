import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Running, startVincle } from '../faults/vincle.ts';
import { CLIENT_IDS } from '../smart/authority/start-authority.ts';
import { ask } from '../smart/rig/browser.ts';
import { type Hospital, openHospital } from '../smart/rig/hospital.ts';
import { launchFromEhr, type Tab } from '../smart/rig/launched.ts';

// The command as a hospital starts it: settings, a file of registrations with a key beside it, and the built pages.
let hospital: Hospital;
let folder: string;
const running: Running[] = [];

beforeAll(async () => {
  hospital = await openHospital();
  folder = mkdtempSync(join(tmpdir(), 'vincle-serve-'));
  const { authority } = hospital;
  writeFileSync(join(folder, 'key.pem'), authority.keys.ES384.pem);
  writeFileSync(
    join(folder, 'registrations.json'),
    JSON.stringify([
      { iss: authority.iss, clientId: CLIENT_IDS.ES384, authentication: 'private_key_jwt', privateKeyFile: 'key.pem' },
    ]),
  );
});
afterEach(async () => {
  for (const it of running.splice(0)) {
    it.end();
    await it.ended;
  }
});
afterAll(async () => {
  await hospital.stop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (more: Record<string, string> = {}) => ({
  FHIR_BASE_URL: hospital.authority.iss,
  FHIR_AUTH: 'bearer',
  FHIR_TOKEN: hospital.authority.systemToken,
  STUDY: 'study',
  STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
  SMART_REGISTRATIONS_FILE: join(folder, 'registrations.json'),
  PUBLIC_URL: `http://127.0.0.1:${hospital.port}`,
  PORT: String(hospital.port),
  ...more,
});

async function serve(): Promise<Running> {
  const started = startVincle(['serve'], environment());
  running.push(started);
  const listening = new Promise<void>((resolve) => {
    started.onStderr((said) => {
      if (said.includes('Vincle listens')) resolve();
    });
  });
  const ended = started.ended.then(({ stderr }) => Promise.reject(new Error(`it ended: ${stderr.slice(-500)}`)));
  await Promise.race([listening, ended]);
  ended.catch(() => undefined);
  return started;
}

const chart = (): Promise<Tab> => launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });

test('`vincle serve` is launched from a chart, serves the page, and survives being killed with the launch in it', async () => {
  const first = await serve();
  const tab = await chart();
  expect((await tab.session()).patient).toBe('p1');
  const page = await ask(tab.arrived.url);
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(await page.text())?.[1] ?? 'none';
  expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
  expect((await ask(`http://127.0.0.1:${hospital.port}${script}`)).status).toBe(200);
  first.kill();
  await first.ended;
  running.splice(0);
  await serve();
  expect((await tab.session()).patient).toBe('p1');
  hospital.authority.expireAccessTokens();
  expect((await tab.ask('/api/patients/p1/steps')).status).toBe(200);
  expect((await tab.ask('/api/logout', { method: 'POST' })).status).toBe(204);
});

test('what it writes to its log and its state tells nobody’s token, person or patient', async () => {
  const started = await serve();
  const tab = await chart();
  await tab.session();
  await tab.ask('/api/patients/p1/steps');
  const tokens = hospital.authority.gate.seen
    .filter((it) => it.person === 'therapist')
    .map((it) => it.authorization?.slice('Bearer '.length) ?? 'none');
  started.end();
  const { stderr, stdout } = await started.ended;
  running.splice(0);
  const written = `${stderr}${stdout}${readFileSync(join(folder, 'state.sqlite'), 'latin1')}`;
  expect(tokens.length).toBeGreaterThan(0);
  for (const secret of [...tokens, ...tab.browser.cookies.map((it) => it.value), 'Practitioner/t1', 'Patient/p1'])
    expect(written.includes(secret)).toBe(false);
});

test('registrations that cannot be used end it with 2, and the place is named', async () => {
  const file = join(folder, 'wrong.json');
  writeFileSync(file, JSON.stringify([{ iss: hospital.authority.iss, clientId: 'x', authentication: 'secret' }]));
  const { code, stderr } = await startVincle(['serve'], environment({ SMART_REGISTRATIONS_FILE: file })).ended;
  expect([code, stderr.includes('/0/authentication')]).toEqual([2, true]);
});

test('the demonstration does not start beside registrations', async () => {
  const { code, stderr } = await startVincle(['demo'], {
    SMART_REGISTRATIONS_FILE: join(folder, 'registrations.json'),
    PUBLIC_URL: 'https://vincle.hospital.example',
  }).ended;
  expect([code, stderr.includes('SMART_REGISTRATIONS_FILE')]).toEqual([2, true]);
});
