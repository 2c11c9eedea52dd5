import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Browser, type BrowserContext, chromium, type Frame, type Page } from 'playwright-core';
import type { Vincle } from '../http/rig.ts';
import { type Hospital, openHospital, registrationAt, vincleAt } from '../smart/rig/hospital.ts';
import { startTlsFront, type TlsFront } from '../smart/rig/tls-front.ts';
import { CHROMIUM_ARGUMENTS, chromiumProgram } from './rig/chromium.ts';

// Vincle over TLS on one site, the EHR on another, in a browser that gives no third party its cookies.
let browser: Browser;
let context: BrowserContext;
let front: TlsFront;
let hospital: Hospital;
let vincle: Vincle;
let appFolder: string;

beforeAll(async () => {
  const executablePath = chromiumProgram();
  if (executablePath === undefined) throw new Error('No Chromium on this machine.');
  browser = await chromium.launch({
    executablePath,
    args: [...CHROMIUM_ARGUMENTS, '--test-third-party-cookie-phaseout'],
  });
  appFolder = mkdtempSync(join(tmpdir(), 'vincle-framed-'));
  for (const app of ['clinician', 'form']) {
    mkdirSync(join(appFolder, app));
    writeFileSync(join(appFolder, app, 'index.html'), '<!doctype html><title>app</title><p>app</p>');
  }
  front = await startTlsFront();
  hospital = await openHospital({ redirectUris: [`${front.origin}/callback`] });
  const { authority } = hospital;
  const registration = { ...registrationAt(authority), frameAncestors: [authority.issuer] };
  vincle = await vincleAt(hospital, {
    publicUrl: front.origin,
    registrations: [registration],
    options: { appFolder },
  });
  front.target = vincle.url;
});
afterAll(async () => {
  await browser.close();
  await vincle.stop();
  await front.stop();
  await hospital.stop();
  rmSync(appFolder, { recursive: true });
});
beforeEach(async () => {
  context = await browser.newContext({ ignoreHTTPSErrors: true });
  context.setDefaultTimeout(15_000);
});
afterEach(() => context.close());

const CHART = { person: 'therapist', patient: 'p1' };
const APP = /^https:\/\/localhost:\d+\/app\//;

async function framed(page: Page): Promise<Frame> {
  const arrived = page.waitForEvent('framenavigated', { predicate: (it) => APP.test(it.url()) });
  await page.goto(hospital.authority.framedUrl(front.origin, CHART));
  return arrived;
}

/** What the page of a launch learns of its session: the status, and the patient where it is 200. */
const session = (where: Page | Frame): Promise<unknown> =>
  where.evaluate(`(async () => {
    const headers = { 'Vincle-Launch': location.pathname.split('/')[2] };
    const answer = await fetch('/api/session', { headers });
    return [answer.status, answer.ok ? (await answer.json()).patient : undefined];
  })()`);

test('in a frame of the EHR, on another site, a launch begins, comes back and knows its session', async () => {
  const page = await context.newPage();
  const frame = await framed(page);
  expect(new URL(page.url()).hostname).toBe('127.0.0.1');
  expect(await session(frame)).toEqual([200, 'p1']);
  const cookies = await context.cookies(front.origin);
  expect(cookies.every((it) => it.secure && it.httpOnly && it.sameSite === 'None')).toBe(true);
});

test('outside a frame, in a window of its own, it does too', async () => {
  const page = await context.newPage();
  await page.goto(hospital.authority.launchUrl(front.origin, CHART));
  await page.waitForURL(APP);
  expect(await session(page)).toEqual([200, 'p1']);
});

test('the session of the EHR’s frame is not that of a window: its address alone opens nothing there', async () => {
  const page = await context.newPage();
  const frame = await framed(page);
  const window = await context.newPage();
  await window.goto(frame.url());
  expect(await session(window)).toEqual([401, undefined]);
});

test('a page that is not registered cannot hold Vincle in a frame', async () => {
  const ehr = `${hospital.authority.issuer}/ehr?app=${encodeURIComponent(`${front.origin}/app/x/`)}`;
  const page = await context.newPage();
  await page.goto(ehr);
  expect(await page.frameLocator('iframe').getByText('app').textContent()).toBe('app');
  const stranger = await context.newPage();
  const refused = stranger.waitForEvent('console', { predicate: (it) => /frame-ancestors/.test(it.text()) });
  // The same page under another name of this machine is another origin.
  await stranger.goto(ehr.replace('127.0.0.1', 'localhost'));
  expect((await refused).type()).toBe('error');
});
