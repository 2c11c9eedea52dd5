import { createHash } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import { allScopes } from '../../src/http/smart/scopes.ts';
import { Browser } from './rig/browser.ts';
import { CLIENT } from './rig/scripted-authority.ts';
import { begun, reasonIn } from './rig/scripted-launch.ts';
import { stage } from './rig/stage.ts';

jest.setTimeout(60_000);

const { scripted, registered } = stage();
const scopesOf = (request: URL): string[] => (request.searchParams.get('scope') ?? '').split(' ');

test('29, 226, 227 · the SMART configuration is asked for as JSON under the FHIR base, and its endpoints are used', async () => {
  const vincle = await registered();
  const { request } = await begun(vincle, scripted(), { launch: 'x' });
  const [asked] = scripted().came;
  expect(asked).toMatchObject({ method: 'GET', path: '/fhir/.well-known/smart-configuration' });
  expect(asked?.headers.accept).toContain('application/json');
  expect(`${request.origin}${request.pathname}`).toBe(`${scripted().origin}/authorize`);
});

test('379 · relative endpoints are taken from the FHIR base', async () => {
  scripted().configuration = {
    authorization_endpoint: '../authorize',
    token_endpoint: '../token',
    jwks_uri: '../jwks',
  };
  const vincle = await registered();
  const { request } = await begun(vincle, scripted(), { launch: 'x' });
  expect(request.href.startsWith(`${scripted().origin}/authorize?`)).toBe(true);
});

test.each([
  ['without S256', { code_challenge_methods_supported: ['plain'] }],
  ['that says nothing of PKCE', { code_challenge_methods_supported: undefined }],
  ['without an authorization endpoint', { authorization_endpoint: undefined }],
  ['without a token endpoint', { token_endpoint: undefined }],
])('13 · a server %s is not spoken with', async (_what, configuration) => {
  scripted().configuration = configuration;
  const vincle = await registered();
  const arrived = await new Browser().go(`${vincle.url}/launch?iss=${encodeURIComponent(scripted().iss)}&launch=x`);
  expect([arrived.status, reasonIn(arrived)]).toEqual([502, 'smart-configuration']);
});

test.each(['authorization_endpoint', 'token_endpoint', 'revocation_endpoint'])(
  '1 · an open %s elsewhere than on this machine is refused before anything is sent there',
  async (endpoint) => {
    scripted().configuration = { [endpoint]: 'http://hospital.example/x' };
    const vincle = await registered();
    const arrived = await new Browser().go(`${vincle.url}/launch?iss=${encodeURIComponent(scripted().iss)}&launch=x`);
    expect([arrived.status, reasonIn(arrived)]).toEqual([502, 'smart-configuration']);
  },
);

test('32, 33, 34, 41 · the authorization request says code, client, the registered address and the FHIR server it is for', async () => {
  const vincle = await registered();
  const { request } = await begun(vincle, scripted(), { launch: 'x' });
  expect(Object.fromEntries(request.searchParams)).toMatchObject({
    response_type: 'code',
    client_id: CLIENT,
    redirect_uri: `${vincle.url}/callback`,
    aud: scripted().iss,
  });
});

test('35, 161 · what the EHR sent as launch goes back exactly as it came, whatever characters it has', async () => {
  const vincle = await registered();
  const odd = 'a+b/c=%20&é ü"<script>';
  const { request } = await begun(vincle, scripted(), { launch: odd });
  expect(request.searchParams.get('launch')).toBe(odd);
  expect(scopesOf(request)).toContain('launch');
});

test('36, 166 · alone, no launch is sent: a patient asks for the own record, a clinician for the list', async () => {
  const vincle = await registered();
  const clinician = (await begun(vincle, scripted())).request;
  const patient = (await begun(vincle, scripted(), { path: '/launch/patient' })).request;
  expect([clinician.searchParams.has('launch'), patient.searchParams.has('launch')]).toEqual([false, false]);
  expect(scopesOf(patient)).toContain('launch/patient');
  expect(scopesOf(clinician).filter((it) => it.startsWith('launch'))).toEqual([]);
});

test('50, 51 · the request goes by GET, its parameters in the query as URI query strings are written', async () => {
  const vincle = await registered();
  const answer = await new Browser().ask(`${vincle.url}/launch?iss=${encodeURIComponent(scripted().iss)}&launch=x`);
  const location = answer.headers.get('location') ?? '';
  const [, query = ''] = location.split('?');
  expect(answer.status).toBe(303);
  expect(new URLSearchParams(query).toString()).toBe(query);
});

test('44, 45, 70 · each request has a challenge of its own, and the verifier that the token endpoint gets fits it by S256', async () => {
  const vincle = await registered();
  const challenges = new Set<string>();
  for (let one = 0; one < 3; one += 1) {
    const { browser, request } = await begun(vincle, scripted(), { launch: 'x' });
    const challenge = request.searchParams.get('code_challenge') ?? '';
    expect(request.searchParams.get('code_challenge_method')).toBe('S256');
    await browser.go(`${vincle.url}/callback?code=c&state=${request.searchParams.get('state')}`);
    const verifier =
      scripted()
        .came.filter((it) => it.path === '/token')
        .at(-1)
        ?.body.get('code_verifier') ?? '';
    expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(challenge);
    challenges.add(challenge);
  }
  expect(challenges.size).toBe(3);
});

test('2, 3, 40 · each of two hundred launches has a state of 256 random bits', async () => {
  const vincle = await registered();
  const states: Buffer[] = [];
  for (let one = 0; one < 200; one += 1) {
    const { request } = await begun(vincle, scripted(), { launch: 'x' });
    states.push(Buffer.from(request.searchParams.get('state') ?? '', 'base64url'));
  }
  expect(new Set(states.map((it) => it.toString('hex'))).size).toBe(200);
  expect(states.every((it) => it.length === 32)).toBe(true);
  // 51,200 fair coins: the number of heads lies within 5 standard deviations (113 each) of half.
  const heads = states
    .flatMap((it) => [...it])
    .reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
  expect(Math.abs(heads - 25_600)).toBeLessThan(566);
});

test('4, 60 · a return with another state, with none, or with the same one twice is refused, and no code is exchanged', async () => {
  const vincle = await registered();
  const { browser, request } = await begun(vincle, scripted(), { launch: 'x' });
  const state = request.searchParams.get('state') ?? '';
  for (const query of ['code=c&state=another', 'code=c', `code=c&state=${state}x`]) {
    const arrived = await browser.go(`${vincle.url}/callback?${query}`);
    expect([arrived.status, reasonIn(arrived)]).toEqual([400, 'unknown-state']);
  }
  expect(scripted().came.some((it) => it.path === '/token')).toBe(false);
  await browser.go(`${vincle.url}/callback?code=c&state=${state}`);
  const again = await browser.go(`${vincle.url}/callback?code=c&state=${state}`);
  expect([again.status, reasonIn(again)]).toEqual([400, 'unknown-state']);
  expect(scripted().came.filter((it) => it.path === '/token')).toHaveLength(1);
});

test('39, 61 · a return in another browser than the one that began is refused: nobody is signed in as somebody else', async () => {
  const vincle = await registered();
  const { request } = await begun(vincle, scripted(), { launch: 'x' });
  const state = request.searchParams.get('state') ?? '';
  const stranger = new Browser();
  const other = await begun(vincle, scripted(), { launch: 'y', browser: stranger });
  const arrived = await stranger.go(`${vincle.url}/callback?code=c&state=${state}`);
  expect([arrived.status, reasonIn(arrived)]).toEqual([400, 'unknown-state']);
  expect(scripted().came.some((it) => it.path === '/token')).toBe(false);
  expect(other.request.searchParams.get('state')).not.toBe(state);
});

test('37, 47, 150, 151, 196 · identity, launch context and each kind of access are asked for by their own scopes', async () => {
  const vincle = await registered();
  const scopes = scopesOf((await begun(vincle, scripted(), { launch: 'x' })).request);
  expect(scopes).toEqual(expect.arrayContaining(['openid', 'fhirUser', 'launch', 'patient/Patient.rs']));
  const context = scopes.filter((it) => it.startsWith('launch'));
  expect(context).toEqual(['launch']);
});

test('152 · a patient who comes alone asks which record it is', async () => {
  const vincle = await registered();
  const { request } = await begun(vincle, scripted(), { path: '/launch/patient' });
  expect(scopesOf(request)).toContain('launch/patient');
});

test('216 · a refresh token is asked for by offline_access, in every launch', async () => {
  const vincle = await registered();
  for (const path of ['/launch', '/launch/patient'] as const)
    expect(scopesOf((await begun(vincle, scripted(), { path })).request)).toContain('offline_access');
});

test('211 · neither max_age nor auth_time is sent', async () => {
  const vincle = await registered();
  const { request } = await begun(vincle, scripted(), { launch: 'x' });
  expect([request.searchParams.has('max_age'), request.searchParams.has('claims')]).toEqual([false, false]);
});

/** The grammar of SMART App Launch 2.2, Scopes and Launch Context, FHIR resource scope syntax. */
const GRAMMAR =
  /^(patient|user|system)\/([A-Z][A-Za-z]+|\*)\.(?=[cruds])c?r?u?d?s?(\?[^&=\s]+=[^&\s]+(&[^&=\s]+=[^&\s]+)*)?$/;

test('135, 137, 141 · every scope for resources follows the grammar, for a patient’s record and for a person’s', () => {
  const resources = allScopes().filter((it) => it.includes('/') && !it.startsWith('launch/'));
  expect(resources.filter((it) => !GRAMMAR.test(it))).toEqual([]);
  expect(new Set(resources.map((it) => it.split('/')[0]))).toEqual(new Set(['patient', 'user']));
});

test('120, 121, 122, 125 · creating, reading, changing and searching are asked for by their own letters', () => {
  const patient = allScopes().filter((it) => it.startsWith('patient/QuestionnaireResponse.'));
  const letters = new Set(patient.flatMap((it) => [...(it.split('.')[1] ?? '')]));
  expect(letters).toEqual(new Set(['c', 'r', 'u', 's']));
});

test('124, 146 · nobody asks to delete anything, and nobody asks for every type at once', () => {
  expect(allScopes().filter((it) => /\.[cru]*d/.test(it) || it.includes('*'))).toEqual([]);
});

test('132 · a scope that the site narrows by a search is asked for as the site wrote it', async () => {
  const narrowed = 'patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|survey';
  const vincle = await registered({ extraScopes: [narrowed] });
  const { request } = await begun(vincle, scripted(), { launch: 'x' });
  expect(scopesOf(request)).toContain(narrowed);
  expect(GRAMMAR.test(narrowed)).toBe(true);
});

test('a launch that is registered for a role asks for the scopes of that role alone, and an unknown role is no launch', async () => {
  const vincle = await registered();
  const resourcesFor = async (path: `/launch?role=${string}` | '/launch') =>
    scopesOf((await begun(vincle, scripted(), { path })).request).filter((it) => it.includes('/'));
  expect(await resourcesFor('/launch?role=privacy-officer')).toEqual([
    'user/Practitioner.rs',
    'user/PractitionerRole.rs',
  ]);
  const writesOf = async (role: string) =>
    (await resourcesFor(`/launch?role=${role}`)).filter((it) => !it.endsWith('.rs')).sort();
  expect(await writesOf('nurse')).toEqual(['user/Communication.c']);
  expect(await writesOf('on-call')).toEqual(['user/Flag.u', 'user/Task.cu']);
  expect(await writesOf('psycho-oncologist')).toEqual([
    'user/CarePlan.cu',
    'user/Communication.c',
    'user/Flag.u',
    'user/QuestionnaireResponse.cu',
    'user/Task.cu',
  ]);
  const any = await resourcesFor('/launch');
  for (const role of ['nurse', 'on-call', 'coordinator', 'psycho-oncologist', 'researcher'])
    for (const it of await resourcesFor(`/launch?role=${role}`)) expect(any).toContain(it);
  const odd = await fetch(`${vincle.url}/launch?role=nobody&iss=${encodeURIComponent(scripted().iss)}`, {
    redirect: 'manual',
  });
  expect([odd.status, reasonIn({ text: await odd.text() })]).toEqual([400, 'unknown-role']);
});
