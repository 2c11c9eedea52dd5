import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, OperationOutcome, QuestionnaireResponse } from 'fhir/r4.js';
import { pino } from 'pino';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { createApp, type VincleApp } from '../../src/http/app.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import { noChannel } from '../../src/notify/no-channel.ts';
import type { SafetyPath } from '../../src/pipeline/safety/safety-path.ts';
import { type FaultProxy, startProxy } from '../faults/proxy.ts';
import { CRISIS, openSafetyWard, phq9, type SafetyWard } from '../safety/safety-ward.ts';
import { AUDIENCE, type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts';
import { type Answered, hand, until } from './rig.ts';

const HOOKS = 'the-subscription-secret-of-the-tests-32';
const METRICS = 'the-metrics-token';
let issuer: AuthorizationServer;
let embedded: Embedded;
let proxy: FaultProxy;
let ward: SafetyWard;
let serial = 0;
let url: string;
let stop: () => Promise<void>;

beforeAll(async () => {
  issuer = await startAuthorizationServer();
  embedded = await startEmbedded();
  proxy = await startProxy(embedded.baseUrl);
}, 60_000);
afterAll(async () => {
  await proxy.stop();
  await embedded.stop();
  await issuer.stop();
});
beforeEach(async () => {
  proxy.faults.length = 0;
  serial += 1;
  ward = await openSafetyWard(`http-${serial}`, proxy.baseUrl, embedded.baseUrl);
  await serve({});
});
afterEach(async () => {
  await stop();
  await ward.stop();
});

/** Vincle over HTTP with the ward’s safety path. */
async function serve(path: Partial<SafetyPath>): Promise<void> {
  await stop?.();
  const now = { holder: randomUUID(), now: () => ward.clock ?? Date.now(), pause: async () => {} };
  const made: VincleApp = createApp(
    { ...ward.ports(path), now, log: pino({ level: 'silent' }) },
    {
      version: 'test',
      lastRunMaxAgeMs: 60_000,
      hooksSecret: HOOKS,
      metricsToken: METRICS,
      authorization: { issuer: issuer.issuer, audience: AUDIENCE },
    },
  );
  const listening: Listening = await listen(made.app, '127.0.0.1', 0);
  url = `http://127.0.0.1:${listening.port}`;
  stop = async () => {
    await listening.close(100);
    await made.notifications.stop();
  };
}

const tokenOf = (claims: object) =>
  issuer.sign({ exp: Math.floor(Date.now() / 1000) + 300, ...claims } as Parameters<AuthorizationServer['sign']>[0]);
const patientToken = () =>
  tokenOf({ patient: ward.patient.slice(8), fhirUser: ward.patient, scope: 'patient/QuestionnaireResponse.c' });
const clinicianToken = (fhirUser: string) => tokenOf({ fhirUser, scope: 'user/Task.ru' });
const answer = async (response: QuestionnaireResponse, headers: Record<string, string> = {}): Promise<Answered> =>
  hand(url, await patientToken(), response, headers);
const said = ({ outcome }: Answered, reason: string) =>
  outcome.issue.find((it) => it.details?.text === reason)?.diagnostics;
const get = async <T>(path: string, headers: Record<string, string> = {}) => {
  const answered = await fetch(`${url}${path}`, { headers });
  const text = await answered.text();
  return { status: answered.status, text, body: (text.startsWith('{') ? JSON.parse(text) : {}) as T };
};
const act = async (token: string, path: string, body: object = {}) => {
  const answered = await fetch(`${url}/api/safety/signs/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: answered.status, body: (await answered.json()) as OperationOutcome & { state?: string } };
};

test('whoever answers item 9 above 0 reads the site’s crisis text at once, in the language of the response', async () => {
  expect(said(await answer(phq9(ward.patient, { 9: 1 })), 'crisis')).toBe(CRISIS.ca);
  expect(said(await answer(phq9(ward.patient, { 9: 1 }, { language: 'es-ES' })), 'crisis')).toBe(CRISIS.es);
  const everybody = said(await answer(phq9(ward.patient, { 9: 1 }, { language: 'fr' })), 'crisis') ?? '';
  for (const text of Object.values(CRISIS)) expect(everybody).toContain(text);
  expect(await ward.tasks()).toHaveLength(3);
});

test('a client that asks for no body, or for the response, still gets the crisis text', async () => {
  for (const prefer of ['return=minimal', 'return=representation'])
    expect(said(await answer(phq9(ward.patient, { 9: 1 }), { prefer }), 'crisis')).toBe(CRISIS.ca);
});

test('without a sign there is no crisis text', async () => {
  const given = await answer(phq9(ward.patient, { 1: 3, 9: 0 }));
  expect([given.status, said(given, 'crisis')]).toEqual([201, undefined]);
  expect(await ward.flags()).toEqual([]);
});

test('out of hours the patient is told that nobody is reading, and somebody is told all the same', async () => {
  // The shipped hours are of a demonstration: Monday to Friday, by day. 2026-11-22 is a Sunday.
  ward.clock = Date.parse('2026-11-22T03:00:00Z');
  const given = await answer(phq9(ward.patient, { 9: 2 }));
  expect(said(given, 'nobody-watching')).toBe('En aquest moment ningú no està llegint el que ha respost.');
  expect(ward.told()).toEqual(['anna']);
});

test('the hospital’s server is down: kept, crisis text given, somebody told', async () => {
  proxy.faults.push({ when: () => true, times: 1_000, cutBefore: true });
  const given = await answer(phq9(ward.patient, { 9: 2 }));
  expect([given.status, said(given, 'crisis'), ward.told()]).toEqual([202, CRISIS.ca, ['bernat']]);
}, 30_000);

test('a receiver of notices that hangs keeps nobody from the crisis text', async () => {
  ward.receiver.silent = true;
  const started = performance.now();
  expect(said(await answer(phq9(ward.patient, { 9: 2 })), 'crisis')).toBe(CRISIS.ca);
  // The notice may take five seconds here; the answer does not wait for it.
  expect(performance.now() - started).toBeLessThan(4_500);
  expect(await ward.tasks()).toHaveLength(1);
}, 20_000);

test('a response that nobody may hand in is refused, with the crisis text and without a sign', async () => {
  const given = await answer(phq9(ward.other, { 9: 3 }));
  expect([given.status, said(given, 'crisis')]).toEqual([403, CRISIS.ca]);
  expect([await ward.flags(ward.other), ward.told()]).toEqual([[], []]);
});

test('a notification of the hospital’s server raises the sign without a poll', async () => {
  const { id } = await ward.direct.write({ method: 'POST', resource: phq9(ward.patient, { 9: 3 }) });
  await fetch(`${url}/hooks/fhir/QuestionnaireResponse/${id}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${HOOKS}` },
  });
  await until(
    () => ward.tasks(),
    (it) => it.length === 1,
  );
  expect(await ward.flags()).toHaveLength(1);
});

test.each([
  ['without a crisis text', { crisis: undefined }, ['no-crisis-text']],
  ['without a delivery channel', { notify: noChannel }, ['no-channel']],
])('%s the PHQ-9 is not served and the PHQ-4 is offered instead', async (_why, path, reasons) => {
  await serve(path);
  const { status, text } = await get('/fhir/Questionnaire/phq-9');
  expect([status, text]).toEqual([404, expect.stringContaining('Questionnaire/phq-4')]);
  expect((await get('/fhir/Questionnaire/phq-4')).status).toBe(200);
  const canonical = encodeURIComponent('https://w3id.org/vincle/Questionnaire/phq-9');
  const { body } = await get<Bundle>(`/fhir/Questionnaire?url=${canonical}`);
  expect([body.total, body.entry?.[0]?.search?.mode]).toEqual([0, 'outcome']);
  expect((await get<{ notOfferedBecause: string[] }>('/api/safety')).body.notOfferedBecause).toEqual(reasons);
  // What comes anyway is raised all the same.
  await answer(phq9(ward.patient, { 9: 1 }));
  expect(await ward.tasks()).toHaveLength(1);
});

test('with both the PHQ-9 is served, and the form can state the worst delay', async () => {
  expect((await get('/fhir/Questionnaire/phq-9')).status).toBe(200);
  const { body } = await get<{ offered: boolean; worstDelaySeconds: object; crisis: object }>('/api/safety');
  expect(body).toMatchObject({ offered: true, worstDelaySeconds: { ownIntake: 10, byOthers: 70 }, crisis: CRISIS });
  const statement = (await get<CapabilityStatement>('/fhir/metadata')).body;
  expect(JSON.stringify(statement.rest?.[0]?.resource)).toContain('within 70 s');
});

test('/health is red and the metric falls when polls are missed; /ready says what safety lacks', async () => {
  const at = Date.now();
  await ward.state.recordRun({ job: 'safety', startedAt: iso(at), endedAt: iso(at), ok: true, result: {} });
  expect((await get('/health')).status).toBe(200);
  ward.clock = at + 3 * 60_000;
  const red = await get<{ status: string }>('/health');
  expect([red.status, red.body.status]).toEqual([503, 'red']);
  expect((await get('/metrics', { authorization: `Bearer ${METRICS}` })).text).toMatch(/^vincle_safety_watching 0$/m);
  const { safety } = (await get<{ safety: { ready: boolean; problems: string[] } }>('/ready')).body;
  expect([safety.ready, safety.problems]).toEqual([false, ['the safety poll is late']]);
});

test('/ready is not ready for safety without a delivery channel', async () => {
  await serve({ notify: noChannel });
  const { status, body } = await get<{ safety: { problems: string[] } }>('/ready?for=safety');
  expect([status, body.safety.problems]).toEqual([503, ['no delivery channel: no channel is configured']]);
});

const iso = (ms: number) => new Date(ms).toISOString();

test('a clinician sees the signs of whom she cares for, takes one up and closes it; others do neither', async () => {
  await ward.intake(phq9(ward.patient, { 9: 2 }));
  const [task] = await ward.tasks();
  const [anna, patient] = [await clinicianToken(ward.anna), await patientToken()];
  const stranger = await clinicianToken(`Practitioner/${ward.id}-stranger`);
  await ward.put({ resourceType: 'Practitioner', id: `${ward.id}-stranger` });
  const list = async (token: string) =>
    (await get<{ open: { task: string }[] }>('/api/safety/signs', { authorization: `Bearer ${token}` })).body.open;
  expect((await list(anna)).map((it) => it.task)).toContain(task?.id);
  expect(await list(stranger)).toEqual([]);
  expect((await fetch(`${url}/api/safety/signs`)).status).toBe(401);
  expect((await act(patient, `${task?.id}/acknowledgement`)).status).toBe(403);
  expect((await act(stranger, `${task?.id}/closure`, { outcome: 'safety-plan' })).status).toBe(403);
  expect(await act(anna, `${task?.id}/acknowledgement`)).toMatchObject({
    status: 200,
    body: { state: 'acknowledged' },
  });
  expect((await act(anna, `${task?.id}/closure`, { outcome: 'nothing' })).status).toBe(422);
  expect((await act(anna, `${task?.id}/closure`)).status).toBe(400);
  expect(await act(anna, `${task?.id}/closure`, { outcome: 'safety-plan' })).toMatchObject({
    body: { state: 'closed' },
  });
  const bernat = await clinicianToken(ward.bernat);
  const late = await act(bernat, `${task?.id}/closure`, { outcome: 'referred' });
  expect([late.status, late.body.issue?.[0]?.diagnostics]).toEqual([409, expect.stringContaining(ward.anna)]);
  expect((await act(anna, 'no-such-sign/acknowledgement')).status).toBe(404);
});
