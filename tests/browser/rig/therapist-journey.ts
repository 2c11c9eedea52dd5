import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Communication } from 'fhir/r4.js';
import type { Browser, BrowserContext } from 'playwright-core';
import { connectFhir } from '../../../src/fhir/connect.ts';
import { DESK, openBrowser, violations } from './browser.ts';
import { askFor, launchAloneIn, launchIn, type Site } from './hospital.ts';

const CHART = { person: 'therapist', patient: 'p1' } as const;

/** What a therapist does in Vincle, at a hospital that `siteOf` makes: it is called once. */
export function therapistJourney(name: string, siteOf: () => Promise<Site>): void {
  let browser: Browser;
  let site: Site;
  let context: BrowserContext;

  beforeAll(async () => {
    [browser, site] = await Promise.all([openBrowser(), siteOf()]);
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ ...DESK });
    context.setDefaultTimeout(30_000);
  });
  afterEach(() => context.close());

  const alliance = { name: 'Alliance', exact: true } as const;

  describe(`A therapist, on ${name}`, () => {
    test('launched from a chart, sees that patient alone', async () => {
      const { page, complaints, launch } = await launchIn(context, site, CHART);
      await page.getByRole('heading', alliance).waitFor();
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(statusOf(launch, '/api/patients/p2'))).toBe(403);
      expect(await page.evaluate(statusOf(launch, '/api/worklist'))).toBe(403);
      expect(complaints).toEqual([]);
    });

    test('starts alone, finds the patients of her own, and opens one by keyboard', async () => {
      const { page, complaints } = await launchAloneIn(context, site, { person: 'therapist' });
      await page.getByRole('heading', { name: 'My patients' }).waitFor();
      await page.locator('tbody a').first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', alliance).waitFor();
      expect(page.url()).toMatch(/\/patients\/p[12]$/);
      await page.goBack();
      await page.getByRole('heading', { name: 'My patients' }).waitFor();
      expect(complaints).toEqual([]);
    });

    test('logs a call in two taps, once however often she presses', async () => {
      const { page } = await launchIn(context, site, CHART);
      await page.getByRole('button', { name: 'Log a call', exact: true }).dblclick();
      const dialog = page.getByRole('dialog');
      if (await dialog.isVisible()) await dialog.getByRole('button', { name: /call/ }).last().dblclick();
      await expectSoon(async () => (await calls(site)).length > 0);
      await page.reload();
      await page.getByRole('heading', alliance).waitFor();
      expect(await calls(site)).toHaveLength(1);
    });

    test('answers her own form about a patient, and the record has it', async () => {
      await askFor(site, `round-${process.pid}`, 'wai-s-t', 'p1', 'Practitioner/t1');
      const { page, complaints } = await launchAloneIn(context, site, { person: 'therapist' });
      await page.getByRole('link', { name: 'My forms', exact: true }).click();
      await page.locator('tbody tr a').first().click();
      const rows = page.locator('main fieldset:has(input[type=radio])');
      await rows.first().waitFor();
      for (const row of await rows.all()) await row.locator('label').nth(4).click();
      await page.getByRole('button', { name: 'Send these answers' }).click();
      await page.waitForURL(/\/round$/);
      const server = connectFhir({
        baseUrl: site.hospital.embedded.baseUrl,
        auth: { kind: 'none' },
        timeoutMs: 20_000,
      });
      const task = await server.read('Task', `round-${process.pid}`);
      expect(task).toMatchObject({ status: 'completed' });
      expect(complaints).toEqual([]);
    });

    test('loses sight of everything once the hospital took the token back', async () => {
      const { page } = await launchIn(context, site, CHART);
      await page.getByRole('heading', alliance).waitFor();
      await site.hospital.authority.revokeEverything();
      await page.reload();
      await page.getByText('Your session has ended.').waitFor();
      expect(await page.getByRole('heading', alliance).count()).toBe(0);
    });

    test('is told when the hospital’s system is away, and sees the patient again once it is back', async () => {
      const { page } = await launchIn(context, site, CHART);
      await page.getByRole('heading', alliance).waitFor();
      site.outage(true);
      try {
        await page.reload();
        await page.getByRole('button', { name: 'Try again' }).waitFor();
        expect(await page.getByRole('heading', alliance).count()).toBe(0);
      } finally {
        site.outage(false);
      }
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('heading', alliance).waitFor();
    });

    test('logs out, and the back button shows nothing of anybody', async () => {
      const { page } = await launchIn(context, site, CHART);
      await page.getByRole('heading', alliance).waitFor();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByRole('heading', alliance).waitFor({ state: 'detached' });
      await page.goBack().catch(() => undefined);
      await page.waitForLoadState();
      expect(await page.getByRole('heading', alliance).count()).toBe(0);
    });
  });
}

async function calls({ hospital }: Site): Promise<readonly Communication[]> {
  const server = connectFhir({ baseUrl: hospital.embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 20_000 });
  const found: Communication[] = [];
  for await (const { resources } of server.search({ type: 'Communication', params: [['subject', 'Patient/p1']] }))
    found.push(...resources.filter((it): it is Communication => it.resourceType === 'Communication'));
  return found;
}

async function expectSoon(holds: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 20_000;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error('It did not come to pass within twenty seconds.');
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The status of a request that the page makes for a launch. */
const statusOf = (launch: string, path: string): string =>
  `fetch(${JSON.stringify(path)}, { headers: { 'Vincle-Launch': ${JSON.stringify(launch)} } }).then((it) => it.status)`;
