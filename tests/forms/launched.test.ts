import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Task } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { allOf, type Vincle } from '../http/rig.ts';
import { type Hospital, openHospital, vincleAt } from '../smart/rig/hospital.ts';
import { launchAlone, launchFromEhr, reasonOf, type Tab } from '../smart/rig/launched.ts';
import { answered, type Told, taskOf } from './rig.ts';

/*
 * The forms behind a real authorization server (oidc-provider) and a gate that holds every FHIR request to scopes, launch
 * patient and the caller’s patients.
 */
jest.setTimeout(60_000);
let hospital: Hospital;
let vincle: Vincle;
let direct: FhirServer;

beforeAll(async () => {
  hospital = await openHospital();
  vincle = await vincleAt(hospital);
  direct = connectFhir({ baseUrl: hospital.embedded.baseUrl, auth: { kind: 'none' } });
});
afterAll(async () => {
  await vincle.stop();
  await hospital.stop();
});
beforeEach(() => {
  hospital.authority.gate.fault = undefined;
});

const told = async (answer: Response): Promise<Told['json']> => (await answer.json()) as Told['json'];
const put = (task: Task) => direct.write({ method: 'PUT', resource: task });
const send = async (tab: Tab, method: 'PUT' | 'POST', path: string, body: object) =>
  tab.ask(path, { method, body: JSON.stringify(body) });

test('a patient launched by the portal answers with the least scopes that are asked for', async () => {
  const id = randomUUID();
  await put(taskOf(id, 'sus', 'Patient/p1', {}));
  for (const tab of [
    await launchAlone(hospital, { person: 'patient-1', patient: 'p1' }),
    await launchFromEhr(hospital, { person: 'patient-1', patient: 'p1' }),
  ]) {
    await tab.session();
    const list = await tab.ask('/api/forms');
    expect(list.status).toBe(200);
    expect((await told(list)).forms.map((it: { taskId: string }) => it.taskId)).toEqual([id]);
  }
  const tab = await launchAlone(hospital, { person: 'patient-1', patient: 'p1' });
  await tab.session();
  const form = await told(await tab.ask(`/api/forms/${id}?language=es`));
  const draft = await send(tab, 'PUT', `/api/forms/${id}/draft`, { items: answered(form.items, 1), language: 'es' });
  expect(draft.status).toBe(200);
  const { version } = await told(draft);
  const body = { items: answered(form.items, 2), language: 'es', key: randomUUID(), version };
  expect((await send(tab, 'POST', `/api/forms/${id}/response`, body)).status).toBe(200);
  const copy = await tab.ask('/api/copy');
  expect(copy.status).toBe(200);
  expect((await told(copy)).responses).toHaveLength(1);
  expect((await direct.read('Task', id))?.status).toBe('completed');
});

test('a therapist in a chart is asked about that patient alone, and alone about all', async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  await put(taskOf(one, 'wai-s-t', 'Practitioner/t1', {}));
  await put(taskOf(two, 'wai-s-t', 'Practitioner/t1', { for: { reference: 'Patient/p2' } }));
  const chart = await launchFromEhr(hospital, { person: 'therapist', patient: 'p1' });
  await chart.session();
  const ids = async (tab: Tab) =>
    (await told(await tab.ask('/api/forms'))).forms.map((it: { taskId: string }) => it.taskId).sort();
  expect(await ids(chart)).toEqual([one]);
  expect((await chart.ask(`/api/forms/${two}`)).status).toBeGreaterThanOrEqual(403);
  const alone = await launchAlone(hospital, { person: 'therapist' });
  await alone.session();
  expect(await ids(alone)).toEqual([one, two].sort());
  const form = await told(await chart.ask(`/api/forms/${one}?language=es`));
  const body = { items: answered(form.items, 5), language: 'es', key: randomUUID() };
  expect((await send(chart, 'POST', `/api/forms/${one}/response`, body)).status).toBe(200);
});

test('another patient’s form is not there, whatever its id', async () => {
  const id = randomUUID();
  await put(taskOf(id, 'sus', 'Patient/p2', {}));
  const tab = await launchAlone(hospital, { person: 'patient-1', patient: 'p1' });
  await tab.session();
  const before = (await allOf(direct, 'QuestionnaireResponse')).length;
  for (const answer of [
    await tab.ask(`/api/forms/${id}`),
    await send(tab, 'POST', `/api/forms/${id}/response`, { items: [], language: 'es', key: randomUUID() }),
  ])
    expect([403, 404]).toContain(answer.status);
  expect(await allOf(direct, 'QuestionnaireResponse')).toHaveLength(before);
});

test('a token that the hospital takes back ends the form at once, and nothing more is stored', async () => {
  const id = randomUUID();
  await put(taskOf(id, 'gad-7', 'Patient/p1', {}));
  const tab = await launchAlone(hospital, { person: 'patient-1', patient: 'p1' });
  await tab.session();
  const form = await told(await tab.ask(`/api/forms/${id}?language=es`));
  hospital.authority.gate.fault = 401;
  const body = { items: answered(form.items, 1), language: 'es' };
  const saved = await send(tab, 'PUT', `/api/forms/${id}/draft`, body);
  expect([saved.status, await reasonOf(saved)]).toEqual([401, expect.stringMatching(/token/)]);
  hospital.authority.gate.fault = undefined;
  const stored = (await allOf(direct, 'QuestionnaireResponse')).filter((it) => it.questionnaire?.includes('gad-7'));
  expect(stored).toEqual([]);
});

test('while the hospital’s server is away for the person, what was opened before is still handed in', async () => {
  const id = randomUUID();
  await put(taskOf(id, 'gad-7', 'Patient/p1', {}));
  const tab = await launchAlone(hospital, { person: 'patient-1', patient: 'p1' });
  await tab.session();
  const form = await told(await tab.ask(`/api/forms/${id}?language=es`));
  hospital.authority.gate.fault = 503;
  const body = { items: answered(form.items, 1), language: 'es', key: randomUUID() };
  const sent = await send(tab, 'POST', `/api/forms/${id}/response`, body);
  expect([200, 202]).toContain(sent.status);
  expect((await tab.ask(`/api/forms/${randomUUID()}`)).status).toBe(503);
});
