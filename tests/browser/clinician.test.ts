import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { answersWith, SESSION } from '../app/fixtures/answers.ts';
import { PATIENT, PATIENT_AT_RISK, PATIENT_BLINDED } from '../app/fixtures/patient-fixture.ts';
import { WORKLIST } from '../app/fixtures/worklist-fixture.ts';
import { type Answers, type FixtureServer, outcome, startFixtureServer } from '../app/rig/fixture-server.ts';
import { DESK, type Looker, look, openBrowser } from './rig/browser.ts';

let browser: Browser;
let server: FixtureServer;
let looker: Looker;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
  server = await startFixtureServer(answersWith());
});
beforeEach(async () => {
  server.answer(answersWith());
  looker = await look(browser, DESK);
  page = looker.page;
});
afterEach(async () => {
  expect(looker.complaints).toEqual([]);
  await looker.close();
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

const open = (path: string) => page.goto(`${server.address}/app/launch-1${path}`);
const button = (name: string | RegExp) => page.getByRole('button', { name });
const changes = (from: number) => server.asked.slice(from).filter((it) => it.method !== 'GET');
const where = () => page.url().slice(`${server.address}/app/launch-1`.length);

/** As `answersWith`, but one address is answered by this. */
const refusing =
  (key: string, status: number, reason: string): Answers =>
  (asked) =>
    `${asked.method} ${asked.path.split('?')[0]}` === key ? { status, body: outcome(reason) } : answersWith()(asked);

describe('Worklist', () => {
  test('the weightiest patient comes first, and each need is a word with a shape', async () => {
    await open('/');
    const first = page.locator('tbody tr').first();
    expect(await first.textContent()).toContain('Safety sign');
    expect(await first.locator('svg path').count()).toBeGreaterThan(0);
  });

  test('by keyboard: a slash searches, arrows walk, Enter opens, and back returns to the same list', async () => {
    await open('/?need=overdue');
    await page.locator('tbody tr').first().waitFor();
    await page.keyboard.press('/');
    expect(await page.evaluate("document.activeElement.matches('input[type=search]')")).toBe(true);
    await page.keyboard.press('Escape');
    await page.locator('tbody a').first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor();
    expect(where()).toBe('/patients/demo-17');
    await page.goBack();
    await page.getByRole('heading', { name: 'My patients' }).waitFor();
    expect(where()).toBe('/?need=overdue');
  });

  test('what is filtered and searched stands in the address, and is asked of the server', async () => {
    await open('/');
    await page.getByRole('link', { name: /Open proposals/ }).click();
    await page.locator('input[type=search]').fill('Soler');
    await page.waitForURL(/q=Soler/);
    await page.waitForResponse(/worklist\?.*q=Soler/).catch(() => undefined);
    const { path, launch } = server.asked.filter((it) => it.path.startsWith('/api/worklist')).at(-1) ?? {};
    expect([...new URL(path ?? '', server.address).searchParams].sort()).toEqual([
      ['need', 'proposal'],
      ['q', 'Soler'],
    ]);
    expect(launch).toBe('launch-1');
  });

  test('a patient’s name is in no address and in no title', async () => {
    await open('/patients/demo-17');
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor();
    expect(await page.title()).not.toContain('Ferrer');
    expect(page.url()).not.toContain('Ferrer');
  });
});

describe('The patient in view', () => {
  test('who she is stays in sight when the page is scrolled to its end', async () => {
    await open('/patients/demo-17');
    const banner = page.getByRole('region', { name: 'The patient you are looking at' });
    await banner.waitFor();
    await page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await page.waitForFunction('scrollY > 500');
    const box = await banner.boundingBox();
    expect(box?.y).toBe(0);
    for (const it of ['Núria Ferrer i Soler', '9 May 1971', '4410-2291', 'Psychoeducation', 'Catalan', 'No consent'])
      expect(await banner.textContent()).toContain(it);
  });

  test('an answer about another patient than the address names is not shown', async () => {
    server.answer(answersWith({ 'GET /api/patients/other': PATIENT }));
    await open('/patients/other');
    await page.waitForResponse(/patients\/other/).catch(() => undefined);
    await page.getByText('Loading').first().waitFor();
    expect(await page.locator('body').textContent()).not.toContain('Ferrer');
  });

  test('a launch for one patient begins at her page, has no list, and asks for nobody else', async () => {
    server.answer(answersWith({ 'GET /api/session': { ...SESSION, patient: 'demo-17' } }));
    const before = server.asked.length;
    await open('/');
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor();
    expect(await page.getByRole('link', { name: 'My patients' }).count()).toBe(0);
    await open('/patients/23');
    await page.getByText('This launch is for another patient').waitFor();
    const asked = server.asked.slice(before).map((it) => it.path);
    expect(asked.filter((it) => it.startsWith('/api/worklist') || it.includes('/23'))).toEqual([]);
  });

  test('what is withheld is said, and no rating of the other side is on the page', async () => {
    server.answer(answersWith({ 'GET /api/patients/demo-17': PATIENT_BLINDED }));
    await open('/patients/demo-17');
    const alliance = page.getByRole('region', { name: 'Alliance' });
    await alliance.waitFor();
    expect(await alliance.textContent()).toContain('not shown while the patient takes part in the study');
    expect(await alliance.locator('[class*=patientPoint]').count()).toBe(0);
  });
});

describe('The alliance chart', () => {
  const chart = () => page.locator('figure').first();

  test('two raters differ by shape and label, a missing visit has no line, and a change within the error is no news', async () => {
    await open('/patients/demo-17');
    await chart().waitFor();
    // Two ratings each at two visits: one line each, though there are three visits.
    expect(await chart().locator('svg[role=group] line[class*=patientLine]').count()).toBe(1);
    expect(await chart().locator('svg[role=group] line[class*=therapistLine]').count()).toBe(0);
    expect(await chart().locator('svg[role=group] line[class*=neutralLine]').count()).toBe(1);
    expect(await chart().locator('svg[role=group] circle[class*=patientPoint]').count()).toBe(2);
    expect(await chart().locator('svg[role=group] path[class*=therapistPoint]').count()).toBe(2);
    expect(await chart().locator('[class*=missing_], [class*=missing ]').count()).toBeGreaterThanOrEqual(2);
    expect(await chart().textContent()).toContain('asked on 20 Oct 2026, overdue 9 days');
  });

  test('a point reached by keyboard says what a point under the mouse says, and opens its answers', async () => {
    await open('/patients/demo-17');
    await chart().waitFor();
    const point = chart().locator('svg[role=group] a').nth(2);
    const line = chart().locator('p[aria-hidden]');
    await point.hover();
    const hovered = await line.textContent();
    await page.mouse.move(0, 0);
    await point.focus();
    expect(await line.textContent()).toBe(hovered);
    expect(hovered).toContain('71 of 84');
    expect(hovered).toContain('more than measurement error');
    await page.keyboard.press('Enter');
    await page.waitForURL(/responses\/alliance-2026-06-10/);
  });

  test('the table beside it holds the same numbers', async () => {
    await open('/patients/demo-17');
    const cells = ((await chart().locator('table').first().textContent()) ?? '').replaceAll(/\s+/g, ' ');
    for (const it of ['58 of 84', '66 of 84', '71 of 84', '68 of 84', '±6.4', '−8', '+3']) expect(cells).toContain(it);
  });
});

describe('Deciding', () => {
  test('an approval clicked twice is sent once, with the launch and its token, and what was written is said', async () => {
    await open('/patients/demo-17');
    await page.locator('[data-act=approve]').click();
    const before = server.asked.length;
    await page.locator('dialog').getByRole('button', { name: 'Approve' }).dblclick();
    await page.getByRole('status').getByText('Peer support is in force').waitFor();
    expect(changes(before)).toEqual([
      {
        method: 'POST',
        path: '/api/proposals/p-1/decision',
        launch: 'launch-1',
        csrf: 'csrf-1',
        body: { decision: 'approve' },
      },
    ]);
  });

  test('declining needs a reason, and the reason is sent in words', async () => {
    await open('/patients/demo-17');
    await page.locator('[data-act=decline]').click();
    const before = server.asked.length;
    const dialog = page.locator('dialog');
    await dialog.getByRole('button', { name: 'Decline' }).click();
    await dialog.getByRole('alert').getByText('Choose a reason').waitFor();
    expect(changes(before)).toEqual([]);
    await dialog.getByLabel('Why').selectOption('wait-and-see');
    await dialog.getByLabel('In your own words').fill('Surgery next week.');
    await dialog.getByRole('button', { name: 'Decline' }).click();
    await page.getByRole('status').getByText('the proposal is declined').waitFor();
    expect(changes(before)[0]?.body).toEqual({
      decision: 'decline',
      reason: 'Too early: look again at the next screening: Surgery next week.',
    });
  });

  test('where somebody else was first, it says so, what is safe and what to do, and keeps what was typed', async () => {
    server.answer(refusing('POST /api/proposals/p-1/decision', 409, 'already-decided'));
    await open('/patients/demo-17');
    await page.locator('[data-act=decline]').click();
    const dialog = page.locator('dialog');
    await dialog.getByLabel('In your own words').fill('Not now.');
    await dialog.getByRole('button', { name: 'Decline' }).click();
    const alert = dialog.getByRole('alert');
    await alert.waitFor();
    const said = await alert.textContent();
    for (const it of ['Somebody else was first.', 'yours was not written', 'Look again', 'already-decided'])
      expect(said).toContain(it);
    expect(await dialog.getByLabel('In your own words').inputValue()).toBe('Not now.');
  });

  test('Escape leaves the question, sends nothing, and gives the focus back', async () => {
    await open('/patients/demo-17');
    const before = server.asked.length;
    await page.locator('[data-act=approve]').press('Enter');
    await page.locator('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(changes(before)).toEqual([]);
    expect(await page.evaluate("document.activeElement.matches('[data-act=approve]')")).toBe(true);
  });

  test('a sign of danger stands first, and is taken up in the clinician’s name', async () => {
    server.answer(answersWith({ 'GET /api/patients/demo-17': PATIENT_AT_RISK }));
    await open('/patients/demo-17');
    const before = server.asked.length;
    expect(await page.locator('article').first().textContent()).toContain('nobody has taken it up yet');
    await button('I take this up').click();
    await page.locator('dialog').getByRole('button', { name: 'I take this up' }).click();
    await page.getByRole('status').getByText('you have taken the sign up').waitFor();
    expect(changes(before)[0]?.path).toBe('/api/safety/signs/s-1/acknowledgement');
  });

  test('a call is logged in two taps', async () => {
    await open('/patients/demo-17');
    const before = server.asked.length;
    await button('Log a call').click();
    await button(/Call, just now/).click();
    await page.getByRole('status').getByText('a call, now').waitFor();
    expect(changes(before)).toMatchObject([{ path: '/api/patients/demo-17/contacts', body: { kind: 'call' } }]);
  });
});

describe('When it fails', () => {
  test('a session that ended shows nothing of anybody, and says how to go on', async () => {
    server.answer(refusing('GET /api/session', 401, 'session-expired'));
    await open('/patients/demo-17');
    await page.getByRole('alert').getByText('Your session has ended').waitFor();
    expect(await page.locator('body').textContent()).not.toContain('Ferrer');
  });

  test('a session that ends while a patient is in view takes her off the screen, and offers to sign in again', async () => {
    server.answer(answersWith({ 'GET /api/session': { ...SESSION, signIn: '/launch?iss=x' } }));
    await open('/patients/demo-17');
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor();
    server.answer(() => ({ status: 401, body: outcome('session-expired') }));
    await page.locator('figure a').first().click();
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor({ state: 'detached' });
    await page.getByRole('alert').getByText('Your session has ended').waitFor();
    expect(await page.locator('body').textContent()).not.toContain('Ferrer');
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toBe('/launch?iss=x');
  });

  test('logging out leaves nothing of anybody on the screen, nor one step back', async () => {
    await open('/');
    await page.getByRole('link', { name: PATIENT.banner.name }).click();
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor();
    await button('Log out').click();
    await page.getByRole('heading', { name: 'You are logged out.' }).waitFor();
    await page.goBack();
    expect(await page.locator('body').textContent()).not.toMatch(/Ferrer|Ortiz/);
  });

  test('a hospital’s server that is away is tried again by itself, then by a button', async () => {
    let tries = 0;
    const away: Answers = (asked) => {
      if (!asked.path.startsWith('/api/worklist')) return answersWith()(asked);
      tries += 1;
      return tries <= 3 ? { status: 503, body: outcome('server-unreachable') } : { body: WORKLIST };
    };
    server.answer(away);
    await open('/');
    await page.getByRole('alert').getByText('cannot be reached right now').waitFor();
    expect(tries).toBe(3);
    await button('Try again').click();
    await page.locator('tbody tr').first().waitFor();
  });

  test('a change is never sent a second time by itself', async () => {
    server.answer(refusing('POST /api/patients/demo-17/contacts', 503, 'busy'));
    await open('/patients/demo-17');
    const before = server.asked.length;
    await button('Log a call').click();
    await button(/Call, just now/).click();
    await page.getByRole('alert').getByText('cannot be reached right now').waitFor();
    expect(changes(before)).toHaveLength(1);
  });
});

describe('What is loaded', () => {
  test('the first load of the clinician’s app is at most 350 kB of script, gzip', async () => {
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (it) => {
      if (it.url().endsWith('.js')) scripts.push(it.body());
    });
    await open('/patients/demo-17');
    await page.getByRole('heading', { level: 1, name: PATIENT.banner.name }).waitFor();
    const { gzipSync } = await import('node:zlib');
    const size = (await Promise.all(scripts)).reduce((sum, it) => sum + gzipSync(it).length, 0);
    expect(size).toBeGreaterThan(20_000);
    expect(size).toBeLessThanOrEqual(350_000);
  });

  test('nothing of the coordinator’s pages is loaded with the worklist', async () => {
    const scripts: string[] = [];
    page.on('response', (it) => scripts.push(it.url()));
    await open('/');
    await page.locator('tbody tr').first().waitFor();
    expect(scripts.filter((it) => /review-page|jobs-page|accesses-page|response-rates/.test(it))).toEqual([]);
  });
});
