import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { idsOf, request } from './fhir-request.ts';

const FORM = 'https://w3id.org/vincle/Questionnaire/sus';
const MEASURE = 'https://w3id.org/vincle/CodeSystem/measure';

let server: Embedded;
let base: string;
let written: string;

const response = (n: number) => ({
  resourceType: 'QuestionnaireResponse',
  id: `qr-${n}`,
  identifier: { system: 'urn:form', value: `${n}` },
  questionnaire: `${FORM}|1.0.0`,
  status: n % 2 === 0 ? 'completed' : 'in-progress',
  authored: `2026-0${1 + (n % 9)}-10T10:00:00Z`,
  subject: { reference: `Patient/p-${n % 3}` },
  meta: { tag: [{ system: 'urn:run', code: n < 10 ? 'low' : 'high' }] },
});
const score = (n: number) => ({
  resourceType: 'Observation',
  id: `o-${n}`,
  status: 'final',
  code: { coding: [{ system: n === 0 ? 'http://loinc.org' : MEASURE, code: 'sus' }] },
  subject: { reference: `Patient/p-${n % 3}` },
  derivedFrom: [{ reference: `QuestionnaireResponse/qr-${n}` }],
  effectiveDateTime: '2026-03',
  valueQuantity: { value: n * 2.5, system: 'http://unitsofmeasure.org', code: '{score}' },
});

beforeAll(async () => {
  server = await startEmbedded();
  base = server.baseUrl;
  const people = [0, 1, 2].map((n) => ({
    resourceType: 'Patient',
    id: `p-${n}`,
    identifier: [{ system: 'urn:mrn', value: `m${n}` }],
    name: [{ family: `Núñez${n}` }],
  }));
  const resources = [
    ...people,
    ...Array.from({ length: 45 }, (_, n) => response(n)),
    ...Array.from({ length: 5 }, (_, n) => score(n)),
  ];
  const entry = resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  expect((await request(base, 'POST', { resourceType: 'Bundle', type: 'transaction', entry })).status).toBe(200);
  written = (await request(`${base}/Patient/p-0`)).body.meta.lastUpdated;
});
afterAll(() => server.stop());

const find = (query: string) => idsOf(`${base}/${query}`);

test('a page has 20 matches unless asked otherwise, with self and next links, full URLs and the total', async () => {
  const { body } = await request(`${base}/QuestionnaireResponse`);
  expect(body.entry).toHaveLength(20);
  expect(body.total).toBe(45);
  expect(body.link.map((it: { relation: string }) => it.relation)).toEqual(['self', 'next']);
  expect(body.link[1].url.startsWith(`${base}?`)).toBe(true);
  expect(body.entry[0]).toMatchObject({ fullUrl: `${base}/QuestionnaireResponse/qr-0`, search: { mode: 'match' } });
  expect(await find('QuestionnaireResponse?_count=7')).toEqual(Array.from({ length: 45 }, (_, n) => `qr-${n}`));
});

test('pages already promised neither repeat nor skip when somebody writes between them', async () => {
  const first = await request(`${base}/Basic`);
  expect(first.body.total).toBe(0);
  for (const id of ['a', 'b', 'c'])
    await request(`${base}/Basic/${id}`, 'PUT', { resourceType: 'Basic', id, code: { text: 'x' } });
  const page = await request(`${base}/Basic?_count=2&_sort=-_lastUpdated`);
  const seen = page.body.entry.map((it: { resource: { id: string } }) => it.resource.id);
  await request(`${base}/Basic/d`, 'PUT', { resourceType: 'Basic', id: 'd', code: { text: 'x' } });
  const rest = await idsOf(page.body.link[1].url);
  expect([...seen, ...rest].sort()).toEqual(['a', 'b', 'c']);
});

test.each([
  [
    'questionnaire by its url finds a response that names url|version',
    `QuestionnaireResponse?questionnaire=${FORM}&_summary=count`,
    45,
  ],
  ['questionnaire with the version', `QuestionnaireResponse?questionnaire=${FORM}|1.0.0&_summary=count`, 45],
  ['questionnaire with another version', `QuestionnaireResponse?questionnaire=${FORM}|2.0.0&_summary=count`, 0],
  ['several subjects are alternatives', 'QuestionnaireResponse?subject=Patient/p-0,Patient/p-1&_summary=count', 30],
  ['patient takes a bare id', 'QuestionnaireResponse?patient=p-0&_summary=count', 15],
  ['two parameters both hold', 'QuestionnaireResponse?subject=Patient/p-0&status=completed&_summary=count', 8],
  ['a code of a system', `Observation?code=${MEASURE}|&_summary=count`, 4],
  ['a code with its system', 'Observation?code=http://loinc.org|sus&_summary=count', 1],
  ['derived-from', 'Observation?derived-from=QuestionnaireResponse/qr-3&_summary=count', 1],
  ['a tag', 'QuestionnaireResponse?_tag=urn:run|low&_summary=count', 10],
  ['a quantity', 'Observation?value-quantity=gt5&_summary=count', 2],
  ['a month finds the whole month', 'Observation?date=2026-03&_summary=count', 5],
  ['a chain through the patient', 'QuestionnaireResponse?subject:Patient.identifier=urn:mrn|m1&_summary=count', 15],
  ['_has', 'Patient?_has:Observation:subject:code=http://loinc.org|sus&_summary=count', 1],
  ['a name without its accents', 'Patient?name=nunez&_summary=count', 3],
  [':missing', 'QuestionnaireResponse?author:missing=true&_summary=count', 45],
  [':not', 'QuestionnaireResponse?status:not=completed&_summary=count', 22],
])('search by %s', async (_what, query, total) => {
  expect((await request(`${base}/${query}`)).body.total).toBe(total);
});

test('_id and identifier take several values', async () => {
  expect(await find('QuestionnaireResponse?_id=qr-4,qr-2,absent')).toEqual(['qr-2', 'qr-4']);
  expect(await find('QuestionnaireResponse?identifier=urn:form|7,urn:form|5')).toEqual(['qr-5', 'qr-7']);
});

test('_lastUpdated compares milliseconds: ge finds what was written at that instant, gt does not', async () => {
  expect((await request(`${base}/Patient?_lastUpdated=ge${written}&_summary=count`)).body.total).toBe(3);
  expect((await request(`${base}/Patient?_lastUpdated=gt${written}&_summary=count`)).body.total).toBe(0);
});

test('_sort=_lastUpdated,_id orders what one transaction wrote by id', async () => {
  const ids = await find('QuestionnaireResponse?_sort=_lastUpdated,_id&_count=1000');
  expect(ids).toEqual(Array.from({ length: 45 }, (_, n) => `qr-${n}`).sort());
  expect(await find('QuestionnaireResponse?_sort=-_id&_count=1000')).toEqual([...ids].reverse());
});

test('_elements gives the named elements with id and meta, and says SUBSETTED', async () => {
  const { body } = await request(`${base}/QuestionnaireResponse?_id=qr-1&_elements=subject`);
  const { resource } = body.entry[0];
  expect(Object.keys(resource).sort()).toEqual(['id', 'meta', 'resourceType', 'subject']);
  expect(resource.meta.tag).toContainEqual(expect.objectContaining({ code: 'SUBSETTED' }));
  expect((await request(`${base}/QuestionnaireResponse/qr-1`)).body.meta.tag).toHaveLength(1);
});

test('_include and _revinclude add what is pointed at and what points', async () => {
  const include = await request(
    `${base}/Observation?_id=o-1&_include=Observation:subject&_include=Observation:derived-from`,
  );
  expect(
    include.body.entry.map((it: { resource: { id: string }; search: object }) => [it.resource.id, it.search]),
  ).toEqual([
    ['o-1', { mode: 'match' }],
    ['p-1', { mode: 'include' }],
    ['qr-1', { mode: 'include' }],
  ]);
  const reverse = await request(`${base}/QuestionnaireResponse?_id=qr-2&_revinclude=Observation:derived-from`);
  expect(reverse.body.entry.map((it: { resource: { id: string } }) => it.resource.id)).toEqual(['qr-2', 'o-2']);
});

test('POST _search is the same search', async () => {
  const { body } = await fetch(`${base}/QuestionnaireResponse/_search`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'subject=Patient/p-2&_count=3',
  }).then(async (answer) => ({ body: JSON.parse(await answer.text()) }));
  expect([body.total, body.entry.length]).toEqual([15, 3]);
});

test('a SearchParameter that was stored is searched by, over what was there before', async () => {
  expect((await request(`${base}/Observation?score-value=5&_summary=count`)).status).toBe(400);
  await request(`${base}/SearchParameter/own`, 'PUT', {
    resourceType: 'SearchParameter',
    id: 'own',
    url: 'https://example.org/sp',
    name: 'own',
    status: 'active',
    description: 'x',
    code: 'score-value',
    base: ['Observation'],
    type: 'quantity',
    expression: '(Observation.value as Quantity)',
  });
  expect(await find('Observation?score-value=5')).toEqual(['o-2']);
});
