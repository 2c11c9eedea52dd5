import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { QuestionnaireResponse, Task } from 'fhir/r4.js';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { connectFhir } from '../../../src/fhir/connect.ts';
import type { FhirServer } from '../../../src/fhir/port.ts';
import { deliverResponses } from '../../../src/pipeline/deliver-responses.ts';
import { openBrowser, PHONE, violations } from './browser.ts';
import { askFor, launchAloneIn, launchIn, type OpenedTab, type Site } from './hospital.ts';

/** What happens to a patient who answers, at a hospital that one of these makes: `siteOf` is called once. */
export function patientJourney(name: string, siteOf: () => Promise<Site>): void {
  let browser: Browser;
  let site: Site;
  let context: BrowserContext;
  let fhir: FhirServer;
  let serial = 0;

  beforeAll(async () => {
    [browser, site] = await Promise.all([openBrowser(), siteOf()]);
    fhir = connectFhir({ baseUrl: site.hospital.embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 20_000 });
  }, 300_000);
  afterAll(async () => {
    await browser.close();
    await site.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ ...PHONE });
    context.setDefaultTimeout(20_000);
  });
  afterEach(() => context.close());

  const PATIENT = { person: 'patient-1', patient: 'p1' } as const;

  /** Asks the patient for one form more, and opens it on a phone. */
  async function openForm(form: string): Promise<OpenedTab & { readonly task: string }> {
    serial += 1;
    const task = `asked-${serial}`;
    await askFor(site, task, form, 'p1');
    const tab = await launchAloneIn(context, site, PATIENT);
    await tab.page.goto(`${site.origin}/form/${tab.launch}/tasks/${task}`);
    return { ...tab, task };
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
  const said = (page: Page, text: string) => page.getByText(text).first().waitFor();
  const responses = async (): Promise<readonly QuestionnaireResponse[]> => {
    const found: QuestionnaireResponse[] = [];
    for await (const { resources } of fhir.search({
      type: 'QuestionnaireResponse',
      params: [['subject', 'Patient/p1']],
    }))
      found.push(...resources.filter((it): it is QuestionnaireResponse => it.resourceType === 'QuestionnaireResponse'));
    return found;
  };
  const responsesTo = async (task: string): Promise<readonly QuestionnaireResponse[]> => {
    const { output = [] } = await taskOf(task);
    const named = new Set(output.map((it) => it.valueReference?.reference?.split('/').at(-1)));
    return (await responses()).filter((it) => named.has(it.id));
  };
  const taskOf = async (id: string): Promise<Task> => {
    const found = await fhir.read('Task', id);
    if (found?.resourceType !== 'Task') throw new Error(`no Task ${id}`);
    return found;
  };

  describe(`A patient, on a phone, at a hospital with its own sign-in, on ${name}`, () => {
    test('is asked, answers a screener with one thumb, sends it, and the record has it', async () => {
      await askFor(site, 'first', 'phq-4', 'p1');
      const { page, complaints } = await launchIn(context, site, PATIENT);
      await page.getByRole('heading', { name: 'Questions for you' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.getByRole('link', { name: 'Begin' }).first().click();
      for (const answer of ['Several days', 'Not at all', 'Nearly every day', 'More than half the days']) {
        await page.getByText(answer, { exact: true }).click();
        await button(page, answer === 'More than half the days' ? 'See my answers' : 'Next').click();
      }
      await said(page, 'All questions are answered.');
      await button(page, 'Send my answers').dblclick();
      await said(page, 'Thank you.');
      expect(await violations(page)).toEqual([]);
      const [response, ...more] = await responsesTo('first');
      expect(more).toEqual([]);
      expect(response).toMatchObject({
        status: 'completed',
        subject: { reference: 'Patient/p1' },
        source: { reference: 'Patient/p1' },
      });
      expect(response?.item?.map((it) => it.answer?.[0]?.valueCoding?.code)).toEqual([
        'LA6569-3',
        'LA6568-5',
        'LA6571-9',
        'LA6570-1',
      ]);
      expect((await taskOf('first')).status).toBe('completed');
      expect(complaints).toEqual([]);
    });

    test('begins on one device and goes on with another', async () => {
      const { page } = await openForm('phq-4');
      await page.getByText('Several days', { exact: true }).click();
      await said(page, 'Saved at');
      const other = await browser.newContext({ ...PHONE });
      const second = await launchAloneIn(other, site, PATIENT);
      await second.page.getByRole('link', { name: 'Go on' }).click();
      await said(second.page, '2 of 4');
      await button(second.page, 'Back').click();
      expect(await second.page.getByLabel('Several days').isChecked()).toBe(true);
      await other.close();
    });

    test('answers on after the access token ran out in mid-form, and notices nothing', async () => {
      const { page } = await openForm('phq-4');
      await page.getByText('Several days', { exact: true }).click();
      await said(page, 'Saved at');
      site.hospital.authority.expireAccessTokens();
      await button(page, 'Next').click();
      await page.getByText('Not at all', { exact: true }).click();
      await said(page, 'Saved at');
      await button(page, 'Next').click();
      await button(page, 'Next').click();
      await button(page, 'See my answers').click();
      await button(page, 'Send my answers').click();
      await said(page, 'Thank you.');
    });

    test('loses no answer when the hospital ends the sign-in in mid-form: signs in again in the same tab, and goes on', async () => {
      const { page, task } = await openForm('phq-4');
      await page.getByText('Several days', { exact: true }).click();
      await said(page, 'Saved at');
      await site.hospital.authority.revokeEverything();
      await button(page, 'Next').click();
      await page.getByText('Nearly every day', { exact: true }).click();
      await said(page, 'What you have answered is kept in this tab');
      site.hospital.authority.standalone = PATIENT;
      try {
        await page.getByRole('link', { name: 'Sign in again' }).click();
        await said(page, 'Here are the answers you had given');
      } finally {
        site.hospital.authority.standalone = undefined;
      }
      expect(page.url()).toContain(`/tasks/${task}`);
      await said(page, 'Saved at');
      await page.goto(page.url().replace(/\/q\/.*$/, '/review'));
      await said(page, 'Nearly every day');
      await said(page, 'Several days');
    });

    test('is told that the hospital’s system does not answer, loses nothing, and sends once it does', async () => {
      const { page, task } = await openForm('phq-4');
      await said(page, '1 of 4');
      site.outage(true);
      try {
        await page.getByText('Several days', { exact: true }).click();
        await said(page, 'does not answer');
      } finally {
        site.outage(false);
      }
      await button(page, 'Try again').click();
      await said(page, 'Saved at');
      await page.goto(`${page.url().replace(/\/q\/.*$/, '')}/review`);
      await button(page, 'Send my answers').click();
      await said(page, 'Thank you.');
      expect(await responsesTo(task)).toHaveLength(1);
    });

    test('sends while the hospital’s system is away: Vincle keeps it, says so, and hands it on', async () => {
      const { page } = await openForm('phq-4');
      await page.getByText('Several days', { exact: true }).click();
      await said(page, 'Saved at');
      await page.goto(`${page.url().replace(/\/q\/.*$/, '')}/review`);
      await said(page, 'Several days');
      site.outage(true);
      try {
        await button(page, 'Send my answers').click();
        await said(page, 'Your answers are kept, and are handed on');
      } finally {
        site.outage(false);
      }
      const before = (await responses()).filter((it) => it.status === 'completed').length;
      const delivery = await deliverResponses(site.vincle.ports, site.vincle.now);
      // What was looked at meanwhile is recorded by the same way.
      expect(delivery).toMatchObject({ failed: 0, dead: 0 });
      expect((await responses()).filter((it) => it.status === 'completed')).toHaveLength(before + 1);
    });

    test('loses the network on the train, goes on answering, and everything is there when it returns', async () => {
      const { page, task } = await openForm('phq-4');
      await said(page, '1 of 4');
      await context.setOffline(true);
      await page.getByText('Several days', { exact: true }).click();
      await button(page, 'Next').click();
      await page.getByText('Not at all', { exact: true }).click();
      await said(page, 'No network. Your answers are kept here');
      await context.setOffline(false);
      await said(page, 'Saved at');
      await page.goto(`${page.url().replace(/\/q\/.*$/, '')}/review`);
      await said(page, 'Several days');
      await button(page, 'Send my answers').click();
      await said(page, 'Thank you.');
      expect((await responsesTo(task))[0]?.item).toHaveLength(2);
    });

    test('a form that was answered is no longer asked, and its address says so', async () => {
      const { page } = await launchAloneIn(context, site, PATIENT);
      await page.getByRole('heading', { name: 'Questions for you' }).waitFor();
      await page.goto(page.url().replace(/\/$/, '/tasks/first'));
      await said(page, 'This is not there, or is already answered.');
    });

    test('nothing of what was answered stands in an address or in the log', async () => {
      expect(site.vincle.log()).not.toMatch(/LA65\d\d|Several days/);
    });
  });
}
