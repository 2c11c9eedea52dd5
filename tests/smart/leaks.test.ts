import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { FhirResource, Observation, PractitionerRole, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { type Vincle, waiS } from '../http/rig.ts';
import { ask } from './rig/browser.ts';
import { type Hospital, openHospital, PEOPLE, vincleAt } from './rig/hospital.ts';
import { launchAlone, launchFromEhr, type Tab } from './rig/launched.ts';

jest.setTimeout(180_000);

const B = 'https://w3id.org/vincle';
const ROLE = `${B}/CodeSystem/role`;

/** Who answered what: the id of the response, the totals planted on what is derived from it, and its parts. */
const PLANTED = {
  patientM3: { id: 'planted-patient-m3', value: 61.375 },
  patientM6: { id: 'planted-patient-m6', value: 52.875 },
  therapistM3: { id: 'planted-therapist-m3', value: 44.625 },
  dyad: { value: 16.8125 },
  change: { value: 8.4375 },
} as const;
/** How much of a total stands in each of its parts: three numbers nobody else has. */
const PARTS = [0.31, 0.33, 0.36];

interface Listed {
  readonly method: string;
  readonly path: string;
  readonly access: string;
}

let hospital: Hospital;
let vincle: Vincle;
let server: FhirServer;
let routes: readonly Listed[];
/** What tells of the patient’s side, of the therapist’s, and of both at once. */
const secrets: Record<'patientM3' | 'patientM6' | 'therapistM3' | 'both', string[]> = {
  patientM3: [],
  patientM6: [],
  therapistM3: [],
  both: [],
};

const put = async (...resources: FhirResource[]): Promise<void> => {
  await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
};
const person = (id: string, code: string): [FhirResource, PractitionerRole] => [
  { resourceType: 'Practitioner', id, name: [{ text: 'Synthetic' }] },
  {
    resourceType: 'PractitionerRole',
    id: `role-${id}`,
    practitioner: { reference: `Practitioner/${id}` },
    code: [{ coding: [{ system: ROLE, code }] }],
  },
];

/** The same Observation with numbers that nothing else could have. */
function marked(it: Observation, value: number): Observation {
  let part = -1;
  const component = it.component?.map((one) => {
    if (one.valueQuantity === undefined) return one;
    part += 1;
    return { ...one, valueQuantity: { ...one.valueQuantity, value: value * (PARTS[part] ?? 0.5) } };
  });
  return {
    ...it,
    ...(it.valueQuantity === undefined ? {} : { valueQuantity: { ...it.valueQuantity, value } }),
    ...(component === undefined ? {} : { component }),
  };
}

const numbersOf = (it: Observation): string[] =>
  [it.valueQuantity?.value, ...(it.component ?? []).map((one) => one.valueQuantity?.value)].flatMap((value) =>
    value === undefined || Number.isInteger(value) ? [] : [String(Math.abs(value))],
  );

/** Real answers, scored by the real job, and then given numbers and ids by which each can be told. */
async function plant(): Promise<void> {
  await put(
    waiS('wai-s-p', 'Patient/p1', '7', { id: PLANTED.patientM3.id, authored: '2026-05-11T10:00:00+02:00' }),
    waiS('wai-s-t', 'Practitioner/t1', '4', { id: PLANTED.therapistM3.id, authored: '2026-05-12T10:00:00+02:00' }),
    waiS('wai-s-p', 'Patient/p1', '2', { id: PLANTED.patientM6.id, authored: '2026-08-11T10:00:00+02:00' }),
  );
  const content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
  const settings = {
    study: 'ResearchStudy/study',
    episodeType: undefined,
    timeZone: 'Europe/Madrid',
    baseUrl: server.baseUrl,
  };
  const state = await openState('sqlite::memory:');
  await computeAlliance(
    { server, state, context: { content, display: displayOf(content.resources), settings } },
    { overlapMs: 0, now: Date.now, holder: 'leaks', pause: async () => {} },
  );
  await state.close();
  const [page] = await server.searchAll([{ type: 'Observation', params: [['subject', 'Patient/p1']] }]);
  for (const it of page?.resources ?? []) {
    if (it.resourceType !== 'Observation') continue;
    const code = it.code.coding?.find((one) => one.system === `${B}/CodeSystem/measure`)?.code ?? '';
    const of = Object.entries(PLANTED).find(
      ([, one]) => 'id' in one && it.derivedFrom?.some((ref) => ref.reference === `QuestionnaireResponse/${one.id}`),
    );
    const name = code.endsWith('-change') ? 'change' : code.endsWith('-dyad') ? 'dyad' : (of?.[0] as 'patientM3');
    const changed = marked(it, PLANTED[name].value);
    await put(changed);
    const whose = name === 'change' || name === 'dyad' ? 'both' : name;
    secrets[whose].push(it.id ?? '', ...numbersOf(changed));
  }
  secrets.patientM3.push(PLANTED.patientM3.id);
  secrets.patientM6.push(PLANTED.patientM6.id);
  secrets.therapistM3.push(PLANTED.therapistM3.id);
}

const formTask = (id: string, form: string, owner: string): Task => ({
  resourceType: 'Task',
  id,
  identifier: [{ system: `${B}/identifier/task`, value: id }],
  groupIdentifier: { system: `${B}/identifier/questionnaire-window`, value: id },
  instantiatesUri: `${B}/PlanDefinition/none`,
  status: 'ready',
  intent: 'order',
  code: { coding: [{ system: `${B}/CodeSystem/task`, code: 'questionnaire' }] },
  for: { reference: 'Patient/p1' },
  focus: { reference: 'Practitioner/t1' },
  owner: { reference: owner },
  restriction: { period: { start: '2026-01-01', end: '2099-01-01' } },
  input: [{ type: { text: 'questionnaire' }, valueCanonical: `${B}/Questionnaire/${form}|1.0.0` }],
});

const OFFICE = {
  coordinator: 'c1',
  nurse: 'n1',
  head: 'h1',
  privacy: 'v1',
  researcher: 's1',
  pseudonyms: 'k1',
} as const;

beforeAll(async () => {
  const office = Object.fromEntries(
    Object.entries(OFFICE).map(([name, id]) => [name, { fhirUser: `Practitioner/${id}` }]),
  );
  hospital = await openHospital({ people: { ...PEOPLE, ...office } });
  server = connectFhir({
    baseUrl: hospital.embedded.baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 10_000,
    retry: { attempts: 1 },
  });
  await put(
    ...person('c1', 'coordinator'),
    ...person('n1', 'nurse'),
    ...person('h1', 'head-of-service'),
    ...person('v1', 'privacy-officer'),
    ...person('s1', 'researcher'),
    ...person('k1', 'pseudonymiser'),
    ...person('t9', 'psycho-oncologist'),
    formTask('planted-task-t', 'wai-s-t', 'Practitioner/t1'),
    formTask('planted-task-p', 'wai-s-p', 'Patient/p1'),
  );
  await plant();
  vincle = await vincleAt(hospital, { options: { personalLinks: true } });
  const { paths } = (await (await ask(`${vincle.url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, { security?: Record<string, unknown>[] }>>;
  };
  routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security = [] }]) => ({
      method: method.toUpperCase(),
      path,
      access: Object.keys(security[0] ?? {})[0] ?? 'public',
    })),
  );
});
afterAll(async () => {
  await vincle?.stop();
  await hospital?.stop();
});

/** Ids that a parameter is tried with: those of everything planted. A change is tried once, with nothing in it. */
function addressesOf({ method, path }: Listed): readonly string[] {
  const ofPatient = path.replace('/api/patients/{id}', '/api/patients/p1');
  if (!ofPatient.includes('{')) return [ofPatient];
  const ids =
    method === 'GET'
      ? [PLANTED.patientM3.id, PLANTED.patientM6.id, PLANTED.therapistM3.id, 'planted-task-t', 'planted-task-p', 'p1']
      : ['planted-task-t'];
  return ids.map((id) => ofPatient.replace(/\{\w+\}/g, id));
}

/** Every address whose answer holds one of the secrets, of everything that a tab can ask for. */
async function leaks(tab: Tab, hidden: readonly string[], where = routes): Promise<readonly string[]> {
  await tab.session();
  const found: string[] = [];
  for (const route of where) {
    // What ends the launch is not asked; what is not the app’s has a test of its own.
    if (route.path === '/api/logout' || !route.path.startsWith('/api/')) continue;
    for (const address of addressesOf(route)) {
      const answer = await tab.ask(address, {
        method: route.method,
        ...(route.method === 'GET' ? {} : { body: '{}' }),
      });
      const text = await answer.text();
      if (answer.status === 429) throw new Error('Requests were limited: nothing was tried.');
      for (const secret of hidden) if (text.includes(secret)) found.push(`${route.method} ${address}: ${secret}`);
    }
  }
  return found;
}

const numbers = (all: readonly string[]): string[] => all.filter((it) => /^\d+\.\d+$/.test(it));
const everything = (): string[] => [
  ...secrets.patientM3,
  ...secrets.patientM6,
  ...secrets.therapistM3,
  ...secrets.both,
];
const patientSide = (): string[] => [...secrets.patientM3, ...secrets.patientM6, ...secrets.both];
const therapistSide = (): string[] => [...secrets.therapistM3, ...secrets.both];
const chart = () => launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });

test('what is planted can be told, and the table has routes enough to be worth trying', () => {
  for (const all of Object.values(secrets)) {
    expect(numbers(all).length).toBeGreaterThan(0);
    expect(all.length).toBeGreaterThan(numbers(all).length);
  }
  expect(routes.filter((it) => it.path.startsWith('/api/')).length).toBeGreaterThan(30);
});

describe('while the patient takes part in the study', () => {
  test('the therapist finds the own rating on the chart, and nothing of the patient’s on any route', async () => {
    const tab = await chart();
    expect(await (await tab.ask('/api/patients/p1')).text()).toContain('44.625');
    expect(await leaks(tab, patientSide())).toEqual([]);
    expect(await leaks(await launchAlone(hospital, { person: 'therapist' }), patientSide())).toEqual([]);
  });

  test('the patient finds nothing of the therapist’s on any route', async () => {
    expect(await leaks(await launchAlone(hospital, { person: 'patient-1', patient: 'p1' }), therapistSide())).toEqual(
      [],
    );
  });

  test.each(['patient-2', 'therapist-of-nobody', 'coordinator', 'nurse', 'head', 'researcher', 'pseudonyms'] as const)(
    '%s finds no number and no id of either side on any route',
    async (name) => {
      const chosen = name === 'patient-2' ? { person: name, patient: 'p2' } : { person: name };
      const ids = (all: readonly string[]) => all.filter((it) => !it.startsWith('planted-'));
      // What was asked for by an id is named again in a refusal; that tells nobody anything.
      expect(await leaks(await launchAlone(hospital, chosen), ids(everything()))).toEqual([]);
    },
  );

  test('the privacy officer reads who looked at what, and no number', async () => {
    expect(await leaks(await launchAlone(hospital, { person: 'privacy' }), numbers(everything()))).toEqual([]);
  });
});

describe('after the study, with the patient’s consent to the release', () => {
  beforeAll(async () => {
    const subject = await server.read('ResearchSubject', 'rs-p1');
    if (subject === undefined) throw new Error('The cohort has the patient.');
    await put(
      { ...subject, status: 'off-study' },
      {
        resourceType: 'Consent',
        id: 'release',
        status: 'active',
        scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
        category: [{ coding: [{ system: `${B}/CodeSystem/consent-purpose`, code: 'alliance-release' }] }],
        patient: { reference: 'Patient/p1' },
        dateTime: '2026-02-11',
        policyRule: { text: 'made up for this test' },
        provision: { type: 'permit' },
      },
    );
  });

  test('the therapist reads the patient’s rating of the visit that they rated too, and of no other', async () => {
    const tab = await chart();
    const page = await (await tab.ask('/api/patients/p1')).text();
    expect(page).toContain('61.375');
    expect(page).toContain('16.8125');
    const later = [...secrets.patientM6, String(PLANTED.change.value)];
    expect(await leaks(tab, later)).toEqual([]);
    // The same look finds what may be seen: it would find what may not.
    expect((await leaks(tab, secrets.patientM3)).length).toBeGreaterThan(2);
  });

  test('the patient still finds nothing of the therapist’s', async () => {
    expect(await leaks(await launchAlone(hospital, { person: 'patient-1', patient: 'p1' }), therapistSide())).toEqual(
      [],
    );
  });

  test.each(['therapist-of-nobody', 'coordinator', 'nurse', 'head', 'researcher'] as const)(
    '%s finds no number of either side on any route',
    async (name) => {
      expect(await leaks(await launchAlone(hospital, { person: name }), numbers(everything()))).toEqual([]);
    },
  );
});
