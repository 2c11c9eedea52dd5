import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { allOf, scoresOf } from '../http/rig.ts';
import { answered, openWard, type Person, type Ward } from './rig.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
let ward: Ward;
let clara: Person;
let dolors: Person;

beforeAll(async () => {
  embedded = await startEmbedded();
  ward = await openWard(embedded.baseUrl);
  await ward.put(
    { resourceType: 'Practitioner', id: 'c1', name: [{ text: 'Clara' }] },
    { resourceType: 'Practitioner', id: 'c2', name: [{ text: 'Dolors' }] },
  );
  [clara, dolors] = [
    await ward.person('Practitioner/c1', { roles: ['coordinator'] }),
    await ward.person('Practitioner/c2', { roles: ['coordinator'] }),
  ];
});
afterAll(async () => {
  await ward.stop();
  await embedded.stop();
});

const finished = async (patient: string) =>
  (await allOf(ward.direct, 'QuestionnaireResponse')).filter(
    (it) => it.status === 'completed' && it.subject?.reference === patient,
  );

test('a paper form counts once two people have entered it alike; both are on record', async () => {
  await ward.task('paper-1', 'sus', 'Patient/p1');
  const { items } = (await clara.ask('GET', '/api/paper/paper-1?language=es')).json.form;
  // Brooke 1996: neutral throughout is 50.
  const body = { items: answered(items, 2), language: 'es', answeredOn: '2026-05-11' };
  expect((await clara.ask('POST', '/api/paper/paper-1', body)).json).toMatchObject({ state: 'first-entered' });
  expect(await finished('Patient/p1')).toEqual([]);
  expect(await clara.ask('POST', '/api/paper/paper-1', body)).toMatchObject({ status: 403, reason: 'same-person' });
  const seen = (await dolors.ask('GET', '/api/paper/paper-1?language=es')).json;
  expect(seen.paper).toEqual({ state: 'second', firstBy: 'Practitioner/c1', mayEnter: true });
  expect(JSON.stringify(seen.form)).not.toContain('"answer"');
  expect((await dolors.ask('POST', '/api/paper/paper-1', body)).json).toMatchObject({ state: 'counted' });
  const [response, ...others] = await finished('Patient/p1');
  expect(others).toEqual([]);
  expect(response).toMatchObject({
    source: { reference: 'Patient/p1' },
    author: { reference: 'Practitioner/c1' },
    authored: '2026-05-11',
  });
  expect((await scoresOf(ward.direct, 'sus')).map((it) => it.valueQuantity?.value)).toEqual([50]);
  expect((await ward.direct.read('Task', 'paper-1'))?.status).toBe('completed');
  const [page] = await ward.direct.searchAll([
    { type: 'Provenance', params: [['target', `QuestionnaireResponse/${response?.id}`]] },
  ]);
  const agents = page?.resources.flatMap((it) =>
    it.resourceType === 'Provenance'
      ? it.agent.map((one) => `${one.type?.coding?.[0]?.code} ${one.who.reference}`)
      : [],
  );
  expect(agents).toEqual(['enterer Practitioner/c1', 'enterer Practitioner/c2', 'verifier Practitioner/c2']);
});

test('where two entries differ the items are listed, and nothing counts before a person has decided each', async () => {
  await ward.task('paper-2', 'sus', 'Patient/p2');
  const { items } = (await clara.ask('GET', '/api/paper/paper-2?language=en')).json.form;
  const body = (index: number) => ({
    items: [...answered(items.slice(0, 9), 2), ...answered(items.slice(9), index)],
    language: 'en',
    answeredOn: '2026-05-11',
  });
  await clara.ask('POST', '/api/paper/paper-2', body(2));
  const second = await dolors.ask('POST', '/api/paper/paper-2', body(4));
  expect(second.json).toMatchObject({
    state: 'differs',
    differences: [{ linkId: 'sus-10', first: '3', second: '5 · Strongly agree' }],
  });
  expect(await finished('Patient/p2')).toEqual([]);
  const resolution = '/api/paper/paper-2/resolution';
  expect(await dolors.ask('POST', resolution, { choices: {}, note: 'looked again' })).toMatchObject({
    status: 422,
    reason: 'undecided',
  });
  const decided = await dolors.ask('POST', resolution, { choices: { 'sus-10': 'second' }, note: 'looked again' });
  expect(decided.json).toMatchObject({ state: 'counted' });
  const [response] = await finished('Patient/p2');
  expect(response?.item?.find((it) => it.linkId === 'sus-10')?.answer?.[0]?.valueCoding?.code).toBe('5');
  expect((await dolors.ask('POST', resolution, { choices: {}, note: 'x' })).status).toBe(409);
});

test('whoever is rated does not enter the rating, and only a coordinator enters anything', async () => {
  await ward.task('paper-3', 'wai-s-p', 'Patient/p1', { focus: { reference: 'Practitioner/c1' } });
  expect(await clara.ask('GET', '/api/paper/paper-3')).toMatchObject({ status: 403, reason: 'own-rating' });
  expect((await dolors.ask('GET', '/api/paper?patient=p1')).json.forms).toMatchObject([
    { taskId: 'paper-3', paper: { state: 'first' } },
  ]);
  const therapist = await ward.person('Practitioner/t1', { roles: ['psycho-oncologist'] });
  expect((await therapist.ask('GET', '/api/paper?patient=p1')).status).toBe(403);
});
