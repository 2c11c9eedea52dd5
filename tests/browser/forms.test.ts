import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { DESK, type Looker, look, openBrowser, PHONE } from './rig/browser.ts';
import { LINK, type ScriptedServer, startScriptedServer } from './rig/scripted-server.ts';

let browser: Browser;
let server: ScriptedServer;
let looker: Looker;
let page: Page;

beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => {
  await browser.close();
});
beforeEach(async () => {
  server = await startScriptedServer();
  looker = await look(browser, PHONE);
  page = looker.page;
});
afterEach(async () => {
  const { complaints } = looker;
  await looker.close();
  await server.stop();
  expect(complaints).toEqual([]);
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const open = (path: string) => page.goto(`${server.url}/form/test/${path}`);
const said = (text: string) => page.getByText(text).first().waitFor();
const saved = (task: string) => server.script.drafts.get(task)?.body.items ?? [];

describe('A form on a phone', () => {
  test('one question a screen, each answer saved and said so, all answers looked over, then what happens next', async () => {
    await open('');
    await page.getByRole('link', { name: 'Begin' }).first().click();
    await said('1 of 2');
    await page.getByText('Several days').click();
    await said('Saved at');
    await button('Next').click();
    await page.getByText('Nearly every day').click();
    await button('Next').click();
    await said('3 of 3');
    await page.getByText('Family').click();
    await button('See my answers').click();
    await said('All questions are answered.');
    expect(await page.locator('dd:not(.does)').allInnerTexts()).toEqual(['Several days', 'Nearly every day', 'Family']);
    await button('Send my answers').click();
    await said('Thank you. Your answers have arrived.');
    await said('within two working days');
    expect(await page.getByRole('link', { name: '+34 900 000 000' }).getAttribute('href')).toBe('tel:+34900000000');
    expect(server.script.handedIn[0]?.items.map((it) => it.linkId)).toEqual(['s-1', 's-2', 's-3']);
  });

  test('a double click on send hands in once', async () => {
    server.script.delayMs = 300;
    await open('tasks/screener');
    await page.getByText('Several days').click();
    await button('Next').click();
    await button('See my answers').click();
    await button('Send my answers').dblclick();
    await said('Thank you.');
    expect(server.script.handedIn).toHaveLength(1);
  });

  test('a question that another answer switches on goes, with its answer, when that answer changes', async () => {
    await open('tasks/screener/q/s-2');
    await page.getByText('Nearly every day').click();
    await button('Next').click();
    await page.getByText('Money').click();
    await button('Back').click();
    await page.getByText('Not at all').click();
    await button('See my answers').click();
    await button('Send my answers').click();
    await said('Thank you.');
    expect(server.script.handedIn[0]?.items.map((it) => it.linkId)).toEqual(['s-2']);
  });

  test('the browser’s back button goes one question back and keeps every answer', async () => {
    await open('tasks/screener');
    await page.getByText('Several days').click();
    await button('Next').click();
    await said('Second question');
    await page.goBack();
    await said('First question');
    expect(await page.getByLabel('Several days').isChecked()).toBe(true);
  });

  test('a question can be left out, and an answer taken back', async () => {
    await open('tasks/screener');
    await page.getByText('Several days').click();
    await button('Clear this answer').click();
    await button('Next').click();
    await button('See my answers').click();
    await said('2 questions are not answered.');
    expect(await button('Send my answers').getAttribute('aria-disabled')).toBe('true');
    await button('Send my answers').press('Enter');
    await said('there is nothing to send');
    expect(server.script.handedIn).toEqual([]);
  });
});

describe('The line', () => {
  const line = () => page.getByRole('slider');

  test('starts without a mark and says so; a touch places it, and no number is shown', async () => {
    await open('tasks/line/q/vas-1');
    expect(await line().getAttribute('aria-valuetext')).toBe('No mark yet.');
    await said('No mark yet. Touch the line');
    const box = await line().boundingBox();
    await page.touchscreen.tap((box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 2);
    await said('Your mark is on the line.');
    await expectSaved('line', [{ linkId: 'vas-1', answer: [{ valueInteger: 50 }] }]);
    expect(await page.locator('main').textContent()).not.toMatch(/\b50\b/);
  });

  test('arrow keys place it, and it can be taken off again', async () => {
    await open('tasks/line/q/vas-1');
    await line().focus();
    await page.keyboard.press('ArrowRight');
    await expectSaved('line', [{ linkId: 'vas-1', answer: [{ valueInteger: 51 }] }]);
    await page.keyboard.press('End');
    await expectSaved('line', [{ linkId: 'vas-1', answer: [{ valueInteger: 100 }] }]);
    await button('Clear this answer').click();
    await said('No mark yet.');
    await expectSaved('line', []);
  });

  test('a short line, as the thermometer is, carries its numbers', async () => {
    await open('tasks/line/q/dt-1');
    await said('Extreme distress');
    expect(await page.locator('[aria-hidden="true"] span').allInnerTexts()).toEqual([
      '0',
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
    ]);
  });
});

/** Waits until the server holds these answers. */
async function expectSaved(task: string, items: object): Promise<void> {
  await waitFor(() => JSON.stringify(saved(task)) === JSON.stringify(items));
}

async function waitFor(holds: () => boolean): Promise<void> {
  const until = performance.now() + 10_000;
  while (!holds()) {
    if (performance.now() > until) throw new Error('It did not come to pass within ten seconds.');
    await page.waitForTimeout(20);
  }
}

describe('When something fails', () => {
  test('without network the answers are kept, it is said, and they are sent when it returns', async () => {
    await open('tasks/screener');
    await said('First question');
    await looker.context.setOffline(true);
    await page.getByText('Several days').click();
    await said('No network. Your answers are kept here');
    await button('Next').click();
    await page.getByText('Not at all').click();
    await looker.context.setOffline(false);
    await said('Saved at');
    expect(saved('screener').map((it) => it.linkId)).toEqual(['s-1', 's-2']);
  });

  test('without network nothing is sent, and it is said; afterwards it is sent once', async () => {
    await open('tasks/screener');
    await page.getByText('Several days').click();
    await said('Saved at');
    await open('tasks/screener/review');
    await said('Your answers');
    await looker.context.setOffline(true);
    await button('Send my answers').click();
    await said('There is no network, so your answers were not sent yet.');
    await looker.context.setOffline(false);
    await button('Send my answers').click();
    await said('Thank you.');
    expect(server.script.handedIn).toHaveLength(1);
  });

  test('the hospital’s system is down: the answers are kept, it is said, and they are saved once it is up', async () => {
    await open('tasks/screener');
    await said('First question');
    server.script.status = 503;
    await page.getByText('Several days').click();
    await said('does not answer');
    server.script.status = undefined;
    await button('Try again').click();
    await said('Saved at');
    expect(saved('screener')).toHaveLength(1);
  });

  test('the session ends in mid-form: after signing in again the answers are there, and are saved', async () => {
    await open('tasks/screener');
    await said('First question');
    server.script.status = 401;
    await page.getByText('Several days').click();
    await said('What you have answered is kept in this tab');
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toMatch(/^\/launch\?iss=/);
    server.script.status = undefined;
    // Another launch, as signing in makes one.
    await page.goto(`${server.url}/form/second/`);
    await said('Here are the answers you had given');
    await waitFor(() => saved('screener').length === 1);
    expect(page.url()).toContain('/form/second/tasks/screener');
  });

  test('somebody else who signs in in the same tab finds nothing of what was typed', async () => {
    await open('tasks/screener');
    await said('First question');
    server.script.status = 401;
    await page.getByText('Several days').click();
    await said('kept in this tab');
    server.script.status = undefined;
    server.script.due = ['line'];
    await page.goto(`${server.url}/form/second/`);
    await said('Form line');
    expect(await page.evaluate('Object.keys(sessionStorage)')).toEqual([]);
    expect(saved('screener')).toEqual([]);
  });

  test('answers from another device: it is told, and nothing is overwritten before a person chooses', async () => {
    const other = await look(browser, DESK);
    await open('tasks/screener');
    await said('First question');
    await other.page.goto(`${server.url}/form/test/tasks/screener`);
    await other.page.getByText('Not at all').first().click();
    await other.page.getByText('Saved at').waitFor();
    await page.getByText('Several days').click();
    await said('You have also answered somewhere else');
    expect(saved('screener')[0]?.answer?.[0]?.valueCoding?.code).toBe('0');
    await button('Those on this screen').click();
    await said('Saved at');
    expect(saved('screener')[0]?.answer?.[0]?.valueCoding?.code).toBe('1');
    await other.page.getByText('Nearly every day').first().click();
    await other.page.getByRole('button', { name: 'Those from the other device' }).click();
    await other.page.getByText('Saved at').waitFor();
    expect(await other.page.getByLabel('Several days').first().isChecked()).toBe(true);
    await other.close();
  });

  test('a draft is resumed on another device at the first question without an answer', async () => {
    await open('tasks/screener');
    await page.getByText('Several days').click();
    await said('Saved at');
    const other = await look(browser, PHONE);
    await other.page.goto(`${server.url}/form/test/`);
    await other.page.getByText('One answer is saved').waitFor();
    await other.page.getByRole('link', { name: 'Go on' }).click();
    await other.page.getByText('Second question').waitFor();
    await other.close();
  });

  test('words for a crisis are shown and read out as soon as the server says so', async () => {
    server.script.crisis = {
      text: { en: 'You are not alone.', es: 'No está sola.', ca: 'No està sola.' },
      contacts: [{ text: { en: 'Call 024', es: 'Llame al 024', ca: 'Truqui al 024' }, phone: '024' }],
    };
    await open('tasks/screener');
    await page.getByText('Nearly every day').click();
    await page.getByRole('alert').getByText('You are not alone.').waitFor();
    expect(await page.getByRole('link', { name: '024' }).getAttribute('href')).toBe('tel:024');
  });
});

describe('A personal link', () => {
  test('its code leaves the address at once, and opens the forms only with the code sent to the phone', async () => {
    await page.goto(`${server.url}/form/link#${LINK.code}`);
    await button('Send me the code').click();
    expect(page.url()).toBe(`${server.url}/form/link`);
    await page.getByLabel('Code from the message').fill('654 321');
    await page.keyboard.press('Enter');
    await said('That is not the code.');
    await page.getByLabel('Code from the message').fill(LINK.oneTimeCode);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/form/opened/`);
    await said('Questions for you');
    await page.goBack().catch(() => undefined);
    expect(page.url()).not.toContain(LINK.code);
  });

  test('a link that was used, withdrawn or cut off says what to do', async () => {
    await page.goto(`${server.url}/form/link#another-code`);
    await button('Send me the code').click();
    await said('This link is no longer valid.');
    await page.goto('about:blank');
    await page.goto(`${server.url}/form/link`);
    await said('This address is not complete.');
  });
});

describe('A hospital’s own form', () => {
  test('every item type is asked and handed in as FHIR has it', async () => {
    await looker.close();
    looker = await look(browser, DESK);
    page = looker.page;
    await open('tasks/own');
    await page.getByLabel('Yes').click();
    await field('How many people live with you?').fill('2');
    await field('Your weight').fill('61,5');
    await field('Since when are you treated?').fill('2026-03-04');
    await field('What else should we know?').fill('  Nothing. ');
    await field('Who helps you?').fill('Ana');
    await page.locator('[data-link-id=names]').getByRole('button', { name: 'Add another answer' }).click();
    await page.getByRole('textbox', { name: 'Who helps you?' }).nth(1).fill('Bea');
    await page.getByLabel('Message').click();
    await page.getByLabel('Video').click();
    await page.getByLabel('Another answer').click();
    await page.getByRole('textbox', { name: 'Your work' }).fill('On a ship');
    await field('Name of the medicine').fill('A');
    await field('How many a day').fill('1.5');
    await button('Add another answer').last().click();
    await page.getByRole('textbox', { name: 'Name of the medicine' }).nth(1).fill('B');
    await button('See my answers').click();
    await button('Send my answers').click();
    await said('Thank you.');
    expect(server.script.handedIn[0]?.items).toEqual([
      { linkId: 'yes', answer: [{ valueBoolean: true }] },
      { linkId: 'age', answer: [{ valueInteger: 2 }] },
      { linkId: 'weight', answer: [{ valueDecimal: 61.5 }] },
      { linkId: 'since', answer: [{ valueDate: '2026-03-04' }] },
      { linkId: 'note', answer: [{ valueString: 'Nothing.' }] },
      { linkId: 'names', answer: [{ valueString: 'Ana' }, { valueString: 'Bea' }] },
      {
        linkId: 'how',
        answer: [
          { valueCoding: { system: 'urn:example', code: '0' } },
          { valueCoding: { system: 'urn:example', code: '2' } },
        ],
      },
      { linkId: 'other', answer: [{ valueString: 'On a ship' }] },
      {
        linkId: 'drugs',
        item: [
          { linkId: 'drug', answer: [{ valueString: 'A' }] },
          { linkId: 'dose', answer: [{ valueDecimal: 1.5 }] },
        ],
      },
      { linkId: 'drugs', item: [{ linkId: 'drug', answer: [{ valueString: 'B' }] }] },
    ]);
  });

  test('what is no answer is said beside the field and never saved', async () => {
    await open('tasks/own/q/age');
    await field('How many people live with you?').fill('21');
    await page.getByRole('alert').getByText('outside the range').waitFor();
    await field('How many people live with you?').fill('2.5');
    await page.getByRole('alert').getByText('A whole number').waitFor();
    await field('How many people live with you?').fill('3');
    await expectSaved('own', [{ linkId: 'age', answer: [{ valueInteger: 3 }] }]);
  });

  const field = (name: string) => page.getByLabel(name).first();
});
