import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals';
import { type CryptoKey, calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, exportJWK, jwtVerify } from 'jose';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { publicKeyOf } from '../../src/fhir/backend-services.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { ClientAuthentication } from '../../src/http/smart/registration.ts';
import { admitCohort, startVincle, type Vincle } from '../http/rig.ts';
import { type Keys, makeKeys } from './authority/clients.ts';
import { connectAs, freePort } from './rig/hospital.ts';
import { type Came, CLIENT, type ScriptedAuthority, startScripted } from './rig/scripted-authority.ts';
import { launched } from './rig/scripted-launch.ts';

jest.setTimeout(60_000);

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** With characters that Basic authentication must encode (RFC 6749, 2.3.1). */
const SECRET = 'of tests: +100%/ü';
type Algorithm = 'RS384' | 'ES384';
const ALGORITHMS: readonly Algorithm[] = ['RS384', 'ES384'];

let embedded: Embedded;
let scripted: ScriptedAuthority;
let keys: Keys;
const running: Vincle[] = [];

beforeAll(async () => {
  embedded = await startEmbedded();
  await admitCohort(
    connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' }, timeoutMs: 5_000, retry: { attempts: 1 } }),
  );
  scripted = await startScripted();
  keys = await makeKeys();
});
afterEach(async () => {
  scripted.reset();
  for (const vincle of running.splice(0)) await vincle.stop();
});
afterAll(async () => {
  await scripted.stop();
  await embedded.stop();
});

const keyed = (alg: Algorithm): ClientAuthentication => ({
  kind: 'private-key',
  key: keys[alg].privateKey,
  alg,
  kid: `kid-${alg}`,
  publicKey: { ...keys[alg].publicJwk, kid: `kid-${alg}` },
});

async function registered(authentication: ClientAuthentication): Promise<Vincle> {
  const port = await freePort();
  const smart = {
    registrations: [scripted.registration(authentication)],
    publicUrl: `http://127.0.0.1:${port}`,
    times: { idleMs: 60_000, longestMs: 600_000 },
    isDemonstration: false,
    connect: connectAs,
  };
  const vincle = await startVincle(embedded.baseUrl, { smart }, undefined, port);
  running.push(vincle);
  return vincle;
}

/** What the token endpoint was asked in one launch. */
async function asked(authentication: ClientAuthentication): Promise<Came & { readonly vincle: Vincle }> {
  const vincle = await registered(authentication);
  const arrived = await launched(vincle, scripted);
  expect(arrived.url.pathname).toMatch(/^\/app\//);
  const token = scripted.came.filter((it) => it.path === '/token');
  expect(token).toHaveLength(1);
  const [only] = token;
  if (only === undefined) throw new Error('nothing was asked');
  return { ...only, vincle };
}

test('62, 67, 68, 69 · the code is exchanged by a form that says grant, code and the same redirect address', async () => {
  const { method, headers, body, vincle } = await asked({ kind: 'public' });
  expect(method).toBe('POST');
  expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  expect(Object.fromEntries(body)).toMatchObject({
    grant_type: 'authorization_code',
    code: 'a-code',
    redirect_uri: `${vincle.url}/callback`,
  });
});

test('63, 71 · a public app says its client id, and authenticates by nothing', async () => {
  const { headers, body } = await asked({ kind: 'public' });
  expect(body.get('client_id')).toBe(CLIENT);
  expect([headers.authorization, body.get('client_secret'), body.get('client_assertion')]).toEqual([
    undefined,
    null,
    null,
  ]);
});

test('23, 64, 345 · an app with a secret authenticates by HTTP Basic, each part form-encoded first', async () => {
  const { headers } = await asked({ kind: 'secret', secret: SECRET });
  const [scheme, value = ''] = (headers.authorization ?? '').split(' ');
  const [id = '', secret = ''] = Buffer.from(value, 'base64').toString('utf8').split(':');
  const decoded = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
  expect([scheme, decoded(id), decoded(secret)]).toEqual(['Basic', CLIENT, SECRET]);
});

test('72 · an app that authenticates leaves its client id out of the form, and its secret too', async () => {
  const basic = await asked({ kind: 'secret', secret: SECRET });
  expect([basic.body.has('client_id'), basic.body.has('client_secret')]).toEqual([false, false]);
  scripted.reset();
  const signed = await asked(keyed('ES384'));
  expect(signed.body.has('client_id')).toBe(false);
});

test.each(ALGORITHMS)(
  '22, 307, 308, 309, 319, 320, 321, 333, 334 · an app with a key authenticates by an assertion that it signs by %s',
  async (alg) => {
    const { body } = await asked(keyed(alg));
    expect(body.get('client_assertion_type')).toBe(ASSERTION_TYPE);
    const assertion = body.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion).alg).toBe(alg);
    await jwtVerify(assertion, keys[alg].publicJwk as unknown as CryptoKey, { algorithms: [alg] });
  },
);

test.each(ALGORITHMS)(
  '317, 323, 327, 328, 329, 330, 331 · the assertion by %s names client, token endpoint and an end within five minutes',
  async (alg) => {
    const before = Math.floor(Date.now() / 1000);
    const { body } = await asked(keyed(alg));
    const assertion = body.get('client_assertion') ?? '';
    const { iss, sub, aud, exp = 0 } = decodeJwt(assertion);
    expect({ iss, sub, aud }).toEqual({ iss: CLIENT, sub: CLIENT, aud: `${scripted.origin}/token` });
    expect(decodeProtectedHeader(assertion).typ).toBe('JWT');
    expect(exp).toBeGreaterThan(before);
    expect(exp).toBeLessThanOrEqual(Math.floor(Date.now() / 1000) + 300);
  },
);

test('332 · no two assertions carry the same jti', async () => {
  const jtis = new Set<string>();
  const vincle = await registered(keyed('RS384'));
  for (let one = 0; one < 5; one += 1) await launched(vincle, scripted);
  for (const { body } of scripted.came.filter((it) => it.path === '/token'))
    jtis.add(decodeJwt(body.get('client_assertion') ?? '').jti ?? '');
  expect(jtis.size).toBe(5);
  expect(jtis.has('')).toBe(false);
});

test('322, 325 · the assertion names the key by the kid under which Vincle publishes it, and by no address', async () => {
  const { body, vincle } = await asked(keyed('ES384'));
  const { kid, jku } = decodeProtectedHeader(body.get('client_assertion') ?? '');
  const published = (await (await fetch(`${vincle.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  expect(published.keys.filter((it) => it.kid === kid)).toHaveLength(1);
  expect(jku).toBeUndefined();
});

test.each(ALGORITHMS)(
  '294, 295, 302, 313, 314, 315 · anybody may fetch the public key for %s, with its kid and its bare numbers, and nothing private',
  async (alg) => {
    const vincle = await registered(keyed(alg));
    const answer = await fetch(`${vincle.url}/.well-known/jwks.json`);
    expect(answer.status).toBe(200);
    const { keys: published } = (await answer.json()) as { keys: Record<string, unknown>[] };
    const [jwk = {}] = published;
    const numbers = alg === 'RS384' ? ['n', 'e'] : ['crv', 'x', 'y'];
    expect(published).toHaveLength(1);
    expect(jwk).toMatchObject({ kty: alg === 'RS384' ? 'RSA' : 'EC', kid: `kid-${alg}` });
    for (const number of numbers) expect(jwk[number]).toMatch(/^[A-Za-z0-9_-]+$/);
    for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'x5c']) expect(jwk).not.toHaveProperty(secret);
  },
);

test('a key without a kid of its own goes by its thumbprint (RFC 7638), so that no two can be mistaken', async () => {
  const jwk = await exportJWK(keys.ES384.privateKey);
  const folder = mkdtempSync(join(tmpdir(), 'vincle-kid-'));
  try {
    const [asJwk, asPem] = [join(folder, 'key.json'), join(folder, 'key.pem')];
    writeFileSync(asJwk, JSON.stringify(jwk));
    writeFileSync(asPem, keys.ES384.pem);
    const { kty, crv, x, y } = jwk;
    const thumbprint = await calculateJwkThumbprint({ kty, crv, x, y } as Parameters<typeof calculateJwkThumbprint>[0]);
    for (const privateKeyFile of [asJwk, asPem]) expect((await publicKeyOf({ privateKeyFile })).kid).toBe(thumbprint);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the secret, the code, the tokens and the verifier are in no log line, whatever happens', async () => {
  const vincle = await registered({ kind: 'secret', secret: SECRET });
  await launched(vincle, scripted);
  scripted.tokenStatus = 500;
  await launched(vincle, scripted);
  scripted.tokenStatus = 400;
  await launched(vincle, scripted);
  const log = vincle.log();
  const verifier = scripted.came.find((it) => it.path === '/token')?.body.get('code_verifier') ?? 'none';
  expect(log).toContain('/callback');
  for (const secret of [SECRET, 'a-code', 'an-access-token-of-the-script', verifier, 'state=', 'Basic '])
    expect(log).not.toContain(secret);
});
