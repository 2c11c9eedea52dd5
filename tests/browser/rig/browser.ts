import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { CHROMIUM_ARGUMENTS, chromiumProgram } from './chromium.ts';

/** @throws Error where this machine has no Chromium */
export async function openBrowser(): Promise<Browser> {
  const executablePath = chromiumProgram();
  if (executablePath === undefined)
    throw new Error('No Chromium on this machine: npm run test:prepare says how to get it.');
  return chromium.launch({ executablePath, args: [...CHROMIUM_ARGUMENTS] });
}

export interface Looker {
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the page complained of: uncaught errors, and what its Content-Security-Policy forbade. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  hasTouch: true,
  isMobile: true,
  locale: 'en-GB',
};
export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 900 }, locale: 'en-GB' };

/** A browser window of its own: no cookie of another one. */
export async function look(browser: Browser, options: BrowserContextOptions): Promise<Looker> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  listen(page, complaints);
  return { context, page, complaints, close: () => context.close() };
}

/** Collects what a page complains of; what the network refuses is what many tests are about. */
export function listen(page: Page, complaints: string[]): void {
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isNetwork = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !isNetwork) complaints.push(message.text());
  });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds on a page as it stands, each with the places it found it at. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found: unknown = await page.evaluate(
    `axe.run(document, { resultTypes: ['violations'] }).then((it) =>
       it.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(', ')))`,
  );
  return found as readonly string[];
}

/** How far a page reaches over the right edge of its window, in pixels; 0 where it does not. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate('Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)');
