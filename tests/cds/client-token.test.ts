import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { SERVICE } from '../../src/http/cds-hooks/routes.ts';
import { type Clinic, type Ehr, hook, NOW, openClinic, startEhr } from './clinic.ts';

jest.setTimeout(60_000);
const PUBLIC = 'https://vincle.example';
const URL_OF = `${PUBLIC}/cds-services/${SERVICE}`;
const SECONDS = Math.floor(Date.parse(NOW) / 1000);
let embedded: Embedded;
let ehr: Ehr;
let stranger: Ehr;
let clinic: Clinic;

beforeAll(async () => {
  embedded = await startEmbedded();
  [ehr, stranger] = await Promise.all([startEhr(), startEhr()]);
  const clients = [{ issuer: ehr.issuer, jwksUrl: ehr.jwksUrl }];
  clinic = await openClinic(embedded.baseUrl, { clients, tenant: 'ward-7' }, { publicUrl: PUBLIC });
});
afterAll(async () => {
  await clinic.stop();
  await Promise.all([ehr.stop(), stranger.stop(), embedded.stop()]);
});
beforeEach(() => clinic.setNow(NOW));

const good = (more: JWTPayload = {}): JWTPayload => ({
  iss: ehr.issuer,
  aud: URL_OF,
  iat: SECONDS,
  exp: SECONDS + 300,
  jti: crypto.randomUUID(),
  tenant: 'ward-7',
  ...more,
});
const without = (claim: string): JWTPayload => ({ ...good(), [claim]: undefined });
const call = async (token: string | undefined) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { status, text } = await clinic.call(hook(clinic.ward, clinic.ward.anna), headers as Record<string, string>);
  return { status, reason: status === 200 ? undefined : JSON.parse(text).issue[0].details.text };
};

test('a token of a configured client, for this address, opens the service once; a second use is a replay', async () => {
  const token = await ehr.sign(good());
  expect(await call(token)).toEqual({ status: 200, reason: undefined });
  expect(await call(token)).toEqual({ status: 401, reason: 'cds-token-replayed' });
  const named = await ehr.sign(good({ aud: ['https://elsewhere.example', URL_OF] }), { jku: ehr.jwksUrl });
  expect(await call(named)).toMatchObject({ status: 200 });
});

test('the same jti in another token is a replay', async () => {
  const jti = crypto.randomUUID();
  expect(await call(await ehr.sign(good({ jti })))).toMatchObject({ status: 200 });
  expect(await call(await ehr.sign(good({ jti, iat: SECONDS - 1, exp: SECONDS + 299 })))).toMatchObject({
    reason: 'cds-token-replayed',
  });
});

test('a replica on the same state knows the token', async () => {
  const file = `sqlite:${(await import('node:os')).tmpdir()}/vincle-cds-${crypto.randomUUID()}.sqlite`;
  const options = { clients: [{ issuer: ehr.issuer, jwksUrl: ehr.jwksUrl }], tenant: 'ward-7' };
  const [a, b] = [
    await openClinic(embedded.baseUrl, options, { publicUrl: PUBLIC, stateUrl: file }),
    await openClinic(embedded.baseUrl, options, { publicUrl: PUBLIC, stateUrl: file }),
  ];
  const headers = { authorization: `Bearer ${await ehr.sign(good())}` };
  expect((await a.call(hook(a.ward, a.ward.anna), headers)).status).toBe(200);
  expect((await b.call(hook(b.ward, b.ward.anna), headers)).status).toBe(401);
  await a.stop();
  await b.stop();
});

const SHARED = new TextEncoder().encode('a key that both sides know, at least 32 bytes');
const unsigned = () => {
  const part = (it: object) => Buffer.from(JSON.stringify(it)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT', kid: 'ehr-1' })}.${part(good())}.`;
};
test.each<[string, string, () => Promise<string | undefined> | string]>([
  ['no token at all', 'no-token', async () => undefined],
  ['what is no JWT', 'cds-token-malformed', () => 'not-a-token'],
  ['alg none', 'cds-token-algorithm', unsigned],
  ['a symmetric algorithm', 'cds-token-algorithm', () => ehr.sign(good(), { alg: 'HS256' }, SHARED)],
  ['a header without kid', 'cds-token-header', () => ehr.sign(good(), { kid: undefined })],
  ['a header of another typ', 'cds-token-header', () => ehr.sign(good(), { typ: 'at+jwt' })],
  ['a kid that the client does not publish', 'cds-token-invalid', () => ehr.sign(good(), { kid: 'ehr-2' })],
  ['an issuer that is no client', 'cds-token-unknown-issuer', () => stranger.sign(good({ iss: stranger.issuer }))],
  ['another’s key under the client’s name', 'cds-token-invalid', () => stranger.sign(good())],
  ['a jku of somebody else', 'cds-token-jku', () => stranger.sign(good(), { jku: stranger.jwksUrl })],
  ['another service’s address as aud', 'cds-token-invalid', () => ehr.sign(good({ aud: `${PUBLIC}/cds-services` }))],
  ['a token that has expired', 'cds-token-invalid', () => ehr.sign(good({ iat: SECONDS - 400, exp: SECONDS - 100 }))],
  ['a token issued in the future', 'cds-token-iat', () => ehr.sign(good({ iat: SECONDS + 120, exp: SECONDS + 300 }))],
  ['a token that lives for an hour', 'cds-token-lifetime', () => ehr.sign(good({ exp: SECONDS + 3600 }))],
  ['another tenant', 'cds-token-tenant', () => ehr.sign(good({ tenant: 'ward-8' }))],
  ...['iss', 'aud', 'exp', 'iat', 'jti'].map((claim): [string, string, () => Promise<string>] => [
    `a token without ${claim}`,
    claim === 'iss' ? 'cds-token-unknown-issuer' : 'cds-token-invalid',
    () => ehr.sign(without(claim)),
  ]),
])('%s is refused', async (_what, reason, token) => {
  const before = clinic.requests();
  expect(await call(await token())).toEqual({ status: 401, reason });
  expect(clinic.requests()).toBe(before);
});

test('feedback needs a token for its own address', async () => {
  const body = { feedback: [] };
  const headers = async (url: string) => ({ authorization: `Bearer ${await ehr.token(url, { tenant: 'ward-7' })}` });
  expect((await clinic.feedback(body, await headers(URL_OF))).status).toBe(401);
  expect((await clinic.feedback(body, await headers(`${URL_OF}/feedback`))).status).toBe(200);
});

test('keys that cannot be fetched are 503, not a refusal', async () => {
  const gone = await startEhr();
  await gone.stop();
  const other = await openClinic(
    embedded.baseUrl,
    { clients: [{ issuer: gone.issuer, jwksUrl: gone.jwksUrl }] },
    { publicUrl: PUBLIC },
  );
  const headers = { authorization: `Bearer ${await gone.token(URL_OF)}` };
  expect((await other.call(hook(other.ward, other.ward.anna), headers)).status).toBe(503);
  await other.stop();
});

test('where CDS Hooks are not configured there is no route', async () => {
  const none = await openClinic(embedded.baseUrl, null);
  expect((await fetch(`${none.url}/cds-services`)).status).toBe(404);
  expect((await none.call(hook(none.ward, none.ward.anna))).status).toBe(404);
  await none.stop();
});

test('without clients this machine alone is answered, and no page or proxy on it', async () => {
  const local = await openClinic(embedded.baseUrl);
  const body = hook(local.ward, local.ward.anna);
  expect((await local.call(body)).status).toBe(200);
  expect((await local.call(body, { origin: 'https://evil.example' })).status).toBe(401);
  expect((await local.call(body, { 'x-forwarded-for': '10.0.0.1' })).status).toBe(401);
  await local.stop();
});
