import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';
import { publicKeyOf } from '../../src/fhir/backend-services.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { BackendServicesAuth } from '../../src/fhir/options.ts';
import {
  failureOf,
  json,
  type MisbehavingServer,
  misbehave,
  options,
  PATIENT,
  type Reply,
  standingClock,
  status,
} from './misbehaving-server.ts';

const AUDIENCE = 'https://hospital.example/fhir';
const SCOPES = 'system/QuestionnaireResponse.rs system/Observation.cruds';
/** Seconds that a token lives. */
const LIFE = 120;
const ALGORITHMS = ['RS384', 'ES384'] as const;
type Algorithm = (typeof ALGORITHMS)[number];

interface Koa {
  use(step: (context: KoaContext, next: () => Promise<void>) => Promise<void>): void;
}
interface KoaContext {
  readonly path: string;
  status: number;
  readonly oidc?: { readonly params?: Readonly<Record<string, string>> };
}
/** The provider is a koa application, which its declaration here does not say. */
const koaOf = (provider: Provider): Koa => provider as unknown as Koa;

let folder: string;
let issuer: string;
let published: MisbehavingServer;
let stopIssuer: () => Promise<void>;
/** Requests to the token endpoint, as they were sent. */
let asked: URLSearchParams[] = [];
let tokenFault: number | undefined;
const file = (alg: Algorithm, form: 'jwk' | 'pem') => join(folder, `${alg}.${form}`);

/**
 * A hospital’s authorization server: oidc-provider checks each assertion, its signature, audience, end and jti. It reads
 * the public keys where Vincle publishes them.
 */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-keys-'));
  for (const alg of ALGORITHMS) {
    const { privateKey } = await generateKeyPair(alg, { extractable: true });
    writeFileSync(file(alg, 'jwk'), JSON.stringify({ ...(await exportJWK(privateKey)), kid: `key-${alg}` }));
    writeFileSync(file(alg, 'pem'), await exportPKCS8(privateKey));
  }
  const keys = await Promise.all(ALGORITHMS.map((alg) => publicKeyOf({ privateKeyFile: file(alg, 'jwk') })));
  published = await misbehave(json(200, { keys }));
  const clients = ALGORITHMS.map((alg) => ({
    client_id: `vincle-${alg}`,
    token_endpoint_auth_method: 'private_key_jwt' as const,
    token_endpoint_auth_signing_alg: alg,
    jwks_uri: `${published.origin}/.well-known/jwks.json`,
    redirect_uris: [],
    response_types: [],
    grant_types: ['client_credentials'],
    scope: SCOPES,
  }));
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  issuer = `http://127.0.0.1:${address.port}`;
  const provider = new Provider(issuer, {
    clients,
    scopes: SCOPES.split(' '),
    clockTolerance: LIFE * 2,
    // Its guard against addresses of its own network would refuse to read the keys from this machine.
    fetch: (
      url: string | URL | Request,
      { dispatcher: _guarded, ...request }: RequestInit & { dispatcher?: unknown } = {},
    ) => fetch(url, request),
    enabledJWA: { clientAuthSigningAlgValues: [...ALGORITHMS] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: () => ({ scope: SCOPES, accessTokenFormat: 'opaque', accessTokenTTL: LIFE }),
      },
    },
  });
  koaOf(provider).use(async (context, next) => {
    const isToken = context.path === '/token';
    if (isToken && tokenFault !== undefined) context.status = tokenFault;
    else await next();
    if (isToken) asked.push(new URLSearchParams(Object.entries(context.oidc?.params ?? {})));
  });
  server.on('request', provider.callback());
  stopIssuer = async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
}, 60_000);
afterAll(async () => {
  await stopIssuer();
  await published.stop();
  rmSync(folder, { recursive: true });
});

let hospital: MisbehavingServer;
let refusing: (token: string) => boolean = () => false;
afterEach(async () => {
  asked = [];
  tokenFault = undefined;
  refusing = () => false;
  await hospital.stop();
});

/** A FHIR server that names the authorization server and, unless it refuses, gives a Patient to whoever brings a token. */
const guarded: Reply = (response, request) => {
  if (request.url === '.well-known/smart-configuration')
    return json(200, { token_endpoint: `${issuer}/token` })(response, request);
  const token = /^Bearer (.+)$/.exec(String(request.headers.authorization))?.[1];
  return (token === undefined || refusing(token) ? status(401) : json(200, PATIENT))(response, request);
};

async function vincle(alg: Algorithm, more: Partial<BackendServicesAuth> = {}) {
  hospital = await misbehave(guarded);
  const clock = standingClock(Date.now());
  const auth = {
    kind: 'backend-services',
    clientId: `vincle-${alg}`,
    privateKeyFile: file(alg, 'jwk'),
    scopes: SCOPES,
    ...more,
  } as const;
  return { fhir: connectFhir(options(hospital.baseUrl, clock, { auth })), clock };
}
const tokens = () =>
  hospital.seen.filter((it) => it.url.startsWith('Patient')).map((it) => String(it.headers.authorization));

test.each(ALGORITHMS)(
  'a token is had with an assertion signed %s, from the endpoint that the server names',
  async (alg) => {
    const { fhir } = await vincle(alg);
    expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
    const assertion = asked[0]?.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion)).toMatchObject({ alg, kid: `key-${alg}`, typ: 'JWT' });
    const { iss, sub, aud, exp = 0, iat = 0 } = decodeJwt(assertion);
    expect([iss, sub, aud]).toEqual([`vincle-${alg}`, `vincle-${alg}`, `${issuer}/token`]);
    // SMART App Launch 2.2, Backend Services: "no more than five minutes".
    expect(exp - iat).toBeLessThanOrEqual(300);
    expect(asked[0]?.get('scope')).toBe(SCOPES);
  },
);

test.each(ALGORITHMS)('a PKCS #8 PEM signs %s as a JWK does', async (alg) => {
  const { fhir } = await vincle(alg, { privateKeyFile: file(alg, 'pem'), keyId: `key-${alg}` });
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
});

test('eight requests at once ask for one token, and all use it', async () => {
  const { fhir } = await vincle('ES384');
  await Promise.all(Array.from({ length: 8 }, () => fhir.read('Patient', 'p1')));
  expect([asked.length, new Set(tokens()).size, tokens().length]).toEqual([1, 1, 8]);
});

test('a token is renewed before it ends, with another jti', async () => {
  const { fhir, clock } = await vincle('ES384');
  await fhir.read('Patient', 'p1');
  clock.move((LIFE - 31) * 1000);
  await fhir.read('Patient', 'p1');
  expect(asked).toHaveLength(1);
  clock.move(2_000);
  await fhir.read('Patient', 'p1');
  expect([asked.length, new Set(tokens()).size]).toEqual([2, 2]);
  expect(new Set(asked.map((it) => decodeJwt(it.get('client_assertion') ?? '').jti)).size).toBe(2);
});

test('a token that the server no longer takes is renewed once, also for a create that may not be repeated', async () => {
  const { fhir } = await vincle('ES384');
  await fhir.read('Patient', 'p1');
  const [revoked] = tokens();
  refusing = (token) => `Bearer ${token}` === revoked;
  await fhir.write({ method: 'POST', resource: { resourceType: 'Patient' } });
  expect([asked.length, tokens().length]).toEqual([2, 3]);
});

test('eight requests whose token was revoked renew it once', async () => {
  const { fhir } = await vincle('ES384');
  await fhir.read('Patient', 'p1');
  const [revoked] = tokens();
  refusing = (token) => `Bearer ${token}` === revoked;
  await Promise.all(Array.from({ length: 8 }, () => fhir.read('Patient', 'p1')));
  expect(asked).toHaveLength(2);
});

test('a server that takes no token at all is unauthorized after one renewal', async () => {
  const { fhir } = await vincle('ES384');
  refusing = () => true;
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, error.status, asked.length, tokens().length]).toEqual(['unauthorized', 401, 2, 2]);
});

test('an authorization server that fails for a moment is asked again, and nothing is uncertain', async () => {
  const { fhir } = await vincle('ES384');
  tokenFault = 503;
  const error = await failureOf(fhir.write({ method: 'POST', resource: { resourceType: 'Patient' } }));
  expect([error.kind, error.uncertain, asked.length, tokens().length]).toEqual(['unreachable', false, 5, 0]);
  tokenFault = undefined;
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
});

test('a client that the authorization server does not know is unauthorized at once, by its OAuth error alone', async () => {
  const { fhir } = await vincle('ES384', { clientId: 'somebody-else' });
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, error.message]).toEqual([
    'unauthorized',
    'The authorization server answered 401 invalid_client (/token).',
  ]);
  expect(tokens()).toHaveLength(0);
});

test('a file that holds no private key is named, never quoted', async () => {
  const path = join(folder, 'wrong.pem');
  writeFileSync(path, '-----BEGIN SECRET-----');
  const { fhir } = await vincle('ES384', { privateKeyFile: path });
  const thrown = await fhir.read('Patient', 'p1').catch((error: unknown) => String(error));
  expect(thrown).toBe(`Error: ${path}: neither a JWK nor a PKCS #8 key for RS384 or ES384`);
});
