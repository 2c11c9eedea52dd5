import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { DESK, openBrowser, PHONE } from '../browser/rig/browser.ts';
import { demonstrate } from '../browser/rig/demonstration.ts';

/**
 * How soon each page can be used in a real Chromium, on the demonstration with so many patients: `npm run bench:app`.
 * Each figure is the median of a few loads with an empty cache, from the click to the moment the thing that is named
 * stands on the page.
 */
const PATIENTS = Number(process.env.PATIENTS ?? 2_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const ROOT = join(import.meta.dirname, '../..');

interface Figure {
  readonly what: string;
  readonly limit: number;
  readonly unit: 'ms' | 'kB';
  readonly values: readonly number[];
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Opens a door of the EHR, then measures a load of the page it led to, without a cache. */
async function measure(browser: Browser, ehr: string, at: Measured): Promise<Figure> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const context = await browser.newContext(at.window);
    // The doors of so large a demonstration take their time; what is measured begins behind them.
    context.setDefaultTimeout(300_000);
    const page = await context.newPage();
    await page.goto(`${ehr}open/${at.door}`);
    await page.waitForURL(/\/(app|form)\//);
    await page.locator('h1').first().waitFor();
    if (at.first !== undefined) await at.first(page);
    const cdp = await context.newCDPSession(page);
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: at.slower });
    const started = performance.now();
    await page.reload({ waitUntil: 'commit' });
    await page.locator(at.usable).first().waitFor();
    values.push(performance.now() - started);
    await context.close();
  }
  return { what: at.what, limit: at.limit, unit: 'ms', values };
}

interface Measured {
  readonly what: string;
  readonly door: string;
  readonly window: BrowserContextOptions;
  /** How many times slower than this machine the processor is made. */
  readonly slower: number;
  readonly limit: number;
  /** Stands on the page once it can be used. */
  readonly usable: string;
  /** On the way from where the door leads to what is measured. */
  first?(page: Page): Promise<void>;
}

const MEASURED: readonly Measured[] = [
  {
    what: 'worklist, of everybody in the programme',
    door: 'coordinator',
    window: DESK,
    slower: 1,
    limit: 1_500,
    usable: 'main table tbody tr',
  },
  {
    what: 'worklist, of one therapist',
    door: 'therapist',
    window: DESK,
    slower: 1,
    limit: 1_500,
    usable: 'main table tbody tr',
  },
  {
    what: 'patient page',
    door: 'chart',
    window: DESK,
    slower: 1,
    limit: 1_000,
    usable: 'main svg',
  },
  {
    what: 'patient form, processor 4 times slower',
    door: 'patient-1',
    window: PHONE,
    slower: 4,
    limit: 2_000,
    usable: 'main fieldset, main input[type=range]',
    first: async (page) => {
      await page.locator('main li a.button').first().click();
      await page.locator('main fieldset, main input[type=range]').first().waitFor();
    },
  },
];

/** Script that a first load fetches, gzip, in kB. */
async function scriptOf(browser: Browser, ehr: string, door: string, what: string, limit: number): Promise<Figure> {
  const context = await browser.newContext(DESK);
  const page = await context.newPage();
  const scripts = new Set<string>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.endsWith('.js')) scripts.add(pathname);
  });
  await page.goto(`${ehr}open/${door}`);
  await page.waitForURL(/\/(app|form)\//);
  await page.locator('h1').first().waitFor();
  await page.waitForLoadState('networkidle');
  await context.close();
  const bytes = [...scripts].map((it) => gzipSync(readFileSync(join(ROOT, 'dist/app', it))).length);
  return { what, limit, unit: 'kB', values: [bytes.reduce((sum, it) => sum + it, 0) / 1000] };
}

const { ehr, stop } = await demonstrate(PATIENTS);
const browser = await openBrowser();
const figures: Figure[] = [];
try {
  for (const it of MEASURED) figures.push(await measure(browser, ehr, it));
  figures.push(await scriptOf(browser, ehr, 'patient-1', 'script of the patient form, first load, gzip', 120));
  figures.push(await scriptOf(browser, ehr, 'therapist', 'script of the clinician’s app, first load, gzip', 350));
} finally {
  await browser.close();
  await stop();
}
let isSlow = false;
for (const { what, limit, unit, values } of figures) {
  const value = median(values);
  if (value > limit) isSlow = true;
  const each = values.length === 1 ? '' : ` (${values.map((it) => Math.round(it)).join(', ')})`;
  process.stdout.write(
    `${what}: ${Math.round(value)} ${unit}, limit ${limit}${each}${value > limit ? ' · OVER' : ''}\n`,
  );
}
process.exitCode = isSlow ? 1 : 0;
