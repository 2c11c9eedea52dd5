import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { deliverResponses } from '../../src/pipeline/deliver-responses.ts';
import { subscribe } from '../../src/pipeline/subscribe.ts';
import { AUDIENCE, type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts';
import {
  admitCohort,
  allOf,
  HOOKS_SECRET,
  hand,
  MARKER,
  METRICS_TOKEN,
  reasonsOf,
  scoresOf,
  startVincle,
  sus,
  until,
  type Vincle,
} from './rig.ts';

let issuer: AuthorizationServer;
let embedded: Embedded;
let vincle: Vincle;
let folder: string;
const files = () => ({ fhir: join(folder, 'fhir.sqlite'), state: `sqlite:${join(folder, 'state.sqlite')}` });
const authorization = () => ({ issuer: issuer.issuer, audience: AUDIENCE });
const portOf = (url: string) => Number(new URL(url).port);

beforeAll(async () => {
  issuer = await startAuthorizationServer();
}, 60_000);
afterAll(() => issuer.stop());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-http-'));
  embedded = await startEmbedded({ file: files().fhir });
  vincle = await startVincle(embedded.baseUrl, { authorization: authorization() }, files().state);
  await admitCohort(vincle.ports.server);
}, 60_000);
afterEach(async () => {
  await vincle.stop();
  await embedded.stop();
  rmSync(folder, { recursive: true });
});

test('what the FHIR server cannot take is kept over a restart, delivered in order and scored once', async () => {
  const [patient, outsider] = [await issuer.token('patient-1'), await issuer.token('patient-outside')];
  const identifier = { system: 'urn:test:app', value: 'while-down' };
  const { baseUrl } = embedded;
  await embedded.stop();
  const kept = [
    await hand(vincle.url, patient, sus('p1', '3', { identifier })),
    await hand(vincle.url, patient, sus('p1', '4', { identifier, status: 'amended' })),
    await hand(vincle.url, outsider, sus('outsider', '3')),
  ];
  expect(kept.map((it) => [it.status, reasonsOf(it)[0]])).toEqual(Array(3).fill([202, 'kept']));
  expect(kept.map((it) => it.text).join('') + vincle.log()).not.toContain(MARKER);
  await vincle.stop();

  vincle = await startVincle(baseUrl, { authorization: authorization() }, files().state);
  embedded = await startEmbedded({ file: files().fhir, port: portOf(baseUrl) });
  // A response that comes now must not overtake those that wait.
  const third = await hand(vincle.url, patient, sus('p1', '5', { identifier, status: 'amended' }));
  expect(third.status).toBe(202);
  const delivery = await deliverResponses(vincle.ports, vincle.now);
  expect(delivery).toEqual({ delivered: 3, failed: 0, dead: 0, dropped: 1, held: false });
  const responses = await allOf(vincle.ports.server, 'QuestionnaireResponse');
  expect(responses.map((it) => [it.status, it.item?.[0]?.answer?.[0]?.valueCoding?.code])).toEqual([['amended', '5']]);
  // Odd items give 4, even ones 0: 20 points, times 2.5.
  const scores = await scoresOf(vincle.ports.server, 'sus');
  expect(scores.map((it) => [it.valueQuantity?.value, it.status])).toEqual([[50, 'amended']]);
  expect(await vincle.state.listEntries()).toEqual([]);
}, 60_000);

test('a response written to the FHIR server by another app is scored within seconds of its notification', async () => {
  const { server } = vincle.ports;
  const options = {
    endpoint: `${vincle.url}/hooks/fhir`,
    secret: HOOKS_SECRET,
    questionnaires: vincle.ports.context.content.questionnaireUrls,
  };
  expect([await subscribe(server, options), await subscribe(server, options)]).toEqual(['created', 'present']);
  const active = await until(
    () => allOf(server, 'Subscription'),
    ([it]) => it?.status === 'active',
  );
  await server.write({ method: 'PUT', resource: { ...sus('p1', '3'), id: 'from-another-app' } });
  const [score] = await until(
    () => scoresOf(server, 'sus'),
    (it) => it.length > 0,
  );
  expect(score?.valueQuantity?.value).toBe(50);
  for (const it of active) await server.write({ method: 'PUT', resource: { ...it, status: 'off' } });
  expect(await subscribe(server, options)).toBe('reactivated');
}, 30_000);

const notify = (id: string, secret: string, body: unknown) =>
  fetch(`${vincle.url}/hooks/fhir/QuestionnaireResponse/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/fhir+json', authorization: `Bearer ${secret}` },
  });

test('a forged notification changes nothing: what the FHIR server holds is what counts', async () => {
  const { server } = vincle.ports;
  await server.write({ method: 'PUT', resource: { ...sus('p1', '3'), id: 'real' } });
  const forged = [
    await notify('real', HOOKS_SECRET, { ...sus('p2', '1'), id: 'real' }),
    await notify('never-there', HOOKS_SECRET, { ...sus('p2', '1'), id: 'never-there' }),
  ];
  expect(forged.map((it) => it.status)).toEqual([200, 200]);
  await vincle.notifications.idle();
  const scores = await scoresOf(server, 'sus');
  expect(scores.map((it) => [it.subject?.reference, it.valueQuantity?.value])).toEqual([['Patient/p1', 50]]);
});

test('a notification without the secret of the Subscription is 401, and nothing is read', async () => {
  await vincle.ports.server.write({ method: 'PUT', resource: { ...sus('p1', '3'), id: 'real' } });
  const { requests } = vincle.ports.server.traffic;
  const answers = [await notify('real', 'wrong', {}), await notify('real', '', {})];
  expect(answers.map((it) => it.status)).toEqual([401, 401]);
  await vincle.notifications.idle();
  expect(vincle.ports.server.traffic.requests).toBe(requests);
});

test('a notification that comes while the FHIR server is down is left to the job, and the hook answers', async () => {
  await embedded.stop();
  expect((await notify('real', HOOKS_SECRET, {})).status).toBe(200);
  await vincle.notifications.idle();
  const metrics = await fetch(`${vincle.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  expect(await metrics.text()).toContain('vincle_notifications_total{fate="failed"} 1');
  embedded = await startEmbedded({ file: files().fhir });
}, 30_000);

test('ready says what is missing, health that the process lives, and neither names a patient', async () => {
  const ready = await fetch(`${vincle.url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ready: true, checks: { server: true, state: true, content: true, lastRun: true } },
  ]);
  await embedded.stop();
  const unready = await until(
    () => fetch(`${vincle.url}/ready`),
    (it) => it.status === 503,
  );
  expect(await unready.json()).toMatchObject({ checks: { server: false, state: true } });
  expect((await fetch(`${vincle.url}/health`)).status).toBe(200);
  embedded = await startEmbedded({ file: files().fhir });
}, 30_000);

test('metrics need their own token and hold no id', async () => {
  await hand(vincle.url, await issuer.token('patient-1'), sus('p1', '3'));
  expect((await fetch(`${vincle.url}/metrics`)).status).toBe(401);
  const answer = await fetch(`${vincle.url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  const text = await answer.text();
  expect(text).toContain('vincle_responses_total{fate="scored"} 1');
  expect(text).not.toMatch(/p1|Patient\/|[0-9a-f]{8}-[0-9a-f]{4}-/);
});
