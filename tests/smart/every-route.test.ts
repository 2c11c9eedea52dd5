import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { PractitionerRole } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { Vincle } from '../http/rig.ts';
import { ask } from './rig/browser.ts';
import { type Hospital, openHospital, PEOPLE, vincleAt } from './rig/hospital.ts';
import { launchAlone, launchFromEhr, reasonOf, type Tab } from './rig/launched.ts';

jest.setTimeout(60_000);

/** What the table of routes says of one route. */
interface Listed {
  readonly method: string;
  readonly path: string;
  readonly access: string;
}

const held = (practitioner: string, code: string): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: `role-of-${practitioner}`,
  practitioner: { reference: `Practitioner/${practitioner}` },
  code: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code }] }],
});

// Whatever is added to the table is tried here without another word.
let hospital: Hospital;
let vincle: Vincle;
let routes: readonly Listed[];

beforeAll(async () => {
  hospital = await openHospital({
    people: { ...PEOPLE, coordinator: { fhirUser: 'Practitioner/c1' }, nurse: { fhirUser: 'Practitioner/n1' } },
  });
  const server = connectFhir({
    baseUrl: hospital.embedded.baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 5_000,
    retry: { attempts: 1 },
  });
  await server.transaction([
    { method: 'PUT', resource: { resourceType: 'Practitioner', id: 'c1' } },
    { method: 'PUT', resource: held('c1', 'coordinator') },
    { method: 'PUT', resource: { resourceType: 'Practitioner', id: 'n1' } },
    { method: 'PUT', resource: held('n1', 'nurse') },
    { method: 'PUT', resource: held('t1', 'psycho-oncologist') },
  ]);
  vincle = await vincleAt(hospital);
  const { paths } = (await (await ask(`${vincle.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: Record<string, unknown>[] }>>;
  };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security = [] }]) => ({
      method: method.toUpperCase(),
      path: path.replace(/\{\w+\}/g, 'p1'),
      access: Object.keys(security[0] ?? {})[0] ?? 'public',
    })),
  );
});
afterAll(async () => {
  await vincle.stop();
  await hospital.stop();
});

const ofLaunches = (): readonly Listed[] => routes.filter((it) => it.access === 'launch');
const ofTokens = (): readonly Listed[] => routes.filter((it) => it.access === 'smart');
const bodyOf = ({ method }: Listed) => (method === 'GET' ? {} : { body: '{}' });

/** What each route answers, as `METHOD path → status`, but for those that answer as they should. */
async function wrong(
  listed: readonly Listed[],
  request: (it: Listed) => Promise<Response>,
  isRight: (status: number, reason: string) => boolean,
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const it of listed) {
    const answer = await request(it);
    const { status } = answer;
    const reason = status >= 400 ? await reasonOf(answer).catch(() => 'no OperationOutcome') : '';
    if (!isRight(status, reason)) found.push(`${it.method} ${it.path} → ${status} ${reason}`);
  }
  return found;
}

test('there are routes to try, of launches and of tokens', () => {
  expect(ofLaunches().length).toBeGreaterThan(10);
  expect(ofTokens().length).toBeGreaterThan(3);
});

describe('every route that shows or changes anything of a person', () => {
  const origin = () => `http://127.0.0.1:${hospital.port}`;
  const plain = (it: Listed, headers: Record<string, string> = {}) =>
    ask(`${origin()}${it.path}`, {
      method: it.method,
      headers: { 'content-type': 'application/json', ...headers },
      ...bodyOf(it),
    });
  const inTab = (tab: Tab) => (it: Listed) => tab.ask(it.path, { method: it.method, ...bodyOf(it) });

  test('answers 401 to nobody', async () => {
    expect(await wrong([...ofLaunches(), ...ofTokens()], plain, (status) => status === 401)).toEqual([]);
  });

  test('answers 401 to a launch that was never made, and to one whose cookie is another’s', async () => {
    const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
    const invented = (it: Listed) => plain(it, { 'vincle-launch': 'x'.repeat(24) });
    const stolen = (it: Listed) => plain(it, { 'vincle-launch': tab.launch });
    for (const request of [invented, stolen])
      expect(await wrong([...ofLaunches(), ...ofTokens()], request, (status) => status === 401)).toEqual([]);
  });

  test('changes nothing without the token of the page, or from a page of somebody else', async () => {
    const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
    const changes = [...ofLaunches(), ...ofTokens()].filter((it) => it.method !== 'GET' && it.path.startsWith('/api/'));
    expect(await wrong(changes, inTab(tab), (status, reason) => status === 403 && reason === 'csrf')).toEqual([]);
    await tab.session();
    const crossSite = (it: Listed) =>
      tab.ask(it.path, { method: it.method, headers: { 'sec-fetch-site': 'cross-site' }, ...bodyOf(it) });
    expect(await wrong(changes, crossSite, (status, reason) => status === 403 && reason === 'cross-site')).toEqual([]);
  });

  test('tells a patient who asks about another patient nothing of that patient', async () => {
    const tab = await launchAlone(hospital, { person: 'patient-2', patient: 'p2' });
    await tab.session();
    const ofPatient = [...ofLaunches(), ...ofTokens()].filter((it) => it.path.startsWith('/api/patients/p1'));
    expect(ofPatient.length).toBeGreaterThan(3);
    expect(await wrong(ofPatient, inTab(tab), (status) => status === 403 || status === 404)).toEqual([]);
  });

  test('refuses a clinician whose launch is pinned to another patient', async () => {
    const tab = await launchFromEhr(hospital, { person: 'therapist', patient: 'p2' });
    await tab.session();
    const ofPatient = [...ofLaunches(), ...ofTokens()].filter((it) => it.path.startsWith('/api/patients/p1'));
    expect(await wrong(ofPatient, inTab(tab), (status) => status === 403 || status === 404)).toEqual([]);
  });

  test('says 401 once the hospital has taken the token back, wherever it answered before', async () => {
    const open = [
      await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' }),
      await launchAlone(hospital, { person: 'therapist' }),
      await launchAlone(hospital, { person: 'coordinator' }),
      await launchAlone(hospital, { person: 'patient-1', patient: 'p1' }),
    ];
    // The session itself says whose tab this is, from what the launch began with, and can still be ended.
    const own = new Set(['/api/session', '/api/logout']);
    const reads = [...ofLaunches(), ...ofTokens()].filter((it) => it.method === 'GET' && !own.has(it.path));
    const answered = await Promise.all(
      open.map(async (tab) => {
        const statuses = await Promise.all(reads.map((it) => inTab(tab)(it).then(({ status }) => status)));
        return reads.filter((_, index) => statuses[index] === 200);
      }),
    );
    expect(answered.map((it) => it.length > 0)).toEqual([true, true, true, true]);
    await hospital.authority.revokeEverything();
    for (const [index, tab] of open.entries())
      expect(await wrong(answered[index] ?? [], inTab(tab), (status) => status === 401)).toEqual([]);
  });
});

test('a nurse, to whom access.json gives neither, decides, enrols and hands over nothing', async () => {
  const tab = await launchAlone(hospital, { person: 'nurse' });
  await tab.session();
  const asked = [
    '/api/proposals/p1/decision',
    '/api/care-plans/p1/position',
    '/api/patients/p1/level',
    '/api/patients/p1/handover',
    '/api/patients/p1/enrolment',
  ];
  const refused = await Promise.all(
    asked.map(async (path) => reasonOf(await tab.ask(path, { method: 'POST', body: '{}' }))),
  );
  expect(refused).toEqual(asked.map(() => 'no-right'));
});
