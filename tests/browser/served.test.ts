import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openState } from '../../src/state/open.ts';
import { MARKER } from '../http/rig.ts';
import { CRISIS } from '../safety/safety-ward.ts';
import { DESK, openBrowser, PHONE, violations } from './rig/browser.ts';
import { askFor, launchAloneIn } from './rig/hospital.ts';
import { openServed, type Served } from './rig/served.ts';

// Chromium before `vincle serve` in a process of its own, with a real listener for its signed notices.
let browser: Browser;
let served: Served;
const contexts: BrowserContext[] = [];
let serial = 0;

beforeAll(async () => {
  [browser, served] = await Promise.all([openBrowser(), openServed()]);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await served.stop();
});
beforeEach(() => {
  served.hospital.authority.gate.fault = undefined;
});
afterEach(async () => {
  for (const it of contexts.splice(0)) await it.close();
});

async function window(options: typeof PHONE): Promise<BrowserContext> {
  const context = await browser.newContext({ ...options });
  context.setDefaultTimeout(20_000);
  contexts.push(context);
  return context;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const said = (page: Page, text: string) => page.getByText(text).first().waitFor();

/** Asks p1 for a form. */
async function asked(form: string, patient = 'p1'): Promise<string> {
  serial += 1;
  const id = `served-${serial}`;
  await askFor(served, id, form, patient);
  return id;
}

async function responsesOf(patient: string): Promise<readonly QuestionnaireResponse[]> {
  const found: QuestionnaireResponse[] = [];
  const params = [['subject', `Patient/${patient}`]] as const;
  for await (const { resources } of served.fhir.search({ type: 'QuestionnaireResponse', params }))
    found.push(...resources.filter((it): it is QuestionnaireResponse => it.resourceType === 'QuestionnaireResponse'));
  return found;
}

const PATIENT = { person: 'patient-1', patient: 'p1' } as const;

/** The forms of p1 on a phone, one of them opened, where it stands at a question. */
async function opened(task: string, question = ''): Promise<{ readonly page: Page; readonly launch: string }> {
  const tab = await launchAloneIn(await window(PHONE), served, PATIENT);
  await tab.page.goto(`${served.origin}/form/${tab.launch}/tasks/${task}${question === '' ? '' : `/q/${question}`}`);
  return tab;
}

describe('A personal link', () => {
  let office: Page;

  /** A link to these forms, made by the coordinator on her page. */
  async function linkTo(title: string): Promise<string> {
    const tab = await launchAloneIn(await window(DESK), served, { person: 'clara' });
    office = tab.page;
    await office.getByRole('link', { name: 'Personal links' }).click();
    await office.locator('a[href*="patient=p1"]').click();
    await office.getByRole('checkbox', { name: title }).first().check();
    await button(office, 'Make a link').click();
    const address = office.getByLabel('Address of the link');
    await address.waitFor();
    return address.inputValue();
  }

  async function askForCode(url: string): Promise<Page> {
    const page = await (await window(PHONE)).newPage();
    await page.goto(url);
    await button(page, 'Send me the code').click();
    return page;
  }

  async function enter(page: Page, code: string): Promise<void> {
    await page.getByLabel('Code from the message').fill(code);
    await page.keyboard.press('Enter');
  }

  test('a coordinator makes it; its code is in no request’s address; the code on the telephone opens its form alone, and nothing of the record is sent', async () => {
    const task = await asked('sus');
    await asked('gad-7');
    const own = await opened(task, 'sus-1');
    await own.page.getByText('Strongly agree').first().click();
    await said(own.page, 'Saved at');
    const url = await linkTo('System Usability Scale');
    expect(await violations(office)).toEqual([]);
    const code = url.split('#')[1] ?? 'none';

    const page = await (await window(PHONE)).newPage();
    const [addresses, bodies]: [string[], Promise<string>[]] = [[], []];
    page.on('request', (it) => addresses.push(it.url()));
    page.on('response', (it) => bodies.push(it.text().catch(() => '')));
    await page.goto(url);
    await button(page, 'Send me the code').click();
    await said(page, 'Code from the message');
    expect(page.url()).toBe(`${served.origin}/form/link`);
    await enter(page, served.oneTimeCode());
    await page.getByRole('heading', { name: 'Questions for you' }).waitFor();
    expect(await violations(page)).toEqual([]);
    expect(await page.getByRole('link', { name: 'Begin' }).count()).toBe(1);
    await page.getByRole('link', { name: 'Begin' }).click();
    await said(page, '1 of 10');
    expect(await page.getByRole('radio', { checked: true }).count()).toBe(0);
    const sent = (await Promise.all(bodies)).join('\n');
    expect([MARKER, '600000001', 'Patient/p1'].filter((it) => sent.includes(it))).toEqual([]);
    expect(sent).not.toMatch(/"draft"|"answer":/);
    expect(addresses.filter((it) => it.includes(code))).toEqual([]);

    // Whoever got hold of the link, or of the address of the launch, in another browser has nothing.
    const stolen = await askForCode(url);
    await said(stolen, 'This link is no longer valid.');
    await stolen.goto(page.url());
    await stolen.getByText('Your session has ended').or(stolen.getByText('signed out')).first().waitFor();
    expect(await stolen.getByRole('radio').count()).toBe(0);

    await page.getByText('Strongly disagree').first().click();
    await said(page, 'Saved at');
    await page.goto(page.url().replace(/\/q\/.*$/, '/review'));
    await button(page, 'Send my answers').click();
    await said(page, 'Thank you.');
    expect(await served.fhir.read('Task', task)).toMatchObject({ status: 'completed' });
    await office.reload();
    await said(office, 'used, or taken back');
  });

  test('a code that was guessed five times, one after 72 hours, and one that was taken back are worth nothing', async () => {
    await asked('vas-app');
    const guessed = await askForCode(await linkTo('satisfaction'));
    await guessed.getByLabel('Code from the message').waitFor();
    const right = served.oneTimeCode();
    const wrong = right === '123456' ? '654321' : '123456';
    for (let time = 1; time < 5; time += 1) {
      const answer = guessed.waitForResponse('**/api/link/open');
      await enter(guessed, wrong);
      expect((await answer).status()).toBe(403);
    }
    await enter(guessed, wrong);
    await said(guessed, 'This link is no longer valid.');

    const late = await askForCode(await linkTo('satisfaction'));
    await late.getByLabel('Code from the message').waitFor();
    served.linksExpire();
    await enter(late, served.oneTimeCode());
    await said(late, 'This link is no longer valid.');

    const revoked = await askForCode(await linkTo('satisfaction'));
    await revoked.getByLabel('Code from the message').waitFor();
    await button(office, 'Take back').first().click();
    await office.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
    await said(office, 'the link is worth nothing any more');
    await enter(revoked, served.oneTimeCode());
    await said(revoked, 'This link is no longer valid.');
  });
});

describe('An answer with a sign of danger', () => {
  const atOnce = (page: Page) => page.getByRole('alert').getByText(CRISIS.en).waitFor({ timeout: 1_500 });

  test('shows the site’s crisis text at once, and takes it away when the answer is taken back', async () => {
    const { page } = await opened(await asked('phq-9'), 'phq9-9');
    await page.getByText('Several days', { exact: true }).click();
    await atOnce(page);
    await said(page, 'Saved at');
    expect(await violations(page)).toEqual([]);
    await page.getByText('Not at all', { exact: true }).click();
    await page.getByText(CRISIS.en).waitFor({ state: 'detached' });
  });

  for (const [how, fault] of [
    ['refuses everything', 503],
    ['never answers', 'silent'],
  ] as const)
    test(`shows it at once while the hospital’s server ${how}`, async () => {
      const { page } = await opened(await asked('phq-9'), 'phq9-9');
      await said(page, 'Several days');
      served.hospital.authority.gate.fault = fault;
      await page.getByText('Several days', { exact: true }).click();
      await atOnce(page);
    });

  test('shows it at once without network', async () => {
    const { page } = await opened(await asked('phq-9'), 'phq9-9');
    await said(page, 'Several days');
    await page.context().setOffline(true);
    await page.getByText('Nearly every day', { exact: true }).click();
    await atOnce(page);
    await said(page, 'No network.');
  });
});

describe('A form', () => {
  test('back goes one question back with its answer; after sending it shows no answer any more; a double click sends once', async () => {
    const task = await asked('phq-4');
    const { page } = await opened(task);
    await page.getByText('Several days', { exact: true }).click();
    await button(page, 'Next').click();
    await said(page, '2 of 4');
    await page.goBack();
    await said(page, '1 of 4');
    expect(await page.getByLabel('Several days').isChecked()).toBe(true);
    await said(page, 'Saved at');
    await page.goto(`${page.url().replace(/\/q\/.*$/, '')}/review`);
    await button(page, 'Send my answers').dblclick();
    await said(page, 'Thank you.');
    await page.goBack();
    await page.waitForLoadState();
    expect(await page.getByRole('radio', { checked: true }).count()).toBe(0);
    expect(await served.fhir.read('Task', task)).toMatchObject({ status: 'completed' });
    const mine = (await responsesOf('p1')).filter((it) => it.questionnaire?.includes('phq-4'));
    expect(mine.map((it) => it.status)).toEqual(['completed']);
  });

  test('its address, in a browser that did not sign in, shows nothing of anybody', async () => {
    const { page } = await opened(await asked('gad-7'));
    await said(page, '1 of 7');
    const other = await (await window(PHONE)).newPage();
    const bodies: Promise<string>[] = [];
    other.on('response', (it) => bodies.push(it.text().catch(() => '')));
    await other.goto(page.url());
    await other.getByText('Your session has ended').or(other.getByText('signed out')).first().waitFor();
    expect((await Promise.all(bodies)).join('\n')).not.toMatch(/gad7-|Patient\/p1/);
  });
});

describe('Coordinators', () => {
  test('two enter one sheet of paper, differ, and one decides each difference; it counts once', async () => {
    const task = await asked('sus', 'p2');
    const enter = async (person: string, last: number): Promise<Page> => {
      const { page } = await launchAloneIn(await window(DESK), served, { person });
      await page.getByRole('link', { name: 'Paper forms' }).click();
      await page.locator('a[href*="patient=p2"]').click();
      await page.locator(`a[href*="/paper/${task}"]`).click();
      await page.getByLabel('Date on the paper').fill('2026-05-11');
      const rows = page.locator('main fieldset:has(input[type=radio])');
      await rows.first().waitFor();
      const all = await rows.all();
      for (const [at, row] of all.entries())
        await row
          .locator('label')
          .nth(at === all.length - 1 ? last : 2)
          .click();
      await button(page, 'Keep this entry').dblclick();
      return page;
    };
    const first = await enter('clara', 2);
    await said(first, 'the first entry is kept');
    await said(first, 'You made the first entry');
    const second = await enter('dolors', 4);
    await said(second, 'The two entries do not agree');
    expect(await violations(second)).toEqual([]);
    expect(await button(second, 'Decide which is right').isDisabled()).toBe(true);
    await second.getByLabel(/^Second entry/).check();
    await second.getByLabel('Reason').fill('Looked at the sheet again.');
    await button(second, 'Decide which is right').click();
    await said(second, 'the form is on record');
    const counted = (await responsesOf('p2')).filter((it) => it.status === 'completed');
    expect(
      counted.map((it) => it.item?.find((one) => one.linkId === 'sus-10')?.answer?.[0]?.valueCoding?.code),
    ).toEqual(['5']);
    expect(await served.fhir.read('Task', task)).toMatchObject({ status: 'completed' });
  });

  test('a dead letter is tried again or dropped with a reason, and nothing of it is shown', async () => {
    const state = await openState(served.stateUrl);
    for (const id of ['letter-1', 'letter-2']) {
      const at = '2026-11-20T08:00:00.000Z';
      await state.enqueue({
        id,
        stream: `Patient/${id}`,
        label: 'QuestionnaireResponse to sus',
        payload: { write: { method: 'DELETE', type: 'QuestionnaireResponse', id: MARKER } },
        enqueuedAt: at,
        nextAttemptAt: at,
      });
      await state.failed(id, `rejected: ${MARKER}`);
    }
    const { page } = await launchAloneIn(await window(DESK), served, { person: 'clara' });
    await page.getByRole('link', { name: 'Not delivered' }).click();
    await said(page, 'QuestionnaireResponse to sus');
    expect(await page.getByText(MARKER).count()).toBe(0);
    await button(page, 'Drop').first().click();
    const dialog = page.getByRole('dialog');
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Drop' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Reason').fill('Entered by hand on Friday.');
    await dialog.getByRole('button', { name: 'Drop' }).dblclick();
    await said(page, 'it is dropped');
    await button(page, 'Try again').click();
    await dialog.getByLabel('Reason').fill('The server was set up anew.');
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await said(page, 'it is tried again');
    await said(page, 'Everything was delivered.');
    await state.close();
  });
});
