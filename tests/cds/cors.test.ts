import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from '../../src/config.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { originsOf } from '../../src/http/cds-hooks/cors.ts';
import { SERVICE } from '../../src/http/cds-hooks/routes.ts';
import { type Clinic, openClinic } from './clinic.ts';

/** CDS Hooks 2.0, “CORS”, and the HTTP-CORS protocol of the Fetch standard, https://fetch.spec.whatwg.org/#http-cors-protocol */
const EHR = 'https://ehr.hospital.example';
const CORS = [
  'access-control-allow-origin',
  'access-control-allow-methods',
  'access-control-allow-headers',
  'access-control-allow-credentials',
] as const;
let embedded: Embedded;
let open: Clinic;
let closed: Clinic;

beforeAll(async () => {
  embedded = await startEmbedded();
  const clients = [{ issuer: 'https://ehr.example', jwksUrl: 'http://127.0.0.1:9/jwks' }];
  const publicUrl = 'https://vincle.example';
  open = await openClinic(embedded.baseUrl, { clients, origins: [EHR, 'http://localhost:8080'] }, { publicUrl });
  closed = await openClinic(embedded.baseUrl, { clients }, { publicUrl });
}, 60_000);
afterAll(async () => {
  await Promise.all([open.stop(), closed.stop()]);
  await embedded.stop();
});

const ask = async (clinic: Clinic, method: string, path: string, headers: Record<string, string>) => {
  const { body, ...request } = { method, headers, body: method === 'POST' ? '{}' : undefined };
  const answer = await fetch(`${clinic.url}${path}`, { ...request, ...(body === undefined ? {} : { body }) });
  await answer.arrayBuffer();
  return answer;
};
const preflight = (clinic: Clinic, path: string, origin: string, method: string) =>
  ask(clinic, 'OPTIONS', path, {
    origin,
    'access-control-request-method': method,
    'access-control-request-headers': 'authorization,content-type',
  });
const said = (answer: Response) => CORS.map((it) => answer.headers.get(it));

test.each([
  ['discovery', '/cds-services', 'GET'],
  ['the service', `/cds-services/${SERVICE}`, 'POST'],
  ['feedback', `/cds-services/${SERVICE}/feedback`, 'POST'],
])(
  'a browser that asks before it calls %s is told that a page of a listed origin may, with a token, without cookies',
  async (_, path, method) => {
    const answer = await preflight(open, path, EHR, method);
    expect(answer.status).toBe(204);
    expect(said(answer)).toEqual([EHR, method, 'Authorization, Content-Type', null]);
    expect(answer.headers.get('access-control-max-age')).toBe('600');
    expect(answer.headers.get('vary')).toContain('Origin');
  },
);

test.each([
  'https://evil.example',
  'http://ehr.hospital.example',
  'https://ehr.hospital.example:8443',
  'https://ehr.hospital.example.evil.example',
  'null',
  '*',
])('a page of %s is told nothing, before the call and with it, and no cache mixes the two up', async (origin) => {
  for (const answer of [
    await preflight(open, `/cds-services/${SERVICE}`, origin, 'POST'),
    await ask(open, 'GET', '/cds-services', { origin }),
  ]) {
    expect(said(answer)).toEqual([null, null, null, null]);
    expect(answer.headers.get('vary')).toContain('Origin');
  }
});

test('a listed page reads what there is, and why it is refused: its origin replaces no token', async () => {
  const found = await ask(open, 'GET', '/cds-services', { origin: EHR });
  expect([found.status, ...said(found)]).toEqual([200, EHR, null, null, null]);
  for (const path of [`/cds-services/${SERVICE}`, `/cds-services/${SERVICE}/feedback`]) {
    const refused = await ask(open, 'POST', path, { origin: EHR, 'content-type': 'application/json' });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, EHR]);
    expect(refused.headers.get('access-control-expose-headers')).toBe('WWW-Authenticate');
  }
});

test('nothing else of Vincle is opened to a listed page', async () => {
  for (const path of ['/api/proposals/x/decision', '/fhir/metadata', '/health', '/cds-services/other']) {
    const answer = await preflight(open, path, EHR, 'GET');
    expect([path, answer.headers.get('access-control-allow-methods')]).toEqual([path, null]);
  }
  expect(said(await ask(open, 'GET', '/fhir/metadata', { origin: EHR }))).toEqual([null, null, null, null]);
});

test('without a list no page of any origin is told anything', async () => {
  for (const answer of [
    await preflight(closed, '/cds-services', EHR, 'GET'),
    await ask(closed, 'GET', '/cds-services', { origin: EHR }),
  ])
    expect(said(answer)).toEqual([null, null, null, null]);
});

test('the setting takes origins alone: no star, no path, no open line, and none without a client', () => {
  const base = {
    FHIR_BASE_URL: 'http://127.0.0.1/fhir',
    STUDY: 'ResearchStudy/s',
    PUBLIC_URL: 'https://vincle.example',
    CDS_CLIENTS: 'https://ehr.example=https://ehr.example/jwks',
  };
  expect(readConfig({ ...base, CDS_ORIGINS: `${EHR} http://localhost:8080` }).CDS_ORIGINS).toBeDefined();
  for (const bad of ['*', 'https://*.hospital.example', `${EHR}/app`, 'http://ehr.hospital.example', 'null'])
    expect(() => readConfig({ ...base, CDS_ORIGINS: bad })).toThrow(ConfigError);
  const { CDS_CLIENTS: _clients, ...without } = base;
  expect(() => readConfig({ ...without, CDS_ORIGINS: EHR })).toThrow(/CDS_CLIENTS: required by CDS_ORIGINS/);
  expect(originsOf('https://EHR.hospital.example:443, http://localhost:8080')).toEqual([EHR, 'http://localhost:8080']);
});
