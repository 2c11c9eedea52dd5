import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { cohortPage, cohortView } from '../../src/report/cohort-page.ts';
import { answersWith } from '../app/fixtures/answers.ts';
import { type FixtureServer, startFixtureServer } from '../app/rig/fixture-server.ts';
import { RUNNING, reportOn } from '../report/report-under-test.ts';
import { goldenCohort } from '../statistics/golden-cohort.ts';
import { DESK, look, openBrowser, overflow, PHONE, violations } from './rig/browser.ts';

let browser: Browser;
let server: FixtureServer;
let folder: string;
const open = reportOn(goldenCohort('missing'));
const blind = reportOn(goldenCohort('missing'), RUNNING);

beforeAll(async () => {
  browser = await openBrowser();
  folder = mkdtempSync(join(tmpdir(), 'vincle-report-'));
  const view = cohortView(open, 'en');
  const answer = { ...view, page: cohortPage(open, 'en'), masked: false, declarable: true };
  server = await startFixtureServer(answersWith({ 'POST /api/cohort-report': answer }));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.close();
  await browser.close();
});

const fileOf = (name: string, page: string): string => {
  const file = join(folder, `${name}.html`);
  writeFileSync(file, page);
  return pathToFileURL(file).href;
};

test.each([
  ['ca', 'light', PHONE, open],
  ['es', 'dark', DESK, open],
  ['en', 'dark', PHONE, blind],
  ['en', 'light', DESK, open],
] as const)(
  'the report opens from a file in %s, %s: axe finds nothing, and the window is not too narrow',
  async (language, colorScheme, size, report) => {
    const { page, complaints, close } = await look(browser, { ...size, colorScheme });
    await page.goto(fileOf(language, cohortPage(report, language)));
    expect(await violations(page)).toEqual([]);
    expect(await overflow(page)).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  },
);

describe.each(['light', 'dark'] as const)('The report of the cohort, %s', (colorScheme) => {
  test('is shown in the app to a researcher who says what for, under the app’s policy, and axe finds nothing', async () => {
    const { page, complaints, close } = await look(browser, { ...DESK, colorScheme });
    await page.addInitScript(`localStorage.setItem('vincle-language', 'en')`);
    await page.goto(`${server.address}/app/launch-1/cohort`, { waitUntil: 'networkidle' });
    await page.getByLabel('What it is for').fill('the paper');
    await page.getByLabel('Approval number').fill('CEIm 26/123');
    await page.getByRole('button', { name: 'Make the report' }).click();
    const answer = page.getByRole('heading', { name: 'The answer', exact: true });
    await answer.waitFor();
    expect(server.asked.at(-1)).toMatchObject({
      path: '/api/cohort-report',
      csrf: 'csrf-1',
      body: { purpose: 'the paper', approval: 'CEIm 26/123', language: 'en' },
    });
    const surface = await page.evaluate(
      "getComputedStyle(document.querySelector('section[data-scheme]').shadowRoot.querySelector('.report')).backgroundColor",
    );
    expect(surface).toBe(colorScheme === 'dark' ? 'rgb(18, 24, 28)' : 'rgb(255, 255, 255)');
    await page.getByRole('link', { name: 'Methods' }).click();
    expect(await page.evaluate('document.activeElement.shadowRoot.activeElement.id')).toBe('methods');
    expect(await violations(page)).toEqual([]);
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Keep it as a file' }).click(),
    ]);
    expect(saved.suggestedFilename()).toBe('vincle-cohort.html');
    // Without a study somebody may say, on record, that nobody is blinded.
    await page.getByLabel('This cohort is no trial: nobody in it is blinded').check();
    await page.getByRole('button', { name: 'Make the report' }).click();
    await answer.waitFor();
    expect(server.asked.at(-1)).toMatchObject({ body: { purpose: 'the paper', notATrial: true } });
    expect(complaints).toEqual([]);
    await close();
  });
});
