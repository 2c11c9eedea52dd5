import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import type { Door } from '../../src/embedded/smart/launch-page.ts';
import { DEMONSTRATION_CLIENT, type Ehr, startEhr } from '../../src/embedded/smart/start-ehr.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { allScopes } from '../../src/http/smart/scopes.ts';
import { SETTINGS } from '../../src/settings.ts';
import { admitCohort, startVincle, type Vincle } from '../http/rig.ts';
import { ask, Browser } from './rig/browser.ts';
import { connectAs, freePort } from './rig/hospital.ts';
import { reasonOf, type Tab, tabOf } from './rig/launched.ts';

jest.setTimeout(60_000);

// The EHR that `npm start` offers, as a browser meets it.
let embedded: Embedded;
let ehr: Ehr;
let vincle: Vincle;
const door = (id: string, context: Door['context'], fromChart: boolean): Door => ({
  id,
  title: id,
  who: 'A <person>',
  what: 'what',
  context,
  fromChart,
});
const DOORS = [
  door('chart', { user: 'Practitioner/t1', patient: 'Patient/p1' }, true),
  door('list', { user: 'Practitioner/t1' }, false),
  door('patient', { user: 'Patient/p2', patient: 'Patient/p2' }, false),
];

beforeAll(async () => {
  embedded = await startEmbedded();
  const server = connectFhir({
    baseUrl: embedded.baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 5_000,
    retry: { attempts: 1 },
  });
  await admitCohort(server);
  await server.transaction([
    {
      method: 'PUT',
      resource: {
        resourceType: 'PractitionerRole',
        id: 'r1',
        practitioner: { reference: 'Practitioner/t1' },
        code: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'psycho-oncologist' }] }],
      },
    },
  ]);
  const port = await freePort();
  const app = `http://127.0.0.1:${port}`;
  ehr = await startEhr({ upstream: embedded.baseUrl, app, scopes: allScopes(), doors: () => Promise.resolve(DOORS) });
  const registration = {
    iss: ehr.iss,
    clientId: DEMONSTRATION_CLIENT,
    authentication: { kind: 'public' as const },
    frameAncestors: [],
    extraScopes: [],
  };
  const smart = {
    registrations: [registration],
    publicUrl: app,
    times: { idleMs: 60_000, longestMs: 600_000 },
    isDemonstration: true,
    connect: connectAs,
  };
  vincle = await startVincle(embedded.baseUrl, { smart }, undefined, port);
});
afterAll(async () => {
  await vincle.stop();
  await ehr.stop();
  await embedded.stop();
});

async function through(id: string, browser = new Browser()): Promise<Tab> {
  const arrived = await browser.go(`${ehr.url}open/${id}`, (url) => /^\/(app|form)\//.test(url.pathname));
  return tabOf(vincle.url, browser, arrived);
}

test('each door leads to its own page: a chart, the list, the forms; and the app knows that it is a demonstration', async () => {
  const [chart, list, patient] = [await through('chart'), await through('list'), await through('patient')];
  expect([chart, list, patient].map((it) => it.arrived.url.pathname.replace(it.launch, 'L'))).toEqual([
    '/app/L/patients/p1',
    '/app/L/',
    '/form/L/',
  ]);
  expect(await chart.session()).toMatchObject({ patient: 'p1', demonstration: true });
  expect((await list.session()).patient).toBeUndefined();
  expect((await patient.session()).user).toMatchObject({ reference: 'Patient/p2', kind: 'patient' });
});

test('one browser may go through several doors, and each tab stays who it is', async () => {
  const browser = new Browser();
  const [one, two] = [await through('chart', browser), await through('patient', browser)];
  expect([(await one.session()).user.reference, (await two.session()).user.reference]).toEqual([
    'Practitioner/t1',
    'Patient/p2',
  ]);
  const crossed = await one.ask('/api/patients/p2/steps');
  expect([crossed.status, await reasonOf(crossed)]).toEqual([403, 'not-your-patient']);
});

test('the page of doors says that it is a demonstration, and writes names as text', async () => {
  const page = await (await ask(ehr.url)).text();
  expect(page).toContain('Demonstration');
  expect(page).toContain('A &lt;person&gt;');
});

test('it listens on this machine alone, and answers to no other name', async () => {
  expect(new URL(ehr.url).hostname).toBe('127.0.0.1');
  expect((await ask(ehr.url, { headers: { host: 'hospital.example' } })).status).toBe(421);
});

test('its FHIR server answers nobody without a token', async () => {
  expect((await ask(`${ehr.iss}/Patient/p1`)).status).toBe(401);
  expect((await ask(`${ehr.iss}/Patient/p1`, { headers: { authorization: 'Bearer made-up' } })).status).toBe(401);
});

test('a launch value is good once', async () => {
  const browser = new Browser();
  const first = await browser.go(`${ehr.url}open/chart`, (url) => url.pathname === '/launch');
  await browser.go(first.url, (url) => /^\/app\//.test(url.pathname));
  const again = await new Browser().go(first.url, (url) => /^\/app\//.test(url.pathname));
  expect(again.status).toBe(400);
});

test('no setting turns the demonstration’s EHR on: it is `vincle demo` or nothing', () => {
  expect(Object.keys(SETTINGS).filter((it) => /DEMO|EHR/.test(it))).toEqual([]);
  expect(readConfig({}).SMART_REGISTRATIONS_FILE).toBeUndefined();
});
