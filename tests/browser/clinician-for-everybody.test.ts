import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { answersWith } from '../app/fixtures/answers.ts';
import { PATIENT_AT_RISK, PATIENT_BLINDED } from '../app/fixtures/patient-fixture.ts';
import { EMPTY_WORKLIST } from '../app/fixtures/worklist-fixture.ts';
import { type FixtureServer, startFixtureServer } from '../app/rig/fixture-server.ts';
import { DESK, look, openBrowser, overflow, PHONE, violations } from './rig/browser.ts';

let browser: Browser;
let server: FixtureServer;

beforeAll(async () => {
  browser = await openBrowser();
  server = await startFixtureServer(answersWith());
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

interface Shown {
  readonly path: string;
  readonly answers?: Readonly<Record<string, unknown>>;
  /** What is pressed before the page is looked at. */
  readonly press?: string;
}

const ONE = '/patients/demo-17';
const PAGES: Readonly<Record<string, Shown>> = {
  'the worklist': { path: '/' },
  'the worklist with nothing to do': { path: '/', answers: { 'GET /api/worklist': EMPTY_WORKLIST } },
  'the patient': { path: ONE },
  'the patient with a sign of danger': { path: ONE, answers: { 'GET /api/patients/demo-17': PATIENT_AT_RISK } },
  'the patient of a study': { path: ONE, answers: { 'GET /api/patients/demo-17': PATIENT_BLINDED } },
  'the question before an approval': { path: ONE, press: '[data-act="approve"]' },
  'the question before a refusal': { path: ONE, press: '[data-act="decline"]' },
  'the choice of another level': { path: ONE, press: '[data-act="other"]' },
  'the answers': { path: '/patients/demo-17/responses/r-2026-10-31' },
  'the review queue': { path: '/review' },
  'what was not delivered': { path: '/dead-letters' },
  'the jobs': { path: '/jobs' },
  'the response rates': { path: '/response-rates' },
  'who looked': { path: '/accesses' },
  'the cohort': { path: '/cohort' },
  'the round': { path: '/round' },
  'whose paper': { path: '/paper' },
  'what waits on paper': { path: '/paper?patient=demo-17' },
  'two entries that differ': { path: '/paper/t-5?patient=demo-17' },
  'a form from paper': { path: '/paper/t-2?patient=demo-17' },
  'whose link': { path: '/links' },
  'the personal links of a patient': { path: '/links?patient=demo-17' },
  'an address of nothing': { path: '/nowhere' },
};

async function open(page: Page, { path, answers, press }: Shown): Promise<void> {
  server.answer(answersWith(answers));
  await page.goto(`${server.address}/app/launch-1${path}`, { waitUntil: 'networkidle' });
  await page.locator('main :is(h1, h2, [role=alert]), section h1').first().waitFor();
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
  if (press !== undefined) await page.locator(press).click();
}

describe('axe finds nothing', () => {
  for (const language of ['en', 'es', 'ca'])
    for (const colorScheme of ['light', 'dark'] as const)
      test(`on any page of the clinician’s app, in ${language}, ${colorScheme}, on a phone and on a desk`, async () => {
        for (const size of [PHONE, DESK]) {
          const { page, complaints, close } = await look(browser, { ...size, colorScheme });
          await page.addInitScript(`localStorage.setItem('vincle-language', '${language}')`);
          for (const [name, shown] of Object.entries(PAGES)) {
            await open(page, shown);
            expect(await page.getAttribute('html', 'lang')).toBe(language);
            expect({ page: name, violations: await violations(page) }).toEqual({ page: name, violations: [] });
          }
          expect(complaints).toEqual([]);
          await close();
        }
      });
});

describe('Small windows and large text', () => {
  for (const [what, viewport] of [
    ['at 320 px', { width: 320, height: 640 }],
    ['at 200 % on a laptop', { width: 640, height: 400 }],
    ['on a tablet', { width: 820, height: 1100 }],
  ] as const)
    test(`${what} no page of the clinician’s app reaches over the edge`, async () => {
      const { page, close } = await look(browser, { ...DESK, viewport });
      await page.addInitScript(`localStorage.setItem('vincle-language', 'ca')`);
      for (const [name, shown] of Object.entries(PAGES)) {
        await open(page, shown);
        expect({ page: name, overflow: await overflow(page) }).toEqual({ page: name, overflow: 0 });
      }
      await close();
    });
});
