import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, CapabilityStatement, Questionnaire } from 'fhir/r4.js';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { assertServable, NotServableError } from '../../src/http/assert-servable.ts';
import { hand, reasonsOf, startVincle, sus, type Vincle } from './rig.ts';

let embedded: Embedded;
let vincle: Vincle;
beforeAll(async () => {
  embedded = await startEmbedded();
  vincle = await startVincle(embedded.baseUrl, {});
}, 60_000);
afterAll(async () => {
  await vincle.stop();
  await embedded.stop();
});

const get = async <T>(path: string): Promise<{ status: number; body: T; headers: Headers }> => {
  const answer = await fetch(`${vincle.url}${path}`);
  return { status: answer.status, body: (await answer.json()) as T, headers: answer.headers };
};

test('without an authorization server configured no token opens the intake', async () => {
  for (const token of [undefined, 'anything', 'a.b.c']) {
    expect((await hand(vincle.url, token, sus('p1', '3'))).status).toBe(401);
  }
  expect(reasonsOf(await hand(vincle.url, 'anything', sus('p1', '3')))).toEqual(['no-issuer']);
});

test('a Questionnaire is found by id and by canonical, with or without version', async () => {
  expect((await get<Questionnaire>('/fhir/Questionnaire/sus')).body.url).toBe(
    'https://w3id.org/vincle/Questionnaire/sus',
  );
  const canonical = encodeURIComponent('https://w3id.org/vincle/Questionnaire/sus');
  const totals = await Promise.all(
    ['', '|1.0.0', '|9.0.0'].map((it) => get<Bundle>(`/fhir/Questionnaire?url=${canonical}${encodeURIComponent(it)}`)),
  );
  expect(totals.map((it) => it.body.total)).toEqual([1, 1, 0]);
  expect((await get('/fhir/Questionnaire/nobody')).status).toBe(404);
});

test('the licensed instruments are served with neutral labels only', async () => {
  for (const id of ['wai-s-p', 'wai-s-t', 'hads', 'distress-thermometer']) {
    const { body } = await get<Questionnaire>(`/fhir/Questionnaire/${id}`);
    const asked = (body.item ?? []).filter((it) => it.type === 'choice' || it.type === 'integer');
    expect(asked.length).toBeGreaterThan(0);
    for (const item of asked) expect(item.text).toMatch(/^(WAI-S|HADS|Distress Thermometer)/);
  }
});

test('the CapabilityStatement names what is served, and openapi.json every route', async () => {
  const { body } = await get<CapabilityStatement>('/fhir/metadata');
  expect(body.rest?.[0]?.resource?.map((it) => it.type)).toEqual(['Questionnaire', 'QuestionnaireResponse']);
  const api = await get<{ paths: Record<string, object> }>('/openapi.json');
  expect(Object.keys(api.body.paths)).toEqual([
    '/health',
    '/ready',
    '/.well-known/jwks.json',
    '/metrics',
    '/fhir/metadata',
    '/fhir/Questionnaire',
    '/fhir/Questionnaire/{id}',
    '/fhir/QuestionnaireResponse',
    '/api/patients/{id}/steps',
    '/api/proposals/{id}/decision',
    '/api/care-plans/{id}/position',
    '/api/patients/{id}/level',
    '/hooks/fhir/QuestionnaireResponse/{id}',
    '/hooks/fhir',
    '/openapi.json',
  ]);
});

test('an unknown address is an OperationOutcome, without a word about the software', async () => {
  const { status, body, headers } = await get<{ resourceType: string }>('/fhir/Patient/1');
  expect([status, body.resourceType]).toEqual([404, 'OperationOutcome']);
  expect([headers.get('x-powered-by'), headers.get('x-content-type-options')]).toEqual([null, 'nosniff']);
});

test.each([
  ['0.0.0.0', undefined, undefined, undefined, ['ISSUER', 'AUDIENCE']],
  ['0.0.0.0', 'https://idp.example', undefined, undefined, ['AUDIENCE']],
  ['127.0.0.1', undefined, undefined, 'https://vincle.hospital.example', ['ISSUER', 'AUDIENCE']],
  ['0.0.0.0', 'http://idp.example', 'us', undefined, ['ISSUER']],
])(
  'listening on %s with issuer %s, audience %s and public address %s is refused',
  (host, issuer, audience, publicUrl, names) => {
    let thrown: unknown;
    try {
      assertServable({ host, issuer, audience, publicUrl });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(NotServableError);
    if (thrown instanceof NotServableError) expect(thrown.problems.map((it) => it.split(':')[0])).toEqual(names);
  },
);

test('on loopback, and off it with an issuer and an audience, Vincle listens', () => {
  assertServable({ host: '127.0.0.1', issuer: undefined, audience: undefined, publicUrl: 'http://localhost:3000' });
  assertServable({ host: '::', issuer: 'https://idp.example', audience: 'us', publicUrl: 'https://vincle.example' });
});
