import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { Vincle } from '../http/rig.ts';
import { type Hospital, openHospital, vincleAt } from './rig/hospital.ts';
import { launchAlone, launchFromEhr } from './rig/launched.ts';

jest.setTimeout(60_000);

// The gate judges others: what it lets through and what it keeps back is tried by hand here.
let hospital: Hospital;
let vincle: Vincle;

beforeAll(async () => {
  hospital = await openHospital();
  vincle = await vincleAt(hospital);
  const server = connectFhir({
    baseUrl: hospital.embedded.baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 5_000,
    retry: { attempts: 1 },
  });
  const task = (id: string, patient: string): FhirResource => ({
    resourceType: 'Task',
    id,
    status: 'requested',
    intent: 'order',
    for: { reference: `Patient/${patient}` },
  });
  await server.transaction(
    [task('of-p1', 'p1'), task('of-p2', 'p2'), task('of-outsider', 'outsider')].map((resource) => ({
      method: 'PUT',
      resource,
    })),
  );
});
afterAll(async () => {
  await vincle.stop();
  await hospital.stop();
});

/** The access token of a launch, as the authority gave it; its body is noted nowhere else. */
async function tokenOf(launch: () => Promise<unknown>): Promise<string> {
  const { seen } = hospital.authority.gate;
  const known = seen.length;
  const tab = (await launch()) as Awaited<ReturnType<typeof launchFromEhr>>;
  await tab.ask(`/api/patients/p1/steps`);
  const sent = seen.slice(known).find((it) => it.person !== 'system' && it.authorization !== undefined);
  if (sent?.authorization === undefined) throw new Error('no token came by');
  return sent.authorization;
}

async function fhir(authorization: string | undefined, path: string, init: RequestInit = {}) {
  const answer = await fetch(`${hospital.authority.iss}/${path}`, {
    ...init,
    headers: { 'content-type': 'application/fhir+json', ...(authorization === undefined ? {} : { authorization }) },
  });
  return { status: answer.status, body: (await answer.json()) as Bundle<FhirResource> };
}
const idsIn = (bundle: Bundle<FhirResource>): string[] => (bundle.entry ?? []).flatMap((it) => it.resource?.id ?? []);

const chart = (granted?: (asked: readonly string[]) => readonly string[]) => () =>
  launchFromEhr(hospital, { person: 'therapist', patient: 'p1', ...(granted === undefined ? {} : { granted }) });

test('without a token, and with one that nobody gave, nothing is answered', async () => {
  expect((await fhir(undefined, 'Patient/p1')).status).toBe(401);
  expect((await fhir('Bearer nonsense', 'Patient/p1')).status).toBe(401);
});

test('a token for one patient reads that one, and finds the Tasks of that one alone', async () => {
  const token = await tokenOf(chart());
  expect((await fhir(token, 'Patient/p1')).status).toBe(200);
  expect((await fhir(token, 'Patient/p2')).status).toBe(403);
  expect((await fhir(token, 'Task/of-p2')).status).toBe(403);
  expect(idsIn((await fhir(token, 'Task')).body)).toEqual(['of-p1']);
});

test('a scope that was not granted is not had, whatever was asked for', async () => {
  const token = await tokenOf(chart((asked) => asked.filter((it) => !it.startsWith('patient/Task'))));
  expect((await fhir(token, 'Task')).status).toBe(403);
  expect((await fhir(token, 'Task/of-p1')).status).toBe(403);
  expect((await fhir(token, 'Patient/p1')).status).toBe(200);
});

test('a person’s own scopes reach whom the hospital lets that person see, and nobody else', async () => {
  const token = await tokenOf(() => launchAlone(hospital, { person: 'therapist' }));
  expect(new Set(idsIn((await fhir(token, 'Task')).body))).toEqual(new Set(['of-p1', 'of-p2']));
  expect((await fhir(token, 'Patient/outsider')).status).toBe(403);
});

test('writing about another patient, or over another patient’s resource, is refused', async () => {
  const token = await tokenOf(chart());
  const about = (patient: string, id?: string) => ({
    resourceType: 'Task',
    ...(id === undefined ? {} : { id }),
    status: 'requested',
    intent: 'order',
    for: { reference: `Patient/${patient}` },
  });
  const write = (method: string, path: string, body: object) =>
    fhir(token, path, { method, body: JSON.stringify(body) });
  expect((await write('POST', 'Task', about('p2'))).status).toBe(403);
  expect((await write('PUT', 'Task/of-p2', about('p1', 'of-p2'))).status).toBe(403);
  expect((await write('POST', 'Task', about('p1'))).status).toBe(201);
  expect((await write('POST', 'Flag', { ...about('p1'), resourceType: 'Flag' })).status).toBe(403);
});

test('in a batch each entry is held to the same rules; a transaction with a write that is refused is refused whole', async () => {
  const token = await tokenOf(chart());
  const entry = ['Patient/p1', 'Patient/p2', 'Task', 'Observation?subject=Patient/p2'].map((url) => ({
    request: { method: 'GET', url },
  }));
  const batch = await fhir(token, '', {
    method: 'POST',
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
  });
  const statuses = batch.body.entry?.map((it) => it.response?.status?.slice(0, 3));
  expect(statuses?.slice(0, 3)).toEqual(['200', '403', '200']);
  const [, , tasks, observations] = batch.body.entry?.map((it) => it.resource as Bundle<FhirResource>) ?? [];
  expect(idsIn(tasks ?? { resourceType: 'Bundle', type: 'searchset' }).every((it) => !it.includes('p2'))).toBe(true);
  expect(idsIn(observations ?? { resourceType: 'Bundle', type: 'searchset' })).toEqual([]);
  const transaction = await fhir(token, '', {
    method: 'POST',
    body: JSON.stringify({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: ['p1', 'p2'].map((patient) => ({
        request: { method: 'POST', url: 'Task' },
        resource: { resourceType: 'Task', status: 'draft', intent: 'order', for: { reference: `Patient/${patient}` } },
      })),
    }),
  });
  expect(transaction.status).toBe(403);
  expect(idsIn((await fhir(token, 'Task?status=draft')).body)).toEqual([]);
});

test('Vincle’s own credential passes, and is known apart', async () => {
  const token = `Bearer ${hospital.authority.systemToken}`;
  expect((await fhir(token, 'Patient/p2')).status).toBe(200);
  expect(hospital.authority.gate.seen.at(-1)?.person).toBe('system');
});
