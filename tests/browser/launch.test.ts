import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import { DESK, openBrowser, PHONE } from './rig/browser.ts';
import { launchAloneIn, launchIn, openSite, type Site } from './rig/hospital.ts';

let browser: Browser;
let site: Site;
let context: BrowserContext;

beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), openSite()]);
});
afterAll(async () => {
  await browser.close();
  await site.stop();
});
beforeEach(async () => {
  context = await browser.newContext({ ...DESK });
  context.setDefaultTimeout(20_000);
});
afterEach(() => context.close());

const SIGNED_OUT = 'Please sign in again';

describe('A launch in a real browser', () => {
  test('the page keeps no token, and no script can read the session’s cookie', async () => {
    const { page } = await launchIn(context, site, { person: 'patient-1', patient: 'p1' });
    await page.locator('h1').waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
    const kept = await page.evaluate('JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])');
    expect(kept).toBe('[[],[]]');
    for (const cookie of await context.cookies()) expect(cookie).toMatchObject({ httpOnly: true });
    expect(page.url()).not.toMatch(/code=|state=|token/);
  });

  test('two tabs on two patients never mix: each stays with the patient it was opened for', async () => {
    const first = await launchIn(context, site, { person: 'therapist', patient: 'p1' });
    const second = await launchIn(context, site, { person: 'therapist', patient: 'p2' });
    expect(first.launch).not.toBe(second.launch);
    await first.page.reload();
    await second.page.reload();
    expect(await patientOf(first)).toBe('p1');
    expect(await patientOf(second)).toBe('p2');
    // The first tab asks in the name of the second: the page of one patient cannot speak for the other.
    expect(await first.page.evaluate(askAs(first.launch, '/api/patients/p2'))).not.toBe(200);
  });

  test('another browser that knows the address of a session has nothing', async () => {
    const { page } = await launchIn(context, site, { person: 'patient-1', patient: 'p1' });
    const other = await browser.newContext({ ...PHONE });
    const stranger = await other.newPage();
    await stranger.goto(page.url());
    await stranger.getByText(SIGNED_OUT).waitFor();
    await other.close();
  });

  test('a stolen callback link opens nothing in another browser', async () => {
    const page = await context.newPage();
    const callbacks: string[] = [];
    page.on('request', (request) => {
      if (request.url().includes('/callback?')) callbacks.push(request.url());
    });
    await page.goto(site.hospital.authority.launchUrl(site.origin, { person: 'therapist', patient: 'p1' }));
    await page.waitForURL(/\/app\//);
    const other = await browser.newContext({ ...DESK });
    const thief = await other.newPage();
    const answer = await thief.goto(callbacks[0] ?? '');
    expect(answer?.status()).toBeGreaterThanOrEqual(400);
    expect(thief.url()).not.toMatch(/\/app\//);
    expect(await other.cookies()).toEqual([]);
    await other.close();
  });

  test('logging out ends this tab alone, and the back button brings nothing back', async () => {
    const first = await launchAloneIn(context, site, { person: 'patient-1', patient: 'p1' });
    const second = await launchAloneIn(context, site, { person: 'patient-1', patient: 'p1' });
    await first.page.getByRole('button', { name: 'Sign out' }).click();
    await first.page.getByText('You are signed out.').waitFor();
    await first.page.reload();
    await first.page.getByText(SIGNED_OUT).waitFor();
    expect(await patientOf(second)).toBe('p1');
  });

  test('a token that the hospital revoked is seen at the next step, and said', async () => {
    const { page, launch } = await launchIn(context, site, { person: 'patient-1', patient: 'p1' });
    await page.locator('h1').waitFor();
    await site.hospital.authority.revokeEverything();
    expect(await page.evaluate(askAs(launch, '/api/forms'))).toBe(401);
    await page.reload();
    await page.getByText(SIGNED_OUT).waitFor();
  });

  test('the pages of both apps are shown without a word of their security policy', async () => {
    for (const chosen of [
      { person: 'patient-1', patient: 'p1' },
      { person: 'therapist', patient: 'p1' },
    ]) {
      const { page, complaints } = await launchIn(context, site, chosen);
      await page.locator('h1').first().waitFor();
      expect(complaints).toEqual([]);
    }
  });
});

/** The status of a request that the page makes for a launch. */
const askAs = (launch: string, path: string): string =>
  `fetch(${JSON.stringify(path)}, { headers: { 'Vincle-Launch': ${JSON.stringify(launch)} } }).then((it) => it.status)`;

const patientOf = ({ page, launch }: { page: import('playwright-core').Page; launch: string }): Promise<unknown> =>
  page.evaluate(
    `fetch('/api/session', { headers: { 'Vincle-Launch': ${JSON.stringify(launch)} } }).then((it) => it.json()).then((it) => it.patient)`,
  );
