import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import type { Vincle } from '../http/rig.ts';
import { ask, Browser } from './rig/browser.ts';
import { freePort, type Hospital, openHospital, type VincleAt, vincleAt } from './rig/hospital.ts';
import { launchAlone, launchFromEhr, reasonOf, type Tab, tabOf } from './rig/launched.ts';

jest.setTimeout(60_000);

let hospital: Hospital;
let folder: string;
const running: Vincle[] = [];

beforeAll(async () => {
  hospital = await openHospital();
  folder = mkdtempSync(join(tmpdir(), 'vincle-sessions-'));
});
afterEach(async () => {
  hospital.authority.tokenFault = undefined;
  hospital.authority.gate.fault = undefined;
  hospital.authority.lifetimes.accessSeconds = 300;
  for (const vincle of running.splice(0)) await vincle.stop();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await hospital.stop();
});

async function vincle(at: VincleAt = {}): Promise<Vincle> {
  const started = await vincleAt(hospital, at);
  running.push(started);
  return started;
}

/** A request that asks the hospital with the person’s own token. */
const readSteps = (tab: Tab, patient = 'p1') => tab.ask(`/api/patients/${patient}/steps`);
const THERAPIST = { person: 'therapist', patient: 'p1' };

test('two tabs of one browser on two patients stay each on its own: neither sees or changes the other’s patient', async () => {
  await vincle();
  const browser = new Browser();
  const one = await launchFromEhr(hospital, THERAPIST, browser);
  const two = await launchFromEhr(hospital, { person: 'therapist', patient: 'p2' }, browser);
  expect([(await one.session()).patient, (await two.session()).patient]).toEqual(['p1', 'p2']);
  expect((await readSteps(one, 'p1')).status).toBe(200);
  const crossed = await readSteps(one, 'p2');
  expect([crossed.status, await reasonOf(crossed)]).toEqual([403, 'not-your-patient']);
});

test('two people in one browser stay two: each tab asks the hospital with its own person’s token', async () => {
  await vincle();
  const browser = new Browser();
  const therapist = await launchFromEhr(hospital, THERAPIST, browser);
  const patient = await launchAlone(hospital, { person: 'patient-1', patient: 'p1' }, browser);
  expect((await therapist.session()).user.reference).toBe('Practitioner/t1');
  expect((await patient.session()).user.reference).toBe('Patient/p1');
});

test('the id of a launch alone opens nothing: not in another browser, not with another launch’s cookie', async () => {
  await vincle();
  const origin = `http://127.0.0.1:${hospital.port}`;
  const theirs = await launchFromEhr(hospital, THERAPIST);
  const stranger = tabOf(origin, new Browser(), theirs.arrived);
  const mine = await launchFromEhr(hospital, { person: 'patient-2', patient: 'p2' });
  const withMine = tabOf(origin, mine.browser, theirs.arrived);
  for (const tab of [stranger, withMine]) {
    const answer = await tab.ask('/api/session');
    expect([answer.status, await reasonOf(answer)]).toEqual([401, 'no-launch']);
  }
  const cookie = mine.browser.cookies.find((it) => it.name.includes(mine.launch));
  const forged = await ask(`${origin}/api/session`, {
    headers: { 'vincle-launch': theirs.launch, cookie: `vincle-${theirs.launch}=${cookie?.value}` },
  });
  expect([forged.status, await reasonOf(forged)]).toEqual([401, 'launch-over']);
});

test('7 · no cookie holds a token, and none can be read by a script', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  const tokens = hospital.authority.gate.seen.map((it) => it.authorization?.slice('Bearer '.length) ?? 'none');
  const own = tab.browser.cookies.filter((it) => it.name.startsWith('vincle') || it.name.startsWith('__'));
  expect(own.length).toBeGreaterThan(0);
  for (const { value, attributes } of own) {
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(tokens).not.toContain(value);
    expect(attributes).toEqual(expect.arrayContaining(['httponly', 'samesite=lax']));
  }
});

test('7, 61 · over TLS every cookie is Secure, of this host alone, and fit for a frame of that EHR alone', async () => {
  await vincle({ publicUrl: 'https://vincle.example' });
  const origin = `http://127.0.0.1:${hospital.port}`;
  const answer = await ask(`${origin}/launch?iss=${encodeURIComponent(hospital.authority.iss)}&launch=x`, {});
  const [cookie = ''] = answer.headers.getSetCookie();
  const parts = cookie.split('; ').map((it) => it.toLowerCase());
  expect(cookie).toMatch(/^__Host-vincle-/);
  expect(parts).toEqual(expect.arrayContaining(['path=/', 'secure', 'httponly', 'samesite=none', 'partitioned']));
  expect(parts.some((it) => it.startsWith('domain='))).toBe(false);
});

test('a change needs the token of the page, and the page’s own origin', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  for (const csrf of ['', 'x'.repeat(43)]) {
    const answer = await tab.ask('/api/logout', { method: 'POST', headers: { 'vincle-csrf': csrf } });
    expect([answer.status, await reasonOf(answer)]).toEqual([403, 'csrf']);
  }
  await tab.session();
  for (const site of ['cross-site', 'same-site', 'none']) {
    const answer = await tab.ask('/api/logout', { method: 'POST', headers: { 'sec-fetch-site': site } });
    expect([answer.status, await reasonOf(answer)]).toEqual([403, 'cross-site']);
  }
  expect((await tab.ask('/api/logout', { method: 'POST' })).status).toBe(204);
});

test('a restart logs nobody out, and any replica on the same state answers', async () => {
  const stateUrl = `sqlite:${join(folder, 'shared.sqlite')}`;
  const first = await vincle({ stateUrl });
  const tab = await launchFromEhr(hospital, THERAPIST);
  await tab.session();
  const other = await vincle({ stateUrl, port: await freePort() });
  const cookie = tab.browser.cookies.find((it) => it.name.includes(tab.launch));
  const onOther = await ask(`${other.url}/api/session`, {
    headers: { 'vincle-launch': tab.launch, cookie: `${cookie?.name}=${cookie?.value}` },
  });
  expect(onOther.status).toBe(200);
  running.splice(running.indexOf(first), 1);
  await first.stop();
  await vincle({ stateUrl });
  expect((await tab.session()).patient).toBe('p1');
});

test('a launch that one replica began another finishes', async () => {
  const stateUrl = `sqlite:${join(folder, 'begun.sqlite')}`;
  const first = await vincle({ stateUrl });
  const { authority, port } = hospital;
  const browser = new Browser();
  const back = await browser.go(
    authority.launchUrl(`http://127.0.0.1:${port}`, THERAPIST),
    (url) => url.pathname === '/callback',
  );
  running.splice(running.indexOf(first), 1);
  await first.stop();
  await vincle({ stateUrl });
  const arrived = await browser.go(back.url, (url) => url.pathname.startsWith('/app/'));
  expect(arrived.url.pathname).toMatch(/\/patients\/p1$/);
});

test('neither a token, nor a person, nor a patient can be read in the state file', async () => {
  const file = join(folder, 'sealed.sqlite');
  await vincle({ stateUrl: `sqlite:${file}` });
  const tab = await launchFromEhr(hospital, THERAPIST);
  await readSteps(tab);
  const tokens = hospital.authority.gate.seen.flatMap((it) => it.authorization?.slice('Bearer '.length) ?? []);
  const cookie = tab.browser.cookies.find((it) => it.name.includes(tab.launch))?.value ?? 'none';
  const bytes = [file, `${file}-wal`].map((it) => readFileSync(it, 'latin1')).join('');
  expect(bytes).toContain(tab.launch);
  for (const secret of [...tokens, cookie, 'Practitioner/t1', 'Patient/p1']) expect(bytes.includes(secret)).toBe(false);
});

test('a launch that nobody used for its idle time is over; one that is used goes on, but never beyond its longest time', async () => {
  const MINUTE = 60_000;
  const real = Date.now;
  let passed = 0;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => real() + passed);
  try {
    await vincle({ times: { idleMs: 30 * MINUTE, longestMs: 60 * MINUTE } });
    const idle = await launchFromEhr(hospital, THERAPIST);
    const used = await launchFromEhr(hospital, THERAPIST);
    const seen: [number, number][] = [];
    for (passed = 20 * MINUTE; passed < 70 * MINUTE; passed += 20 * MINUTE)
      seen.push([passed / MINUTE, (await used.ask('/api/session')).status]);
    expect(seen).toEqual([
      [20, 200],
      [40, 200],
      [60, 401],
    ]);
    expect((await idle.ask('/api/session')).status).toBe(401);
  } finally {
    clock.mockRestore();
  }
});

test('logging out ends the launch everywhere, takes its cookie away and revokes both tokens', async () => {
  await vincle();
  const tab = await launchFromEhr(hospital, THERAPIST);
  const other = await launchFromEhr(hospital, { person: 'therapist', patient: 'p2' }, tab.browser);
  await readSteps(tab);
  await tab.session();
  const kept = tab.browser.cookies.find((it) => it.name.includes(tab.launch));
  const revoked = hospital.authority.asked.revoke.length;
  expect((await tab.ask('/api/logout', { method: 'POST' })).status).toBe(204);
  expect(tab.browser.cookies.some((it) => it.name.includes(tab.launch))).toBe(false);
  const again = await ask(`http://127.0.0.1:${hospital.port}/api/session`, {
    headers: { 'vincle-launch': tab.launch, cookie: `${kept?.name}=${kept?.value}` },
  });
  expect(again.status).toBe(401);
  expect(hospital.authority.asked.revoke.length).toBe(revoked + 2);
  expect((await other.session()).patient).toBe('p2');
});

test.each(['cut', 'silent', 500] as const)(
  'logging out ends the launch here also where the authorization server does not take the tokens back (%s)',
  async (fault) => {
    await vincle();
    const tab = await launchFromEhr(hospital, THERAPIST);
    await tab.session();
    hospital.authority.tokenFault = fault;
    expect((await tab.ask('/api/logout', { method: 'POST' })).status).toBe(204);
    expect((await tab.ask('/api/session')).status).toBe(401);
  },
);
