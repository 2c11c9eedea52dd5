import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { DESK, listen, openBrowser, overflow, PHONE, violations } from './rig/browser.ts';
import { type Demonstration, demonstrate } from './rig/demonstration.ts';

/** What `npm start` offers to whoever tries it: one process, as it stands on a fresh machine. */
const PATIENTS = 12;

let browser: Browser;
let demonstration: Demonstration;
let context: BrowserContext;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [browser, demonstration] = await Promise.all([openBrowser(), demonstrate(PATIENTS)]);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await demonstration?.stop();
});
beforeEach(() => sitDown(DESK));
afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

async function sitDown(window: typeof DESK): Promise<void> {
  await context?.close();
  context = await browser.newContext({ ...window });
  context.setDefaultTimeout(30_000);
  await context.addInitScript("try { localStorage.setItem('vincle-language', 'en') } catch {}");
  page = await context.newPage();
  complaints = [];
  listen(page, complaints);
}

async function openDoor(door: string): Promise<void> {
  await page.goto(`${demonstration.ehr}open/${door}`);
  await page.waitForURL(/\/(app|form)\//);
  await page.locator('h1').first().waitFor();
}

const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const said = (text: string) => page.getByText(text).first().waitFor();

async function isForEverybody(): Promise<void> {
  expect(await violations(page)).toEqual([]);
  expect(await overflow(page)).toBe(0);
}

/** Answers whatever the form asks, one way or another, on one page. */
async function answerAll(): Promise<void> {
  await page.locator('main fieldset, main input[type=range]').first().waitFor();
  for (const rows of await page.locator('main fieldset:has(input[type=radio])').all())
    await rows.locator('label').nth(1).click();
  for (const line of await page.locator('main input[type=range]').all()) await line.press('ArrowRight');
}

describe('The demonstration, tried by hand', () => {
  test('a therapist finds her patients by what needs her, opens one from the chart, and approves the proposal', async () => {
    await openDoor('therapist');
    await page.getByRole('heading', { name: 'My patients' }).waitFor();
    await page.locator('tbody tr').first().waitFor();
    await isForEverybody();
    await openDoor('chart');
    await page.getByRole('heading', { name: 'What needs you now' }).waitFor();
    await isForEverybody();
    await button('Record what the patient wants').click();
    await dialog().getByText('The patient agrees').click();
    await dialog().getByRole('button', { name: 'Record what the patient wants' }).click();
    await dialog().waitFor({ state: 'detached' });
    await button('Approve').first().click();
    if (await dialog().isVisible()) await dialog().getByRole('button', { name: 'Approve' }).click();
    await button('Approve').waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('heading', { name: 'Alliance', exact: true }).waitFor();
    expect(await page.getByText('Psychoeducation').count()).toBeGreaterThan(0);
    expect(await button('Approve').count()).toBe(0);
  });

  test('she answers her own form about a patient, and it is no longer asked', async () => {
    await openDoor('therapist');
    await page.getByRole('link', { name: 'My forms', exact: true }).click();
    await page.getByRole('heading', { name: 'My forms' }).waitFor();
    const forms = page.locator('tbody tr');
    await forms.first().waitFor();
    const before = await forms.count();
    await page.locator('tbody tr a').first().click();
    await answerAll();
    await isForEverybody();
    const asked = page.url();
    await button('Send these answers').click();
    await page.waitForURL((it) => it.href !== asked);
    await page.getByRole('link', { name: 'My forms', exact: true }).click();
    await page.getByRole('heading', { name: 'My forms' }).waitFor();
    await expectSoon(async () => (await forms.count()) === before - 1);
  });

  test('a patient answers all that is asked of her on a phone, and sees who reads it', async () => {
    await sitDown(PHONE);
    await openDoor('patient-1');
    for (let left = await page.locator('main .cards > li').count(); left > 0; left -= 1) {
      await page
        .getByRole('link', { name: /^(Begin|Go on)$/ })
        .first()
        .click();
      await button('All questions on one page').click();
      await answerAll();
      await isForEverybody();
      await button('See my answers').click();
      await said('All questions are answered.');
      await isForEverybody();
      await button('Send my answers').click();
      await said('Thank you. Your answers have arrived.');
      await said('Who reads it:');
      await page.getByRole('link', { name: 'To the start' }).click();
      await page.getByRole('heading', { name: 'Questions for you' }).waitFor();
    }
    await said('There is nothing to answer today.');
    await page.getByRole('link', { name: 'What I have answered, and who has looked' }).click();
    await page.getByRole('heading', { name: 'What I have answered' }).waitFor();
    expect(await page.locator('main li').count()).toBeGreaterThan(0);
    await isForEverybody();
  });

  test('a coordinator closes what waits in the review queue', async () => {
    await openDoor('coordinator');
    await page.getByRole('link', { name: 'Review queue' }).click();
    await page.getByRole('heading', { name: 'Review queue' }).waitFor();
    const rows = page.locator('tbody tr');
    await rows.first().waitFor();
    await isForEverybody();
    const before = await rows.count();
    await rows.first().getByRole('button', { name: 'Close' }).click();
    if (await dialog().isVisible()) {
      const reason = dialog().getByRole('textbox').first();
      if (await reason.isVisible()) await reason.fill('Looked at with the patient.');
      await dialog().getByRole('button', { name: /Close/ }).last().click();
    }
    await expectSoon(async () => (await rows.count()) === before - 1);
  });

  test('a privacy officer sees who looked at what, and a coordinator does not', async () => {
    await openDoor('privacy');
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    await page.locator('tbody tr').first().waitFor();
    await isForEverybody();
    await sitDown(DESK);
    await openDoor('coordinator');
    expect(await page.getByRole('link', { name: 'Who looked' }).count()).toBe(0);
  });

  test('a researcher sees how complete the running study is, and neither an arm nor a rating', async () => {
    await openDoor('researcher');
    await page.getByLabel('What it is for').fill('a look around');
    await page.getByLabel('Approval number').fill('none: synthetic');
    await button('Make the report').click();
    await page.getByRole('heading', { name: 'This study is blind' }).waitFor();
    await isForEverybody();
    expect(await page.getByText(/Digital care|ICC\(/).count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Who looked' }).count()).toBe(0);
  });

  test('logging out leaves nothing behind the back button', async () => {
    await openDoor('chart');
    await page
      .getByRole('heading', { name: 'What needs you now' })
      .or(page.getByRole('heading', { name: 'Alliance', exact: true }))
      .first()
      .waitFor();
    await button('Log out').click();
    await page.getByText('Synthetic Patient').first().waitFor({ state: 'detached' });
    await page.goBack().catch(() => undefined);
    await page.waitForLoadState();
    expect(await page.getByText('Synthetic Patient').count()).toBe(0);
  });
});

async function expectSoon(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('It did not come to pass within twenty seconds.');
    await page.waitForTimeout(50);
  }
}
