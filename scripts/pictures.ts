/** Takes the pictures of the README from the demonstration, in a real Chromium: `npm run pictures`. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '../tests/browser/rig/browser.ts';
import { demonstrate } from '../tests/browser/rig/demonstration.ts';

const FOLDER = fileURLToPath(new URL('../docs/pictures/', import.meta.url));
const PATIENTS = 60;
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 860 }, locale: 'en-GB' };
const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 720 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 1.5,
  locale: 'en-GB',
};

interface Picture {
  readonly name: string;
  readonly door: string;
  readonly window: BrowserContextOptions;
  /** From where the door leads to what is shown. */
  to?(page: Page): Promise<void>;
}

const begin = async (page: Page): Promise<void> => {
  await page.locator('main li a.button').first().click();
  await page.locator('main fieldset, main input[type=range]').first().waitFor();
};

const PICTURES: readonly Picture[] = [
  { name: 'worklist', door: 'therapist', window: DESK },
  { name: 'patient', door: 'chart', window: DESK },
  {
    name: 'patient-dark',
    door: 'chart',
    window: { ...DESK, colorScheme: 'dark' },
    to: async (page) => page.locator('main svg').first().scrollIntoViewIfNeeded(),
  },
  { name: 'forms-start', door: 'patient-1', window: PHONE },
  {
    name: 'forms-question',
    door: 'patient-1',
    window: PHONE,
    to: async (page) => {
      await begin(page);
      const row = page.locator('main fieldset label').nth(1);
      if (await row.isVisible()) await row.click();
      else await page.locator('main input[type=range]').press('ArrowRight');
      await page.getByText('Saved at').waitFor();
    },
  },
  {
    name: 'forms-review',
    door: 'patient-1',
    window: PHONE,
    to: async (page) => {
      await begin(page);
      await page.getByRole('button', { name: 'All questions on one page' }).click();
      for (const [at, rows] of (await page.locator('main fieldset').all()).slice(0, -1).entries())
        await rows
          .locator('label')
          .nth(at % 3)
          .click();
      await page.getByRole('button', { name: 'See my answers' }).click();
      await page.locator('dl').waitFor();
    },
  },
  { name: 'review-queue', door: 'coordinator', window: DESK, to: (page) => open(page, 'review') },
];

async function open(page: Page, place: string): Promise<void> {
  await page.goto(
    new URL(page.url()).pathname.replace(/^(\/app\/[^/]+).*/, `$1/${place}`).replace(/^/, new URL(page.url()).origin),
  );
  await page.locator('h1').first().waitFor();
}

const { ehr, stop } = await demonstrate(PATIENTS);
const browser = await openBrowser();
mkdirSync(FOLDER, { recursive: true });
try {
  for (const { name, door, window, to } of PICTURES) {
    const context = await browser.newContext({ ...window, reducedMotion: 'reduce' });
    await context.addInitScript("try { localStorage.setItem('vincle-language', 'en') } catch {}");
    const page = await context.newPage();
    await page.goto(`${ehr}open/${door}`);
    await page.waitForURL(/\/(app|form)\//);
    await page.locator('h1').first().waitFor();
    await page.waitForLoadState('networkidle');
    await to?.(page);
    await page.waitForLoadState('networkidle');
    await page.screenshot({ path: `${FOLDER}${name}.png` });
    await context.close();
    process.stderr.write(`docs/pictures/${name}.png\n`);
  }
} finally {
  await browser.close();
  await stop();
}
