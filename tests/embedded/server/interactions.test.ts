import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { request } from './fhir-request.ts';

let server: Embedded;
let base: string;
beforeAll(async () => {
  server = await startEmbedded();
  base = server.baseUrl;
});
afterAll(() => server.stop());

const patient = (id: string, more: object = {}) => ({ resourceType: 'Patient', id, ...more });

test('a PUT on an absent id creates under the client’s id, with version, ETag and Location', async () => {
  const created = await request(`${base}/Patient/p-1`, 'PUT', patient('p-1', { active: true }));
  expect(created.status).toBe(201);
  expect(created.headers.get('etag')).toBe('W/"1"');
  expect(created.headers.get('location')).toBe(`${base}/Patient/p-1/_history/1`);
  expect(created.body).toMatchObject({ id: 'p-1', active: true, meta: { versionId: '1' } });
  expect(created.body.meta.lastUpdated).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('a PUT of what is already there makes no new version, a changed one does', async () => {
  const first = await request(`${base}/Patient/same`, 'PUT', patient('same', { active: true }));
  const again = await request(`${base}/Patient/same`, 'PUT', { ...first.body });
  expect([again.status, again.headers.get('etag'), again.body]).toEqual([200, 'W/"1"', first.body]);
  const changed = await request(`${base}/Patient/same`, 'PUT', patient('same', { active: false }));
  expect([changed.status, changed.headers.get('etag')]).toEqual([200, 'W/"2"']);
});

test('a stale If-Match and an If-None-Match on what exists are refused with 412, and nothing is written', async () => {
  await request(`${base}/Patient/lock`, 'PUT', patient('lock', { active: true }));
  const put = (headers: Record<string, string>) =>
    request(`${base}/Patient/lock`, 'PUT', patient('lock', { active: false }), headers);
  expect((await put({ 'if-match': 'W/"7"' })).status).toBe(412);
  expect((await put({ 'if-none-match': '*' })).status).toBe(412);
  expect((await request(`${base}/Patient/lock`)).body).toMatchObject({ active: true, meta: { versionId: '1' } });
  expect((await put({ 'if-match': 'W/"1"' })).status).toBe(200);
});

test('what was deleted is 410, what never was is 404, and a new PUT brings it back as a further version', async () => {
  await request(`${base}/Patient/gone`, 'PUT', patient('gone'));
  expect((await request(`${base}/Patient/gone`, 'DELETE')).status).toBe(204);
  expect((await request(`${base}/Patient/gone`)).status).toBe(410);
  expect((await request(`${base}/Patient/gone/_history/2`)).status).toBe(410);
  expect((await request(`${base}/Patient/never`)).status).toBe(404);
  const back = await request(`${base}/Patient/gone`, 'PUT', patient('gone'));
  expect([back.status, back.headers.get('etag')]).toEqual([201, 'W/"3"']);
  const history = await request(`${base}/Patient/gone/_history`);
  expect(history.body.entry.map((it: { response: { etag: string } }) => it.response.etag)).toEqual([
    'W/"3"',
    'W/"2"',
    'W/"1"',
  ]);
});

test('a conditional create stores once, answers 200 the second time and 412 where several match', async () => {
  const identified = { resourceType: 'Patient', identifier: [{ system: 'urn:s', value: 'c-1' }] };
  const headers = { 'if-none-exist': 'identifier=urn:s|c-1' };
  const first = await request(`${base}/Patient`, 'POST', identified, headers);
  const second = await request(`${base}/Patient`, 'POST', identified, headers);
  expect([first.status, second.status, second.body.id]).toEqual([201, 200, first.body.id]);
  await request(`${base}/Patient`, 'POST', identified);
  expect((await request(`${base}/Patient`, 'POST', identified, headers)).status).toBe(412);
});

test('a conditional update creates, then replaces the one match, and refuses a body that is not what it searches', async () => {
  const url = `${base}/Patient?identifier=urn:s|u-1`;
  const body = (active: boolean) => ({
    resourceType: 'Patient',
    active,
    identifier: [{ system: 'urn:s', value: 'u-1' }],
  });
  const created = await request(url, 'PUT', body(true));
  const replaced = await request(url, 'PUT', body(false));
  expect([created.status, replaced.status, replaced.body.id]).toEqual([201, 200, created.body.id]);
  expect(replaced.headers.get('etag')).toBe('W/"2"');
  const other = await request(`${base}/Patient?identifier=urn:s|u-2`, 'PUT', body(true));
  expect(other.status).toBe(412);
  expect((await request(`${base}/Patient?identifier=urn:s|u-1`)).body.total).toBe(1);
});

test.each([
  ['an unknown resource type', '/Patientt', 'GET', undefined, {}, 404],
  ['an unknown search parameter', '/Patient?colour=blue', 'GET', undefined, {}, 400],
  ['a modifier that its parameter does not have', '/Patient?identifier:exact=x', 'GET', undefined, {}, 400],
  [
    'another content type',
    '/Patient',
    'POST',
    '{"resourceType":"Patient"}',
    { 'content-type': 'application/json' },
    415,
  ],
  ['half a body', '/Patient', 'POST', '{"resourceType":"Pat', {}, 400],
  ['a body of another type', '/Patient', 'POST', { resourceType: 'Group' }, {}, 400],
  ['another id in the body', '/Patient/a', 'PUT', { resourceType: 'Patient', id: 'b' }, {}, 400],
  ['a client’s id of digits alone', '/Patient/123', 'PUT', { resourceType: 'Patient', id: '123' }, {}, 400],
  ['an operation', '/Patient/$everything', 'POST', { resourceType: 'Parameters' }, {}, 404],
  ['a body beyond 16 MB', '/Patient', 'POST', `{"resourceType":"Patient","x":"${'x'.repeat(17 << 20)}"}`, {}, 413],
])('%s is refused with an OperationOutcome', async (_what, path, method, body, headers, status) => {
  const answer = await request(`${base}${path}`, method, body, headers);
  expect([answer.status, answer.body.resourceType]).toEqual([status, 'OperationOutcome']);
  expect(answer.headers.get('content-type')).toContain('application/fhir+json');
});

test('a refusal never quotes what was sent', async () => {
  const answer = await request(`${base}/Patient`, 'POST', '{"resourceType":"Patient","note": SECRET-ANSWER');
  expect(JSON.stringify(answer.body)).not.toContain('SECRET');
});

test('a response of 5 MB is stored and read back whole', async () => {
  const text = 'á'.repeat(2_500_000);
  const item = [{ linkId: 'note', answer: [{ valueString: text }] }];
  const sent = { resourceType: 'QuestionnaireResponse', id: 'large', status: 'completed', item };
  expect((await request(`${base}/QuestionnaireResponse/large`, 'PUT', sent)).status).toBe(201);
  expect((await request(`${base}/QuestionnaireResponse/large`)).body.item).toEqual(item);
});

test('the CapabilityStatement says FHIR 4.0.1, transactions, client ids and the search parameters of R4', async () => {
  const { body } = await request(`${base}/metadata`);
  const [rest] = body.rest;
  const response = rest.resource.find((it: { type: string }) => it.type === 'QuestionnaireResponse');
  expect(body).toMatchObject({ resourceType: 'CapabilityStatement', fhirVersion: '4.0.1' });
  expect(rest.interaction).toContainEqual({ code: 'transaction' });
  expect(response).toMatchObject({ updateCreate: true, conditionalCreate: true });
  expect(response.searchParam).toContainEqual({ name: 'questionnaire', type: 'reference' });
});
