import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { readConfig } from '../../src/config.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { introspect } from '../../src/http/authorization-server.ts';
import { type Keys, makeKeys } from './authority/clients.ts';
import { type ScriptedAuthority, startScripted } from './rig/scripted-authority.ts';

// What Vincle does in its own name: the jobs, and what people write through it.
let scripted: ScriptedAuthority;
let keys: Keys;
let folder: string;
const CLIENT = 'vincle-jobs';

beforeAll(async () => {
  scripted = await startScripted();
  keys = await makeKeys();
  folder = mkdtempSync(join(tmpdir(), 'vincle-backend-'));
  writeFileSync(join(folder, 'key.pem'), keys.ES384.pem);
});
afterEach(() => scripted.reset());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await scripted.stop();
});

const server = () =>
  connectFhir({
    baseUrl: scripted.iss,
    auth: {
      kind: 'backend-services',
      clientId: CLIENT,
      privateKeyFile: join(folder, 'key.pem'),
      scopes: readConfig({}).FHIR_SCOPES,
    },
    timeoutMs: 3_000,
    retry: { attempts: 1 },
  });
const tokenRequests = () => scripted.came.filter((it) => it.path === '/token');

test('226, 227 · the jobs find the token endpoint in the SMART configuration, asked for as JSON', async () => {
  await server().read('Patient', 'p1');
  const [first] = scripted.came;
  expect(first?.path).toBe('/fhir/.well-known/smart-configuration');
  expect(first?.headers.accept).toContain('application/json');
  expect(tokenRequests()).toHaveLength(1);
});

test('143, 234, 235, 236 · their token is asked for by a form with client_credentials and system scopes', async () => {
  await server().read('Patient', 'p1');
  const [request] = tokenRequests();
  expect(request?.method).toBe('POST');
  expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  expect(request?.body.get('grant_type')).toBe('client_credentials');
  for (const scope of request?.body.get('scope')?.split(' ') ?? [''])
    expect(scope).toMatch(/^system\/([A-Z][A-Za-z]+|\*)\.c?r?u?d?s?$/);
});

test('229, 233, 237, 238 · they authenticate by a signed assertion that is used once', async () => {
  for (let one = 0; one < 3; one += 1) await server().read('Patient', 'p1');
  const assertions = tokenRequests().map(({ body }) => {
    expect(body.get('client_assertion_type')).toBe('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    return body.get('client_assertion') ?? '';
  });
  expect(new Set(assertions.map((it) => decodeJwt(it).jti)).size).toBe(3);
  for (const assertion of assertions) {
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg: 'ES384', typ: 'JWT', kid: expect.any(String) });
    const { iss, sub, aud, exp = 0 } = decodeJwt(assertion);
    expect({ iss, sub, aud }).toEqual({ iss: CLIENT, sub: CLIENT, aud: `${scripted.origin}/token` });
    expect(exp - Math.floor(Date.now() / 1000)).toBeLessThanOrEqual(300);
  }
});

test('264 · they ask the FHIR server with the token as a Bearer', async () => {
  await server().read('Patient', 'p1');
  const asked = scripted.came.find((it) => it.path.startsWith('/fhir/Patient'));
  expect(asked?.headers.authorization).toBe('Bearer an-access-token-of-the-script');
});

test('270 · introspection is asked for as RFC 7662 wants it: a form with the token, and who asks by Basic', async () => {
  await introspect(`${scripted.origin}/token`, 'opaque-token', { clientId: 'a:b', clientSecret: 'c d' }).catch(
    () => undefined,
  );
  const [request] = tokenRequests();
  expect(request?.method).toBe('POST');
  expect(request?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
  expect(Object.fromEntries(request?.body ?? [])).toEqual({ token: 'opaque-token', token_type_hint: 'access_token' });
  expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('a%3Ab:c%20d').toString('base64')}`);
});
