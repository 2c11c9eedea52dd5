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

const bundle = (type: string, ...entry: object[]) => ({ resourceType: 'Bundle', type, entry });
const put = (resource: { resourceType: string; id: string }, more: object = {}) => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}`, ...more },
});

test('a transaction writes all its entries at one instant and answers in their order', async () => {
  const sent = bundle(
    'transaction',
    put({ resourceType: 'Patient', id: 'all-1' }),
    { request: { method: 'DELETE', url: 'Patient/nobody' } },
    put({ resourceType: 'Patient', id: 'all-2' }),
  );
  const { status, body } = await request(base, 'POST', sent);
  expect([status, body.type]).toEqual([200, 'transaction-response']);
  expect(body.entry.map((it: { response: { status: string } }) => it.response.status)).toEqual([
    '201 Created',
    '204 No Content',
    '201 Created',
  ]);
  expect(body.entry[0].response).toMatchObject({ etag: 'W/"1"', location: 'Patient/all-1/_history/1' });
  const [one, two] = await Promise.all(['all-1', 'all-2'].map((id) => request(`${base}/Patient/${id}`)));
  expect(one?.body.meta.lastUpdated).toBe(two?.body.meta.lastUpdated);
});

test('a transaction with one stale If-Match leaves nothing of the others behind, not even in a search or in the history', async () => {
  await request(`${base}/Patient/kept`, 'PUT', { resourceType: 'Patient', id: 'kept', active: true });
  const sent = bundle(
    'transaction',
    put({ resourceType: 'Patient', id: 'undone', identifier: [{ value: 'undone' }] } as never),
    put({ resourceType: 'Patient', id: 'kept', active: false } as never, { ifMatch: 'W/"9"' }),
  );
  expect((await request(`${base}/Patient?identifier=undone`)).body.total).toBe(0);
  const { status, body } = await request(base, 'POST', sent);
  expect([status, body.issue[0].expression]).toEqual([412, ['Bundle.entry[1]']]);
  expect((await request(`${base}/Patient/undone`)).status).toBe(404);
  expect((await request(`${base}/Patient/undone/_history`)).status).toBe(404);
  expect((await request(`${base}/Patient?identifier=undone`)).body.total).toBe(0);
  expect((await request(`${base}/Patient/kept`)).body).toMatchObject({ active: true, meta: { versionId: '1' } });
});

test('entries refer to each other by urn:uuid, and to others by a search', async () => {
  const person = 'urn:uuid:0d7e8c1a-1111-4222-8333-944455556666';
  await request(`${base}/Practitioner/dr`, 'PUT', {
    resourceType: 'Practitioner',
    id: 'dr',
    identifier: [{ system: 'urn:s', value: 'dr' }],
  });
  const sent = bundle(
    'transaction',
    {
      resource: {
        resourceType: 'QuestionnaireResponse',
        status: 'completed',
        subject: { reference: person },
        author: { reference: 'Practitioner?identifier=urn:s|dr' },
      },
      request: { method: 'POST', url: 'QuestionnaireResponse' },
    },
    { fullUrl: person, resource: { resourceType: 'Patient' }, request: { method: 'POST', url: 'Patient' } },
  );
  const { body } = await request(base, 'POST', sent);
  const [response, patient] = body.entry.map((it: { response: { location: string } }) =>
    it.response.location.replace(/\/_history.*/, ''),
  );
  const stored = await request(`${base}/${response}`);
  expect(stored.body.subject.reference).toBe(patient);
  expect(stored.body.author.reference).toBe('Practitioner/dr');
});

test('a transaction that writes one resource twice is refused', async () => {
  const twice = { resourceType: 'Patient', id: 'twice' };
  expect((await request(base, 'POST', bundle('transaction', put(twice), put(twice)))).status).toBe(400);
  expect((await request(`${base}/Patient/twice`)).status).toBe(404);
});

test('a batch of searches and reads answers each entry by itself, a refused one among them', async () => {
  await request(`${base}/Patient/b-1`, 'PUT', { resourceType: 'Patient', id: 'b-1' });
  const get = (url: string) => ({ request: { method: 'GET', url } });
  const sent = bundle(
    'batch',
    get('Patient?_id=b-1'),
    get('Patient?colour=blue'),
    get('Patient/b-1'),
    get('Patient/absent'),
  );
  const { status, body } = await request(base, 'POST', sent);
  expect([status, body.type]).toEqual([200, 'batch-response']);
  expect(body.entry.map((it: { response: { status: string } }) => it.response.status.slice(0, 3))).toEqual([
    '200',
    '400',
    '200',
    '404',
  ]);
  expect(body.entry[0].resource).toMatchObject({ type: 'searchset', total: 1 });
  expect(body.entry[2].resource.id).toBe('b-1');
});

test('a conditional update inside a transaction has the id that others refer to, and one condition means one resource', async () => {
  const form = 'urn:uuid:5c1c4b1e-1111-4222-8333-944455556666';
  const identified = { resourceType: 'Patient', identifier: [{ system: 'urn:s', value: 'cond' }] };
  const response = {
    resourceType: 'QuestionnaireResponse',
    id: 'cond-r',
    status: 'completed',
    subject: { reference: form },
  };
  const create = {
    resource: { resourceType: 'Device', identifier: [{ value: 'once' }] },
    request: { method: 'POST', url: 'Device', ifNoneExist: 'identifier=once' },
  };
  const sent = bundle(
    'transaction',
    put(response),
    { fullUrl: form, resource: identified, request: { method: 'PUT', url: 'Patient?identifier=urn:s|cond' } },
    create,
    create,
  );
  const { body } = await request(base, 'POST', sent);
  expect(body.entry.map((it: { response: { status: string } }) => it.response.status.slice(0, 3))).toEqual([
    '201',
    '201',
    '201',
    '200',
  ]);
  const stored = await request(`${base}/QuestionnaireResponse/cond-r`);
  expect((await request(`${base}/${stored.body.subject.reference}`)).body.identifier[0].value).toBe('cond');
  expect((await request(`${base}/Device?identifier=once`)).body.total).toBe(1);
  const wrong = { ...identified, identifier: [] };
  const refused = bundle('transaction', {
    resource: wrong,
    request: { method: 'PUT', url: 'Patient?identifier=urn:s|other' },
  });
  expect((await request(base, 'POST', refused)).status).toBe(412);
});
