import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { DESK, look, openBrowser, overflow, PHONE, violations } from './rig/browser.ts';
import { type ScriptedServer, startScriptedServer } from './rig/scripted-server.ts';

let browser: Browser;
let server: ScriptedServer;

beforeAll(async () => {
  browser = await openBrowser();
  server = await startScriptedServer();
});
afterAll(async () => {
  await browser.close();
  await server.stop();
});

const PAGES: Readonly<Record<string, string>> = {
  'the start page': '',
  'one question of rows': 'tasks/screener/q/s-2',
  'the line': 'tasks/line/q/vas-1',
  'the thermometer': 'tasks/line/q/dt-1',
  'a form of every item type': 'tasks/own',
  'the answers looked over': 'tasks/screener/review',
  'the form for paper': 'tasks/own/paper',
  'the patient’s copy': 'copy',
};
const LANGUAGES = ['en', 'es', 'ca'] as const;

const shown = (page: Page) => page.locator('h1').waitFor();

describe('axe finds nothing', () => {
  for (const language of LANGUAGES)
    for (const colorScheme of ['light', 'dark'] as const)
      test(`on any page, in ${language}, ${colorScheme}, on a phone and on a desk`, async () => {
        for (const size of [PHONE, DESK]) {
          const { page, complaints, close } = await look(browser, { ...size, colorScheme });
          await page.addInitScript(`localStorage.setItem('vincle-language', '${language}')`);
          for (const [name, path] of Object.entries(PAGES)) {
            await page.goto(`${server.url}/form/test/${path}`);
            await shown(page);
            expect(await page.getAttribute('html', 'lang')).toBe(language);
            expect({ page: name, violations: await violations(page) }).toEqual({ page: name, violations: [] });
          }
          await page.goto(`${server.url}/form/link#made-up`);
          await shown(page);
          expect(await violations(page)).toEqual([]);
          expect(complaints).toEqual([]);
          await close();
        }
      });
});

describe('Small windows and large text', () => {
  for (const [what, viewport, zoom] of [
    ['at 320 px', { width: 320, height: 640 }, '100%'],
    ['at 200 % on a laptop', { width: 640, height: 400 }, '100%'],
    ['with text twice as large on a phone', { width: 390, height: 780 }, '200%'],
  ] as const)
    test(`${what} every page is read without scrolling sideways`, async () => {
      const { page, close } = await look(browser, { viewport, locale: 'ca-ES' });
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(`${server.url}/form/test/${path}`);
        await shown(page);
        await page.evaluate(`document.documentElement.style.fontSize = '${zoom}'`);
        expect({ page: name, over: await overflow(page) }).toEqual({ page: name, over: 0 });
      }
      await close();
    });

  test('every target on a phone is at least 44 pixels high', async () => {
    const { page, close } = await look(browser, PHONE);
    for (const path of Object.values(PAGES)) {
      await page.goto(`${server.url}/form/test/${path}`);
      await shown(page);
      const small: unknown = await page.evaluate(
        `[...document.querySelectorAll('main button, main a.button, main a.link, main label:has(input), main input[type=range], main input[type=text], select')]
           .filter((it) => it.getClientRects().length > 0 && it.getBoundingClientRect().height < 43.9).map((it) => it.outerHTML)`,
      );
      expect(small).toEqual([]);
    }
    await close();
  });
});

describe('By keyboard alone', () => {
  test('a form is found, answered, looked over and sent', async () => {
    const own = await startScriptedServer();
    const { page, complaints, close } = await look(browser, DESK);
    await page.goto(`${own.url}/form/test/`);
    await shown(page);
    await tabTo(page, 'Begin');
    await page.keyboard.press('Enter');
    await page.getByText('0 of 2 answered').waitFor();
    await tabTo(page, 'Not at all');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'Not at all');
    await page.keyboard.press('Space');
    await page.getByText('2 of 2 answered').waitFor();
    await tabTo(page, 'See my answers');
    await page.keyboard.press('Enter');
    await page.getByText('All questions are answered.').waitFor();
    await tabTo(page, 'Send my answers');
    await page.keyboard.press('Enter');
    await page.getByText('Thank you.').waitFor();
    expect(own.script.handedIn[0]?.items.map((it) => it.answer?.[0]?.valueCoding?.code)).toEqual(['1', '0']);
    expect(complaints).toEqual([]);
    await close();
    await own.stop();
  });
});

/** Presses Tab until what has the focus is named so; each stop on the way shows its focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed += 1) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate(
      `(() => { const it = document.activeElement; const row = it.closest('label');
        const rings = [it, row].filter(Boolean).map((one) => getComputedStyle(one).outlineStyle);
        return { name: (it.closest('label') ?? it).innerText?.trim() ?? '', ring: rings.some((style) => style !== 'none') }; })()`,
    );
    const stop = at as { name: string; ring: boolean };
    if (stop.name !== '' && !stop.ring) throw new Error(`No focus is seen at ${stop.name}.`);
    if (stop.name === name) return;
  }
  throw new Error(`No Tab leads to ${name}.`);
}

describe('On paper', () => {
  test('a form is printed on one sheet of A4', async () => {
    const { page, close } = await look(browser, DESK);
    for (const task of ['screener', 'line', 'own']) {
      await page.goto(`${server.url}/form/test/tasks/${task}/paper`);
      await shown(page);
      const sheet = (await page.pdf({ format: 'A4', preferCSSPageSize: true })).toString('latin1');
      expect(sheet.match(/\/Type\s*\/Page\b/g)).toHaveLength(1);
    }
    await close();
  });
});

describe('What a phone has to load', () => {
  test('the forms app is at most 120 kB of script, gzip, at its first page', async () => {
    const { page, close } = await look(browser, PHONE);
    const scripts = new Set<string>();
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith('.js')) scripts.add(pathname);
    });
    await page.goto(`${server.url}/form/test/tasks/screener`);
    await shown(page);
    const bytes = [...scripts].reduce((sum, it) => sum + gzipSync(readFileSync(join(DIST, it))).length, 0);
    expect(scripts.size).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(120_000);
    await close();
  });

  test('nothing of it stands in the page itself, and nothing comes from elsewhere', () => {
    const html = readFileSync(join(DIST, 'form/index.html'), 'utf8');
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|style=|https?:/);
    for (const file of readdirSync(join(DIST, 'assets')).filter((it) => it.endsWith('.css')))
      expect(readFileSync(join(DIST, 'assets', file), 'utf8')).not.toMatch(/@import|url\(/);
  });
});

const DIST = join(import.meta.dirname, '../../dist/app');
