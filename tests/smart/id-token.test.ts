import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { generateKeyPair, type JWTPayload } from 'jose';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { admitCohort, startVincle, type Vincle } from '../http/rig.ts';
import { connectAs, freePort } from './rig/hospital.ts';
import { CLIENT, type ScriptedAuthority, startScripted } from './rig/scripted-authority.ts';
import { launched, reasonIn } from './rig/scripted-launch.ts';

jest.setTimeout(60_000);

let embedded: Embedded;
let scripted: ScriptedAuthority;
let vincle: Vincle;

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
    { method: 'PUT', resource: { resourceType: 'Practitioner', id: 'gone', active: false } },
    {
      method: 'PUT',
      resource: { resourceType: 'PractitionerRole', id: 'r1', practitioner: { reference: 'Practitioner/t1' } },
    },
    {
      method: 'PUT',
      resource: {
        resourceType: 'PractitionerRole',
        id: 'r-ended',
        active: false,
        practitioner: { reference: 'Practitioner/t1' },
      },
    },
  ]);
  scripted = await startScripted();
});
beforeEach(async () => {
  const port = await freePort();
  const smart = {
    registrations: [scripted.registration()],
    publicUrl: `http://127.0.0.1:${port}`,
    times: { idleMs: 60_000, longestMs: 600_000 },
    isDemonstration: false,
    connect: connectAs,
  };
  vincle = await startVincle(embedded.baseUrl, { smart }, undefined, port);
});
afterEach(async () => {
  scripted.reset();
  await vincle.stop();
});
afterAll(async () => {
  await scripted.stop();
  await embedded.stop();
});

const now = (): number => Math.floor(Date.now() / 1000);
const without =
  (name: string) =>
  (right: JWTPayload): JWTPayload =>
    Object.fromEntries(Object.entries(right).filter(([it]) => it !== name));

test('a right id_token opens the chart', async () => {
  const arrived = await launched(vincle, scripted);
  expect(arrived.url.pathname).toMatch(/^\/app\/[A-Za-z0-9_-]{22,}\/patients\/p1$/);
});

test.each<[string, (right: JWTPayload) => JWTPayload]>([
  ['of another issuer', (right) => ({ ...right, iss: 'https://evil.example' })],
  ['without an issuer', without('iss')],
  ['for another client', (right) => ({ ...right, aud: 'another-app' })],
  ['for us and another, without saying who may use it', (right) => ({ ...right, aud: [CLIENT, 'another-app'] })],
  ['for us, to be used by another', (right) => ({ ...right, aud: [CLIENT, 'other'], azp: 'other' })],
  ['without an audience', without('aud')],
  ['that has ended', (right) => ({ ...right, iat: now() - 900, exp: now() - 600 })],
  ['without an end', without('exp')],
  ['that is not good before an hour has passed', (right) => ({ ...right, nbf: now() + 3_600 })],
  ['with the nonce of another launch', (right) => ({ ...right, nonce: 'another' })],
  ['without a nonce', without('nonce')],
  ['without a subject', without('sub')],
])('201 · an id_token %s opens nothing', async (_what, claims) => {
  scripted.claims = claims;
  const arrived = await launched(vincle, scripted);
  expect([arrived.status, reasonIn(arrived)]).toEqual([400, 'launch-answer']);
});

test('201, 218 · an id_token that another key signed, under the published kid or without one, opens nothing', async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  for (const kid of ['scripted', undefined]) {
    scripted.signer = { key: privateKey, alg: 'RS256', ...(kid === undefined ? {} : { kid }) };
    const arrived = await launched(vincle, scripted);
    expect([arrived.status, reasonIn(arrived)]).toEqual([400, 'launch-answer']);
  }
});

test('218 · the keys are those of the issuer’s openid-configuration', async () => {
  scripted.configuration = { jwks_uri: undefined };
  const arrived = await launched(vincle, scripted);
  expect(arrived.url.pathname).toMatch(/^\/app\//);
  expect(scripted.came.map((it) => it.path)).toEqual(
    expect.arrayContaining(['/.well-known/openid-configuration', '/jwks']),
  );
});

test('218 · where the SMART configuration names other keys than the issuer’s openid-configuration, the issuer’s count', async () => {
  scripted.configuration = { jwks_uri: `${scripted.origin}/keys-of-somebody` };
  const arrived = await launched(vincle, scripted);
  expect(arrived.url.pathname).toMatch(/^\/app\//);
  expect(scripted.came.map((it) => it.path)).not.toContain('/keys-of-somebody');
});

test('47 · without an id_token, although it was asked for, nobody is let in', async () => {
  scripted.token = { id_token: undefined };
  const arrived = await launched(vincle, scripted);
  expect(arrived.status).toBe(400);
});

test('202 · the fhirUser is read as a resource of the hospital, absolute or relative, person or role', async () => {
  for (const fhirUser of [`${scripted.iss}/Practitioner/t1`, 'Practitioner/t1', 'PractitionerRole/r1']) {
    scripted.claims = (right) => ({ ...right, fhirUser });
    const arrived = await launched(vincle, scripted);
    expect(arrived.url.pathname).toMatch(/^\/app\//);
  }
});

test.each([
  ['whom the record does not know', 'Practitioner/nobody', 'unknown-user'],
  ['who no longer works here', 'Practitioner/gone', 'unknown-user'],
  ['whose role has ended', 'PractitionerRole/r-ended', 'unknown-user'],
  ['of another server', 'https://elsewhere.example/fhir/Practitioner/t1', 'no-user'],
  ['of a kind that opens nothing', 'RelatedPerson/q1', 'no-user'],
  ['that is no reference', 'javascript:alert(1)', 'no-user'],
  ['that leads elsewhere in the server', 'Practitioner/../Patient/p1', 'no-user'],
])('202 · a fhirUser %s is refused', async (_what, fhirUser, reason) => {
  scripted.claims = (right) => ({ ...right, fhirUser });
  const arrived = await launched(vincle, scripted);
  expect([arrived.status, reasonIn(arrived)]).toEqual([403, reason]);
});

test('an id_token without a fhirUser opens nothing: nobody is guessed', async () => {
  scripted.claims = without('fhirUser');
  const arrived = await launched(vincle, scripted);
  expect([arrived.status, reasonIn(arrived)]).toEqual([403, 'no-user']);
});

test('a patient cannot open the clinicians’ app, nor a clinician the patients’ forms', async () => {
  scripted.claims = (right) => ({ ...right, fhirUser: 'Patient/p1' });
  const asClinician = await launched(vincle, scripted);
  expect([asClinician.status, reasonIn(asClinician)]).toEqual([403, 'wrong-user']);
  scripted.claims = (right) => right;
  const asPatient = await launched(vincle, scripted, { path: '/launch/patient' });
  expect([asPatient.status, reasonIn(asPatient)]).toEqual([403, 'wrong-user']);
});

test('a patient is never let into somebody else’s record', async () => {
  scripted.claims = (right) => ({ ...right, fhirUser: 'Patient/p2' });
  const arrived = await launched(vincle, scripted, { path: '/launch/patient' });
  expect([arrived.status, reasonIn(arrived)]).toEqual([403, 'wrong-patient']);
});
