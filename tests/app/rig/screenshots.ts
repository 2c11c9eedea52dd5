import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, chromiumProgram } from '../../browser/rig/chromium.ts';
import { answersWith } from '../fixtures/answers.ts';
import { PATIENT_AT_RISK, PATIENT_BLINDED } from '../fixtures/patient-fixture.ts';
import { startFixtureServer } from './fixture-server.ts';

/*
 * node tests/app/rig/screenshots.ts --out FOLDER [--only NAME] [--language es] [--scheme dark] [--width 390] [--app BUILT]
 * Pictures of the pages with invented patients, to be looked at.
 */
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'screenshots' },
    only: { type: 'string' },
    language: { type: 'string', default: 'en' },
    scheme: { type: 'string', default: 'light' },
    width: { type: 'string', default: '1280' },
    app: { type: 'string' },
    view: { type: 'boolean', default: false },
  },
});

const PAGES: Readonly<Record<string, readonly [string, Readonly<Record<string, unknown>>]>> = {
  worklist: ['/', {}],
  patient: ['/patients/demo-17', {}],
  risk: ['/patients/demo-17', { 'GET /api/patients/demo-17': PATIENT_AT_RISK }],
  blinded: ['/patients/demo-17', { 'GET /api/patients/demo-17': PATIENT_BLINDED }],
  response: ['/patients/demo-17/responses/r-2026-10-31', {}],
  review: ['/review', {}],
  letters: ['/dead-letters', {}],
  jobs: ['/jobs', {}],
  rates: ['/response-rates', {}],
  accesses: ['/accesses', {}],
  round: ['/round', {}],
  paper: ['/paper?patient=demo-17', {}],
  typing: ['/paper/t-5?patient=demo-17', {}],
  unknown: ['/nowhere', {}],
};

mkdirSync(values.out, { recursive: true });
const server = await startFixtureServer(answersWith(), values.app);
const executablePath = chromiumProgram();
const browser = await chromium.launch({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: [...CHROMIUM_ARGUMENTS],
});
const width = Number(values.width);
const context = await browser.newContext({
  viewport: { width, height: width < 600 ? 800 : 900 },
  colorScheme: values.scheme === 'dark' ? 'dark' : 'light',
  locale: values.language,
  reducedMotion: 'reduce',
});
await context.addInitScript(`localStorage.setItem('vincle-language', ${JSON.stringify(values.language)})`);
for (const [name, [path, answers]] of Object.entries(PAGES)) {
  if (values.only !== undefined && values.only !== name) continue;
  server.answer(answersWith(answers));
  const page = await context.newPage();
  page.on('console', (it) => process.stderr.write(`${name}: ${it.type()} ${it.text()}\n`));
  page.on('pageerror', (it) => process.stderr.write(`${name}: ${String(it)}\n`));
  await page.goto(`${server.address}/app/launch-1${path}`, { waitUntil: 'networkidle' });
  await page.screenshot({
    path: join(values.out, `${name}-${values.language}-${values.scheme}-${width}.png`),
    fullPage: !values.view,
  });
  await page.close();
}
await browser.close();
await server.close();
