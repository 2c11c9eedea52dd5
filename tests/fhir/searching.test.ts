import { afterEach, expect, test } from '@jest/globals';
import type { BundleEntry, FhirResource } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Page, Search } from '../../src/fhir/port.ts';
import {
  failureOf,
  found,
  json,
  type MisbehavingServer,
  misbehave,
  options,
  PATIENT,
  type Reply,
  standingClock,
  statement,
  status,
} from './misbehaving-server.ts';

const servers: MisbehavingServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((it) => it.stop()));
});

async function serving(...replies: readonly Reply[]): Promise<MisbehavingServer> {
  const server = await misbehave(...replies);
  servers.push(server);
  return server;
}

const connected = (baseUrl: string): FhirServer =>
  connectFhir(options(baseUrl, standingClock(), { auth: { kind: 'bearer', token: 'the-hospitals-token' } }));

const PATIENTS: Search<'Patient'> = { type: 'Patient', params: [['_count', '2']] };
const OBSERVATIONS: Search = { type: 'Observation', params: [['code', 'urn:a|b']] };

const patient = (id: string, versionId = '1'): FhirResource => ({ resourceType: 'Patient', id, meta: { versionId } });
const searchset = (resources: readonly FhirResource[], next?: string, self?: string): Record<string, unknown> => ({
  resourceType: 'Bundle',
  type: 'searchset',
  link: [
    ...(next === undefined ? [] : [{ relation: 'next', url: next }]),
    ...(self === undefined ? [] : [{ relation: 'self', url: self }]),
  ],
  entry: resources.map((resource): BundleEntry => ({ resource, search: { mode: 'match' } })),
});
const page = (ids: readonly string[], next?: string): Reply =>
  json(
    200,
    searchset(
      ids.map((it) => patient(it)),
      next,
    ),
  );

async function idsOf(fhir: FhirServer, search: Search = PATIENTS): Promise<(string | undefined)[]> {
  const ids: (string | undefined)[] = [];
  for await (const { resources } of fhir.search(search)) ids.push(...resources.map((it) => it.id));
  return ids;
}

test('a next link to another server is not followed, and the token does not go there', async () => {
  const thief = await serving(page(['stolen']));
  const server = await serving(page(['a'], `${thief.baseUrl}?page=2`));
  const error = await failureOf(idsOf(connected(server.baseUrl)));
  expect(error.kind).toBe('malformed');
  expect([server.seen.length, thief.seen.length]).toEqual([1, 0]);
  expect(server.seen[0]?.headers.authorization).toBe('Bearer the-hospitals-token');
});

test('a next link to another application on the same server is not followed', async () => {
  for (const elsewhere of ['/other?page=2', '/fhir-other?page=2', '/fhir/../other', '/fhir/%2e%2e/other']) {
    const server = await serving((response, request) => page(['a'], `${server.origin}${elsewhere}`)(response, request));
    expect((await failureOf(idsOf(connected(server.baseUrl)))).kind).toBe('malformed');
    expect(server.seen).toHaveLength(1);
  }
});

test('a redirect to another server is not followed, and the token does not go there', async () => {
  const thief = await serving(found);
  const server = await serving(status(302, { location: `${thief.baseUrl}/Patient/p1` }));
  expect((await failureOf(connected(server.baseUrl).read('Patient', 'p1'))).kind).toBe('unreachable');
  expect(thief.seen).toHaveLength(0);
});

test('next links may be opaque, relative, and lead over an empty page', async () => {
  const server = await serving(page(['a'], '?_getpages=7'), page([], 'Patient?page=3'), page(['b']));
  expect(await idsOf(connected(server.baseUrl))).toEqual(['a', 'b']);
  expect(server.seen.map((it) => it.url)).toEqual(['Patient?_count=2', '?_getpages=7', 'Patient?page=3']);
});

test('what two pages both hold is given once, unless it was changed in between', async () => {
  const server = await serving(
    json(200, searchset([patient('a'), patient('b')], '?2')),
    json(200, searchset([patient('b'), patient('a', '2'), patient('c')])),
  );
  expect(await idsOf(connected(server.baseUrl))).toEqual(['a', 'b', 'a', 'c']);
});

test('pages that go in a circle end', async () => {
  const server = await serving(page(['a'], '?2'), page(['b'], '?3'), page(['c'], '?2'));
  expect((await failureOf(idsOf(connected(server.baseUrl)))).kind).toBe('malformed');
  expect(server.seen).toHaveLength(3);
});

test('pages without end that bring nothing new end after a hundred', async () => {
  let number = 0;
  const server = await serving((response, request) => {
    number += 1;
    return page(['a'], `?page=${number}`)(response, request);
  });
  expect((await failureOf(idsOf(connected(server.baseUrl)))).message).toContain('come to no end');
  expect(server.seen).toHaveLength(101);
});

test('what was included stands apart from what was found, also where the server does not say which is which', async () => {
  const device: FhirResource = { resourceType: 'Device', id: 'd' };
  const other = patient('included');
  const bundle = {
    resourceType: 'Bundle',
    type: 'searchset',
    entry: [
      { resource: patient('a') },
      { resource: device },
      { resource: other, search: { mode: 'include' } },
      { resource: { resourceType: 'OperationOutcome', issue: [{ severity: 'warning', code: 'informational' }] } },
    ],
  };
  const server = await serving(json(200, bundle, { date: 'Sun, 01 Mar 2026 00:00:11 GMT' }));
  const [found] = await connected(server.baseUrl).searchAll([PATIENTS]);
  expect(found?.resources.map((it) => it.id)).toEqual(['a']);
  expect(found?.included.map((it) => it.id)).toEqual(['d', 'included']);
  expect(found?.serverTime).toBe('2026-03-01T00:00:11.000Z');
});

test('an OperationOutcome of severity error inside a searchset is a failure, not an empty result', async () => {
  const issue = [{ severity: 'error', code: 'too-costly' }] as const;
  const server = await serving(json(200, searchset([{ resourceType: 'OperationOutcome', issue: [...issue] }])));
  expect((await failureOf(idsOf(connected(server.baseUrl)))).message).toBe(
    'The search for Patient failed on the server (too-costly).',
  );
});

test('a parameter that the server passed over is named: its self link does not repeat it', async () => {
  const params = [
    ['_lastUpdated', 'ge2026-01-01'],
    ['identifier:exact', 'urn:a|b'],
    ['_count', '2'],
  ] as const;
  const server = await serving(
    json(200, searchset([patient('a')], undefined, 'http://x/fhir/Patient?identifier=urn:a|b')),
  );
  const [found] = await connected(server.baseUrl).searchAll([{ type: 'Patient', params }]);
  expect(found?.ignored).toEqual(['_lastUpdated']);
});

test('a search too long for an address goes as a form, and asks for nothing from a cache', async () => {
  const server = await serving(page(['a']));
  const ids = Array.from({ length: 200 }, (_, index) => `patient-${index}`).join(',');
  await idsOf(connected(server.baseUrl), { type: 'Patient', params: [['_id', ids]] });
  const [request] = server.seen;
  expect([request?.method, request?.url]).toEqual(['POST', 'Patient/_search']);
  expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(request?.headers['cache-control']).toBe('no-cache');
  expect(new URLSearchParams(request?.body).get('_id')).toBe(ids);
});

const batch = (...entries: readonly object[]): Reply =>
  json(200, { resourceType: 'Bundle', type: 'batch-response', entry: entries });
const ok = (ids: readonly string[], next?: string) => ({
  response: { status: '200 OK' },
  resource: searchset(
    ids.map((it) => patient(it)),
    next,
  ),
});
const idsIn = (pages: readonly Page[]) => pages.map((it) => it.resources.map(({ id }) => id));

test('several searches are one request, asked past every cache, and each is followed to its end', async () => {
  const server = await serving(batch(ok(['a'], '?2'), ok(['b'])), page(['c']));
  expect(idsIn(await connected(server.baseUrl).searchAll([PATIENTS, PATIENTS]))).toEqual([['a', 'c'], ['b']]);
  expect(server.seen.map((it) => `${it.method} ${it.url}`)).toEqual(['POST ', 'GET ?2']);
  expect(server.seen[0]?.headers['cache-control']).toBe('no-cache');
  const sent = JSON.parse(server.seen[0]?.body ?? '') as { entry: object[] };
  expect(sent.entry[0]).toEqual({ request: { method: 'GET', url: 'Patient?_count=2' } });
});

test.each([
  ['400', 'rejected'],
  ['403 Forbidden', 'unauthorized'],
  ['404', 'not-found'],
])('one search of a batch that is answered %s fails them all, and its type is named', async (code, kind) => {
  const server = await serving(batch(ok(['a']), { response: { status: code } }));
  const error = await failureOf(connected(server.baseUrl).searchAll([PATIENTS, OBSERVATIONS]));
  expect([error.kind, error.message]).toEqual([
    kind,
    `The search for Observation in a batch was answered ${Number.parseInt(code, 10)}.`,
  ]);
});

test('one search of a batch that could not be answered now is asked again alone', async () => {
  const server = await serving(batch(ok(['a']), { response: { status: '503' } }), page(['b']));
  expect(idsIn(await connected(server.baseUrl).searchAll([PATIENTS, PATIENTS]))).toEqual([['a'], ['b']]);
});

test('a batch that leaves a search out is malformed', async () => {
  const server = await serving(batch(ok(['a'])));
  expect((await failureOf(connected(server.baseUrl).searchAll([PATIENTS, PATIENTS]))).kind).toBe('malformed');
});

test.each([
  ['405', [status(405)]],
  ['501', [status(501)]],
  ['400, and declares none', [status(400), statement('transaction')]],
])('a server that answers a batch with %s is asked one by one, from then on', async (_, first) => {
  const server = await serving(...first, page(['a']), page(['b']), page(['c']), page(['d']));
  const fhir = connected(server.baseUrl);
  expect(idsIn(await fhir.searchAll([PATIENTS, PATIENTS]))).toEqual([['a'], ['b']]);
  expect(idsIn(await fhir.searchAll([PATIENTS, PATIENTS]))).toEqual([['c'], ['d']]);
  expect((await fhir.capabilities()).batch).toBe(false);
  expect(server.seen).toHaveLength(first.length + 4);
});

test('an answer that is no Bundle is malformed', async () => {
  const server = await serving(json(200, PATIENT));
  expect((await failureOf(idsOf(connected(server.baseUrl)))).kind).toBe('malformed');
});
