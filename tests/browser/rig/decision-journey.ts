import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CarePlan, Provenance, Task } from 'fhir/r4.js';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { displayOf } from '../../../src/content/display.ts';
import { loadContent } from '../../../src/content/load.ts';
import { safetyFlag, safetyTask } from '../../../src/domain/safety-sign.ts';
import { connectFhir } from '../../../src/fhir/connect.ts';
import type { FhirServer } from '../../../src/fhir/port.ts';
import { noChannel } from '../../../src/notify/no-channel.ts';
import { computeAlliance } from '../../../src/pipeline/compute-alliance.ts';
import { enrol } from '../../../src/pipeline/steps/enrol.ts';
import { stepCare } from '../../../src/pipeline/steps/step-care.ts';
import { openState } from '../../../src/state/open.ts';
import type { VincleAt } from '../../smart/rig/hospital.ts';
import { responseOf } from '../../steps/ward.ts';
import { DESK, openBrowser, violations } from './browser.ts';
import { launchIn, type Site } from './hospital.ts';

const DAY_MS = 86_400_000;
const THERAPIST = 'Practitioner/t1';

/** What a therapist decides in Vincle, at a hospital that `siteOf` makes: it is called once. */
export function decisionJourney(name: string, siteOf: () => Promise<Site>): void {
  let browser: Browser;
  let site: Site;
  let context: BrowserContext;
  let server: FhirServer;

  beforeAll(async () => {
    [browser, site] = await Promise.all([openBrowser(), siteOf()]);
    server = connectFhir({ baseUrl: site.hospital.embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 20_000 });
    await proposed(server, 'p1');
    await proposed(server, 'p2');
    await signed(server, 'p2');
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });
  beforeEach(async () => {
    context = await browser.newContext({ ...DESK });
    context.setDefaultTimeout(30_000);
  });
  afterEach(() => context.close());

  const chart = async (patient: string): Promise<Page> => {
    const { page } = await launchIn(context, site, { person: 'therapist', patient });
    await page.getByRole('heading', { name: 'What needs you now' }).waitFor();
    return page;
  };
  const button = (page: Page, label: string) => page.getByRole('button', { name: label, exact: true });
  const dialog = (page: Page) => page.getByRole('dialog');
  const plans = async (patient: string): Promise<readonly CarePlan[]> => {
    const [found] = await server.searchAll([{ type: 'CarePlan', params: [['subject', `Patient/${patient}`]] }]);
    return (found?.resources ?? []).filter((it): it is CarePlan => it.resourceType === 'CarePlan');
  };
  const openProposals = async (patient: string): Promise<number> =>
    (await plans(patient)).filter((it) => it.intent === 'proposal' && it.status === 'draft').length;
  const inForce = async (patient: string): Promise<readonly string[]> =>
    (await plans(patient)).filter((it) => it.intent === 'plan' && it.status === 'active').map(levelCode);
  const declined = async (page: Page): Promise<void> => {
    await button(page, 'Decline').click();
    await dialog(page).getByLabel('Why').selectOption({ index: 1 });
    await dialog(page).getByRole('button', { name: 'Decline' }).click();
  };
  const agreed = async (page: Page): Promise<void> => {
    await button(page, 'Record what the patient wants').click();
    await dialog(page).getByText('The patient agrees').click();
    await dialog(page).getByRole('button', { name: 'Record what the patient wants' }).click();
    await dialog(page).waitFor({ state: 'detached' });
  };

  describe(`A therapist decides, on ${name}`, () => {
    test('while the hospital’s server is away nothing is decided; the dialog says so, keeps what was typed, and goes on', async () => {
      const page = await chart('p1');
      await button(page, 'Decline').click();
      await dialog(page).getByLabel('In your own words').fill('Seen yesterday');
      site.outage(true);
      try {
        await dialog(page).getByRole('button', { name: 'Decline' }).click();
        await dialog(page).getByText('The hospital’s server cannot be reached right now.').waitFor();
      } finally {
        site.outage(false);
      }
      expect(await violations(page)).toEqual([]);
      expect(await dialog(page).getByLabel('In your own words').inputValue()).toBe('Seen yesterday');
      expect(await openProposals('p1')).toBe(1);
    });

    test('once the hospital took the token back nothing is decided either', async () => {
      const page = await chart('p1');
      await site.hospital.authority.revokeEverything();
      await declined(page);
      await page.getByText('Your session has ended.').first().waitFor();
      expect(await openProposals('p1')).toBe(1);
    });

    test('declines with a reason, under her name; another tab that was open is told that it came second', async () => {
      const [first, second] = [await chart('p1'), await chart('p1')];
      await declined(first);
      await dialog(first).waitFor({ state: 'detached' });
      const [proposal] = (await plans('p1')).filter((it) => it.intent === 'proposal');
      expect(proposal?.status).toBe('revoked');
      expect(JSON.stringify(proposal?.extension)).toContain('The situation is known and cared for');
      expect(JSON.stringify(proposal?.extension)).toContain(THERAPIST);
      await button(second, 'Record what the patient wants').click();
      await dialog(second).getByText('The patient agrees').click();
      await dialog(second).getByRole('button', { name: 'Record what the patient wants' }).click();
      await dialog(second).getByText('Somebody else was first.').waitFor();
      await dialog(second).getByRole('button', { name: 'Cancel' }).click();
      await button(second, 'Decline').waitFor({ state: 'detached' });
      expect(await inForce('p1')).toEqual(['1-monitoring']);
    });

    test('approves once the patient agrees: the next level is in force, the former replaced, and it says who decided', async () => {
      const page = await chart('p2');
      await agreed(page);
      await button(page, 'Approve').click();
      await dialog(page).getByRole('button', { name: 'Approve' }).dblclick();
      await dialog(page).waitFor({ state: 'detached' });
      const [plan, ...others] = (await plans('p2')).filter((it) => it.intent === 'plan' && it.status === 'active');
      expect(others).toEqual([]);
      expect(plan?.replaces).toHaveLength(1);
      expect(levelCode(plan)).not.toBe('1-monitoring');
      const [said] = await server.searchAll([{ type: 'Provenance', params: [['target', `CarePlan/${plan?.id}`]] }]);
      const approved = (said?.resources ?? []).filter(
        (it): it is Provenance => it.resourceType === 'Provenance' && it.activity?.coding?.[0]?.code === 'approved',
      );
      expect(approved.map((it) => it.agent[0]?.who.reference)).toEqual([THERAPIST]);
    });

    test('takes up a sign of danger and closes it with an outcome, in her name', async () => {
      const page = await chart('p2');
      await button(page, 'I take this up').click();
      await dialog(page).getByRole('button', { name: 'I take this up' }).click();
      await dialog(page).waitFor({ state: 'detached' });
      await page.locator('#content').getByRole('button', { name: 'Close', exact: true }).click();
      await dialog(page).getByRole('radio').first().check();
      expect(await violations(page)).toEqual([]);
      await dialog(page).locator('button[type=submit]').click();
      await dialog(page).waitFor({ state: 'detached' });
      const [found] = await server.searchAll([
        {
          type: 'Task',
          params: [
            ['patient', 'Patient/p2'],
            ['code', SIGN],
          ],
        },
      ]);
      const [sign] = (found?.resources ?? []).filter((it): it is Task => it.resourceType === 'Task');
      expect(sign?.status).toBe('completed');
      expect(JSON.stringify(sign)).toContain(THERAPIST);
    });
  });
}

/** A site that can tell people of signs of danger: only there signs are taken up and closed. */
export async function safetyAtSite(): Promise<VincleAt> {
  const content = await loadContent({ shipped: new URL('../../..', import.meta.url).pathname });
  return {
    options: {
      safety: {
        policy: content.protocol.safety,
        notify: noChannel,
        contacts: { roles: {}, coordinator: [] },
        crisis: undefined,
        fromMs: undefined,
        pollSeconds: 60,
        serverLagSeconds: 0,
      },
    },
  };
}

const SIGN = 'https://w3id.org/vincle/CodeSystem/task|safety-review';
const levelCode = (plan: CarePlan | undefined): string => plan?.category?.[0]?.coding?.[0]?.code ?? '';

/** Enrolled, screened high twice, and a step proposed by the protocol that ships. */
async function proposed(server: FhirServer, patient: string): Promise<void> {
  const content = await loadContent({ shipped: new URL('../../..', import.meta.url).pathname });
  const settings = {
    study: 'ResearchStudy/study',
    episodeType: undefined,
    timeZone: 'Europe/Madrid',
    baseUrl: server.baseUrl,
  };
  const state = await openState('sqlite::memory:');
  const ports = { server, state, context: { content, display: displayOf(content.resources), settings } };
  const began = Date.now();
  const doing = (now: number) => ({ holder: `decision-${patient}`, now: () => now, pause: async () => {} });
  const asked = { patient: `Patient/${patient}`, by: THERAPIST, level: '1-monitoring' };
  const enrolled = await enrol(ports, asked, doing(began - 60 * DAY_MS));
  if (enrolled.kind !== 'enrolled') throw new Error(`not enrolled: ${JSON.stringify(enrolled)}`);
  for (const [index, days] of [28, 1].entries()) {
    const answered = responseOf('phq-4', 5, asked.patient, new Date(began - days * DAY_MS).toISOString());
    await server.transaction([{ method: 'PUT', resource: { ...answered, id: `decision-${patient}-${index}` } }]);
  }
  const since = new Date(began - 60_000).toISOString();
  await computeAlliance(ports, { ...doing(Date.now()), overlapMs: 0, since });
  await stepCare(ports, { ...doing(Date.now()), overlapMs: 0, since });
  await state.close();
}

/** A sign of danger about a patient, as the safety path writes it. */
async function signed(server: FhirServer, patient: string): Promise<void> {
  const content = await loadContent({ shipped: new URL('../../..', import.meta.url).pathname });
  const at = new Date().toISOString();
  const sign = {
    key: { patient: `Patient/${patient}`, response: `QuestionnaireResponse/decision-${patient}-0`, item: 'phq9-9' },
    episode: 1,
    item: { instrument: 'phq-9', linkId: 'phq9-9', codes: ['44260-8'], atLeast: 1 },
    answer: 2,
    response: { reference: `QuestionnaireResponse/decision-${patient}-0` },
    at,
    respondBy: new Date(Date.now() + 3_600_000).toISOString(),
    owner: { reference: THERAPIST },
    deceased: false,
  } as const;
  await server.transaction([
    { method: 'PUT', resource: safetyFlag(sign) },
    { method: 'PUT', resource: safetyTask(sign, displayOf(content.resources)) },
  ]);
}
