import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_MIN_VERSION } from 'node:tls';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { readSmartConfiguration } from '../../src/http/smart/smart-configuration.ts';
import type { Vincle } from '../http/rig.ts';
import { ask } from './rig/browser.ts';
import { freePort, type Hospital, openHospital, registrationAt, type VincleAt, vincleAt } from './rig/hospital.ts';
import { launchFromEhr, reasonOf } from './rig/launched.ts';
import { type ScriptedAuthority, startScripted } from './rig/scripted-authority.ts';

jest.setTimeout(60_000);

let hospital: Hospital;
let scripted: ScriptedAuthority;
let appFolder: string;
const running: Vincle[] = [];

beforeAll(async () => {
  hospital = await openHospital();
  scripted = await startScripted();
  appFolder = mkdtempSync(join(tmpdir(), 'vincle-app-'));
  for (const app of ['clinician', 'form']) {
    mkdirSync(join(appFolder, app));
    writeFileSync(join(appFolder, app, 'index.html'), '<!doctype html><title>app</title>');
  }
  mkdirSync(join(appFolder, 'assets'));
  writeFileSync(join(appFolder, 'assets', 'main-a1b2.js'), 'export {};');
  writeFileSync(join(appFolder, 'secret.txt'), 'not an asset');
});
afterEach(async () => {
  for (const vincle of running.splice(0)) await vincle.stop();
});
afterAll(async () => {
  rmSync(appFolder, { recursive: true });
  await scripted.stop();
  await hospital.stop();
});

async function vincle(at: VincleAt = {}): Promise<string> {
  running.push(await vincleAt(hospital, { ...at, options: { appFolder, ...at.options } }));
  return `http://127.0.0.1:${hospital.port}`;
}

test('1, 230, 232, 318 · no line older than TLS 1.2 is spoken, and an open line goes nowhere but to this machine', async () => {
  expect(['TLSv1.2', 'TLSv1.3']).toContain(DEFAULT_MIN_VERSION);
  for (const endpoint of ['authorization_endpoint', 'token_endpoint', 'jwks_uri', 'revocation_endpoint']) {
    scripted.configuration = {
      [endpoint]: 'http://hospital.example/x',
      ...(endpoint === 'jwks_uri' ? { issuer: undefined } : {}),
    };
    await expect(readSmartConfiguration(scripted.iss)).rejects.toThrow('smart-configuration');
  }
  scripted.reset();
});

test('1 · a SMART configuration that sends elsewhere by a redirect is not followed', async () => {
  // The redirect would be to another host: whoever answers there was never registered.
  await expect(readSmartConfiguration(`${scripted.origin}/nowhere`)).rejects.toThrow('authorization-away');
});

test('the pages of the app load nothing but their own files, run nothing inline, and nobody may frame them', async () => {
  const origin = await vincle();
  for (const page of ['/app', '/app/x/patients/p1', '/form', '/form/x/tasks/t']) {
    const answer = await ask(`${origin}${page}`);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(answer.status).toBe(200);
    expect(policy.split('; ')).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'strict-transport-security': expect.stringContaining('max-age='),
    });
  }
});

test('an EHR that is registered to frame the app may, and no other', async () => {
  const registration = { ...registrationAt(hospital.authority), frameAncestors: ['https://ehr.example:8443'] };
  const origin = await vincle({ registrations: [registration] });
  const answer = await ask(`${origin}/app/x/patients/p1`);
  expect(answer.headers.get('content-security-policy')).toContain('frame-ancestors https://ehr.example:8443');
  expect(answer.headers.has('x-frame-options')).toBe(false);
  const api = await ask(`${origin}/api/session`);
  expect(api.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
});

test('a file is served by its name among the assets alone: nothing above or beside them', async () => {
  const origin = await vincle();
  expect((await ask(`${origin}/assets/main-a1b2.js`)).headers.get('cache-control')).toContain('immutable');
  for (const path of [
    '..%2fsecret.txt',
    '%2e%2e/secret.txt',
    '.hidden',
    'none.js',
    '..%5csecret.txt',
    'main-a1b2.js%00',
  ])
    expect((await ask(`${origin}/assets/${path}`)).status).toBeGreaterThanOrEqual(400);
});

test('what the API answers is kept by nobody on the way', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  const answer = await tab.ask('/api/session');
  expect(answer.headers.get('cache-control')).toBe('no-store');
});

test('the session says nothing that opens anything: no token, no secret, no cookie', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  await tab.ask('/api/patients/p1/steps');
  const text = JSON.stringify(await tab.session());
  const tokens = hospital.authority.gate.seen.flatMap((it) => it.authorization?.slice('Bearer '.length) ?? []);
  for (const secret of [...tokens, ...tab.browser.cookies.map((it) => it.value)]) expect(text).not.toContain(secret);
});

test('neither code, state nor token stays in an address that the browser keeps', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  expect(tab.arrived.url.search).toBe('');
  expect(tab.arrived.url.pathname).toMatch(/^\/app\/[A-Za-z0-9_-]+\/patients\/p1$/);
});

test('whoever launches, or asks, more than the site allows in a minute is told to wait; other launches go on', async () => {
  const origin = await vincle({ options: { rateLimits: { launches: 6, requests: 5 } } });
  const one = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  const two = await launchFromEhr(hospital, { person: 'therapist', patient: 'p2' });
  const statuses: number[] = [];
  for (let time = 0; time < 6; time += 1) statuses.push((await one.ask('/api/session')).status);
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  const refused = await one.ask('/api/session');
  expect([refused.status, refused.headers.get('retry-after'), await reasonOf(refused)]).toEqual([
    429,
    '60',
    'too-many',
  ]);
  expect((await two.ask('/api/session')).status).toBe(200);
  // Two launches were a beginning and a return each: two more fit.
  const launches: number[] = [];
  for (let time = 0; time < 3; time += 1)
    launches.push((await ask(`${origin}/launch?iss=${encodeURIComponent(hospital.authority.iss)}`)).status);
  expect(launches).toEqual([303, 303, 429]);
});

test('two replicas on one state count together: a launch has its minute once, whichever it asks', async () => {
  const stateUrl = `sqlite:${join(mkdtempSync(join(appFolder, 'state-')), 'shared.sqlite')}`;
  const options = { rateLimits: { launches: 6, requests: 5 } };
  await vincle({ stateUrl, options });
  const other = await freePort();
  await vincle({ stateUrl, options, port: other });
  const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  const cookie = tab.browser.cookies.find((it) => it.name.includes(tab.launch));
  const headers = { 'vincle-launch': tab.launch, cookie: `${cookie?.name}=${cookie?.value}` };
  const statuses: number[] = [];
  for (let time = 0; time < 4; time += 1) {
    statuses.push((await tab.ask('/api/session')).status);
    statuses.push((await ask(`http://127.0.0.1:${other}/api/session`, { headers })).status);
  }
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429]);
});

test('what others claim about the caller’s address is believed from the configured proxies alone', async () => {
  const origin = await vincle({ options: { rateLimits: { launches: 2, requests: 100 } } });
  const statuses: number[] = [];
  for (let time = 0; time < 4; time += 1) {
    const headers = { 'x-forwarded-for': `203.0.113.${time}` };
    const launch = `${origin}/launch?iss=${encodeURIComponent(hospital.authority.iss)}`;
    statuses.push((await ask(launch, { headers })).status);
  }
  expect(statuses).toEqual([303, 303, 429, 429]);
});

test('a launch that went wrong is said to the person in three languages, and to a program as an OperationOutcome', async () => {
  const origin = await vincle();
  const launch = `${origin}/launch?iss=https%3A%2F%2Felsewhere.example&launch=x`;
  const said = await Promise.all(
    ['es', 'ca', 'en', 'de'].map(async (language) => {
      const answer = await ask(launch, { headers: { accept: 'text/html', 'accept-language': language } });
      return /<html lang="(\w+)">/.exec(await answer.text())?.[1];
    }),
  );
  expect(said).toEqual(['es', 'ca', 'en', 'es']);
  const program = await ask(launch, { headers: { accept: 'application/json' } });
  expect([program.status, await reasonOf(program)]).toEqual([403, 'unknown-iss']);
});
