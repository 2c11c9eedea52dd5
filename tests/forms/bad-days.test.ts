import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { paperEntryIdentifier } from '../../src/domain/paper-sheet.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { webhookNotify } from '../../src/notify/webhook-notify.ts';
import { deliverResponses } from '../../src/pipeline/deliver-responses.ts';
import { raiseNow } from '../../src/pipeline/safety/raise-now.ts';
import { stored } from '../../src/pipeline/safety/safety-case.ts';
import type { SafetyPath } from '../../src/pipeline/safety/safety-path.ts';
import { RESPONSE_IDENTIFIER } from '../../src/pipeline/store-response.ts';
import { type FaultProxy, startProxy } from '../faults/proxy.ts';
import { allOf, content, MARKER } from '../http/rig.ts';
import { type Receiver, startReceiver } from '../safety/receiver.ts';
import { CRISIS } from '../safety/safety-ward.ts';
import { answered, openWard, Q, type Ward } from './rig.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
let proxy: FaultProxy;
let receiver: Receiver;
let ward: Ward;

beforeAll(async () => {
  embedded = await startEmbedded();
  proxy = await startProxy(embedded.baseUrl);
});
afterAll(async () => {
  await proxy.stop();
  await embedded.stop();
});
beforeEach(async () => {
  proxy.faults.length = 0;
  receiver = await startReceiver();
  const { protocol } = await content();
  const safety: SafetyPath = {
    policy: protocol.safety,
    notify: webhookNotify({
      url: receiver.url,
      secret: 'the-webhook-secret-of-the-tests-32-bytes',
      timeoutMs: 2_000,
      timeZone: 'Europe/Madrid',
      now: Date.now,
      pause: async () => {},
      attempts: 1,
    }),
    contacts: { roles: {}, coordinator: [] },
    crisis: { words: CRISIS, confirmedBy: 'nobody: a test', date: '2026-11-23' },
    fromMs: undefined,
    pollSeconds: 30,
    serverLagSeconds: 10,
  };
  ward = await openWard(proxy.baseUrl, embedded.baseUrl, { safety, personalLinks: true });
});
afterEach(async () => {
  await ward.stop();
  await receiver.stop();
});

const signsOf = async (patient: string) =>
  (await allOf(ward.direct, 'Task')).filter(
    (it) => it.for?.reference === patient && it.code?.coding?.some((one) => one.code === 'safety-review'),
  );

const DEAD = 'A link that is worth nothing';

test('an answer with a sign of danger gives the site’s crisis text at once, in a draft already, and raises a sign', async () => {
  const id = randomUUID();
  await ward.task(id, 'phq-9', 'Patient/p1');
  const maria = await ward.person('Patient/p1');
  const form = (await maria.ask('GET', `/api/forms/${id}?language=ca`)).json;
  const item9 = form.items.filter((it: { linkId: string }) => it.linkId === 'phq9-9');
  const calm = await maria.ask('PUT', `/api/forms/${id}/draft`, { items: answered(item9, 0), language: 'ca' });
  expect(calm.json.crisis).toBeUndefined();
  const sign = { items: answered(item9, 1), language: 'ca', version: calm.json.version };
  const saved = await maria.ask('PUT', `/api/forms/${id}/draft`, sign);
  expect(saved).toMatchObject({ status: 200, json: { crisis: { text: CRISIS } } });
  const flags = (await allOf(ward.direct, 'Task')).filter((it) =>
    it.code?.coding?.some((one) => one.code === 'safety-review'),
  );
  expect(flags.map((it) => it.for?.reference)).toContain('Patient/p1');
  // Whoever comes back to the form reads it again.
  expect((await maria.ask('GET', `/api/forms/${id}?language=ca`)).json.crisis).toMatchObject({ text: CRISIS });
});

test('a form with an item on thoughts of death is not given out where nobody could be told', async () => {
  const bare = await openWard(embedded.baseUrl);
  const id = randomUUID();
  await bare.task(id, 'phq-9', 'Patient/p1');
  const maria = await bare.person('Patient/p1');
  expect(await maria.ask('GET', `/api/forms/${id}`)).toMatchObject({ status: 404, reason: 'safety-items-not-offered' });
  const { json } = await maria.ask('GET', '/api/forms');
  expect(json.forms.map((it: { taskId: string }) => it.taskId)).not.toContain(id);
  await bare.stop();
});

test('answers that the hospital’s server cannot take are kept, said so, and handed on once', async () => {
  const id = randomUUID();
  await ward.task(id, 'gad-7', 'Patient/p2');
  const nuria = await ward.person('Patient/p2');
  const form = (await nuria.ask('GET', `/api/forms/${id}?language=en`)).json;
  const body = { items: answered(form.items, 1), language: 'en', key: randomUUID() };
  proxy.faults.push({ when: () => true, times: 10_000, cutBefore: true });
  const kept = await nuria.ask('POST', `/api/forms/${id}/response`, body);
  expect(kept).toMatchObject({ status: 202, json: { state: 'kept' } });
  expect((await nuria.ask('POST', `/api/forms/${id}/response`, body)).status).toBe(202);
  // A draft is not kept here: its author has it and is told.
  expect((await nuria.ask('PUT', `/api/forms/${id}/draft`, body)).status).toBe(503);
  proxy.faults.length = 0;
  const { now } = ward.vincle;
  await deliverResponses(ward.vincle.ports, { ...now, now: () => Date.now() + 120_000 });
  const held = (await allOf(ward.direct, 'QuestionnaireResponse')).filter(
    (it) => it.questionnaire?.includes('gad-7') && it.subject?.reference === 'Patient/p2',
  );
  expect(held.map((it) => it.status)).toEqual(['completed']);
});

test('a draft of one form is saved and looked at for danger while another form of hers still waits to be handed on', async () => {
  const [sent, begun] = [randomUUID(), randomUUID()];
  await ward.task(sent, 'gad-7', 'Patient/p1');
  await ward.task(begun, 'phq-9', 'Patient/p1');
  const maria = await ward.person('Patient/p1');
  const gad = (await maria.ask('GET', `/api/forms/${sent}?language=en`)).json;
  const phq = (await maria.ask('GET', `/api/forms/${begun}?language=en`)).json;
  proxy.faults.push({ when: () => true, times: 10_000, cutBefore: true });
  const body = { items: answered(gad.items, 1), language: 'en', key: randomUUID() };
  expect((await maria.ask('POST', `/api/forms/${sent}/response`, body)).status).toBe(202);
  proxy.faults.length = 0;
  const signs = async () => (await signsOf('Patient/p1')).length;
  const before = await signs();
  const items = answered(
    phq.items.filter((it: { linkId: string }) => it.linkId === 'phq9-9'),
    2,
  );
  const draft = await maria.ask('PUT', `/api/forms/${begun}/draft`, { items, language: 'en' });
  expect(draft).toMatchObject({ status: 200, json: { crisis: { text: CRISIS } } });
  expect(await signs()).toBe(before + 1);
  // What is finished keeps its place behind what was handed in before it; a draft of what was handed in waits too.
  const late = { items, language: 'en', key: randomUUID(), version: draft.json.version };
  expect((await maria.ask('POST', `/api/forms/${begun}/response`, late)).status).toBe(202);
  expect(await maria.ask('PUT', `/api/forms/${sent}/draft`, body)).toMatchObject({ status: 503, reason: 'busy' });
  const { now } = ward.vincle;
  const delivery = await deliverResponses(ward.vincle.ports, { ...now, now: () => Date.now() + 120_000 });
  expect(delivery).toMatchObject({ failed: 0, dead: 0 });
  const held = (await allOf(ward.direct, 'QuestionnaireResponse')).filter(
    (it) => it.subject?.reference === 'Patient/p1' && /gad-7|phq-9/.test(it.questionnaire ?? ''),
  );
  expect(held.filter((it) => it.status === 'completed').map((it) => it.questionnaire?.includes('gad-7'))).toEqual(
    expect.arrayContaining([true, false]),
  );
});

test('a hospital’s own form that its server cannot take is kept sealed, handed on once, and completes what was asked', async () => {
  const id = randomUUID();
  await ward.put({
    resourceType: 'Questionnaire',
    id: 'pantry',
    url: 'https://hospital.example/Questionnaire/pantry',
    version: '1',
    status: 'active',
    title: 'Pantry',
    item: [{ linkId: 'note', type: 'text', text: 'What is missing?' }],
  });
  await ward.task(id, 'https://hospital.example/Questionnaire/pantry|1', 'Patient/p1');
  const maria = await ward.person('Patient/p1');
  expect((await maria.ask('GET', `/api/forms/${id}?language=en`)).status).toBe(200);
  const items = [{ linkId: 'note', answer: [{ valueString: MARKER }] }];
  const body = { items, language: 'en', key: randomUUID() };
  proxy.faults.push({ when: () => true, times: 10_000, cutBefore: true });
  expect(await maria.ask('POST', `/api/forms/${id}/response`, body)).toMatchObject({
    status: 202,
    json: { state: 'kept' },
  });
  expect((await maria.ask('POST', `/api/forms/${id}/response`, body)).status).toBe(202);
  proxy.faults.length = 0;
  const waiting = (await ward.vincle.state.listEntries()).filter((it) => it.stream === 'Patient/p1');
  expect(waiting.map((it) => it.label)).toEqual(['QuestionnaireResponse to a form of the hospital’s own']);
  expect(JSON.stringify(waiting.map(({ payload: _sealed, ...told }) => told))).not.toContain(MARKER);
  const { now } = ward.vincle;
  await deliverResponses(ward.vincle.ports, { ...now, now: () => Date.now() + 120_000 });
  const held = (await allOf(ward.direct, 'QuestionnaireResponse')).filter((it) =>
    it.questionnaire?.includes('/pantry'),
  );
  expect(held).toMatchObject([{ status: 'completed', item: [{ answer: [{ valueString: MARKER }] }] }]);
  expect(await ward.direct.read('Task', id)).toMatchObject({
    status: 'completed',
    output: [{ valueReference: { reference: `QuestionnaireResponse/${held[0]?.id}` } }],
  });
});

test('a sheet of paper with a sign of danger, entered twice and counted, is one sign that tells of all three', async () => {
  const before = new Set((await signsOf('Patient/p2')).map((it) => it.id));
  const raised = async () => (await signsOf('Patient/p2')).filter((it) => !before.has(it.id));
  const id = randomUUID();
  await ward.task(id, 'phq-9', 'Patient/p2');
  const [clara, dolors] = [
    await ward.person('Practitioner/c1', { roles: ['coordinator'] }),
    await ward.person('Practitioner/c2', { roles: ['coordinator'] }),
  ];
  const { items } = (await clara.ask('GET', `/api/paper/${id}?language=es`)).json.form;
  const body = { items: answered(items, 1), language: 'es', answeredOn: '2026-05-11' };
  expect((await clara.ask('POST', `/api/paper/${id}`, body)).json).toMatchObject({ state: 'first-entered' });
  const [first] = await raised();
  expect((await dolors.ask('POST', `/api/paper/${id}`, body)).json).toMatchObject({ state: 'counted' });
  const [sign, ...others] = await raised();
  expect([sign?.id, others]).toEqual([first?.id, []]);
  const [entry, , ...notes] = sign?.note?.map((it) => /QuestionnaireResponse\/\S+/.exec(it.text ?? '')?.[0]) ?? [];
  expect([entry === undefined, sign?.note?.length, notes]).toEqual([false, 2, []]);
  // Looked at again, as a full run does, nothing is raised and nothing is said twice.
  const sheet = (await allOf(ward.direct, 'QuestionnaireResponse')).filter(
    (it) => it.subject?.reference === 'Patient/p2' && it.questionnaire?.includes('phq-9'),
  );
  expect(sheet.map((it) => it.status).sort()).toEqual(['completed', 'stopped', 'stopped']);
  await raiseNow(ward.vincle.ports, sheet.map(stored), ward.vincle.now);
  expect(await raised()).toEqual([sign]);
});

test('what is not for sure the same answer raises a sign of its own: a worse one, one that was amended', async () => {
  const id = randomUUID();
  await ward.task(id, 'phq-9', 'Patient/p2');
  const before = (await signsOf('Patient/p2')).length;
  const [clara, dolors] = [
    await ward.person('Practitioner/c1', { roles: ['coordinator'] }),
    await ward.person('Practitioner/c2', { roles: ['coordinator'] }),
  ];
  const { items } = (await clara.ask('GET', `/api/paper/${id}?language=es`)).json.form;
  const body = (index: number) => ({ items: answered(items, index), language: 'es', answeredOn: '2026-05-12' });
  await clara.ask('POST', `/api/paper/${id}`, body(1));
  await dolors.ask('POST', `/api/paper/${id}`, body(3));
  expect((await signsOf('Patient/p2')).length).toBe(before + 2);
  const [entry] = (await allOf(ward.direct, 'QuestionnaireResponse')).filter(
    (it) => it.authored === '2026-05-12' && it.author?.reference === 'Practitioner/c1',
  );
  if (entry === undefined) throw new Error('no entry');
  const counted = {
    ...entry,
    id: randomUUID(),
    status: 'amended' as const,
    identifier: {
      ...entry.identifier,
      system: RESPONSE_IDENTIFIER,
      value: entry.identifier?.value?.split('.')[0] ?? '',
    },
  };
  await raiseNow(ward.vincle.ports, [stored(counted)], ward.vincle.now);
  expect((await signsOf('Patient/p2')).length).toBe(before + 3);
});

test('three responses of one sheet that are first seen together, after an outage, are one sign', async () => {
  const id = randomUUID();
  const before = (await signsOf('Patient/p1')).length;
  const sheet = [
    { identifier: paperEntryIdentifier(id, 'first'), status: 'stopped', author: 'Practitioner/c1' },
    { identifier: paperEntryIdentifier(id, 'second'), status: 'stopped', author: 'Practitioner/c2' },
    { identifier: { system: RESPONSE_IDENTIFIER, value: id }, status: 'completed', author: 'Practitioner/c1' },
  ] as const;
  const responses = sheet.map(
    ({ author, ...it }): QuestionnaireResponse => ({
      resourceType: 'QuestionnaireResponse',
      id: randomUUID(),
      questionnaire: `${Q}/phq-9|1.0.0`,
      subject: { reference: 'Patient/p1' },
      source: { reference: 'Patient/p1' },
      author: { reference: author },
      authored: '2026-05-13',
      item: [{ linkId: 'phq9-9', answer: [{ valueCoding: { system: 'http://loinc.org', code: 'LA6570-1' } }] }],
      ...it,
    }),
  );
  await raiseNow(ward.vincle.ports, responses.map(stored), ward.vincle.now);
  const signs = await signsOf('Patient/p1');
  expect(signs.length).toBe(before + 1);
  expect(signs.filter((it) => it.note?.length === 2)).toHaveLength(1);
  // Without an author of its own it is an answer that she gave, and not what was written down from paper.
  const [, , counted] = responses;
  const given = { ...counted, id: randomUUID(), author: undefined } as unknown as QuestionnaireResponse;
  await raiseNow(ward.vincle.ports, [stored(given)], ward.vincle.now);
  expect((await signsOf('Patient/p1')).length).toBe(before + 2);
});

test('a personal link opens its Task’s forms with the code on the telephone, once, and shows no name and no earlier answer', async () => {
  await ward.put({
    resourceType: 'Patient',
    id: 'p1',
    name: [{ family: MARKER }],
    telecom: [{ system: 'phone', use: 'mobile', value: '+34600000001' }],
  });
  const [named, other] = [randomUUID(), randomUUID()];
  await ward.task(named, 'sus', 'Patient/p1');
  await ward.task(other, 'gad-7', 'Patient/p1');
  const maria = await ward.person('Patient/p1');
  const before = (await maria.ask('GET', `/api/forms/${named}?language=en`)).json;
  await maria.ask('PUT', `/api/forms/${named}/draft`, { items: answered(before.items, 4), language: 'en' });

  const coordinator = await ward.person('Practitioner/t1', { roles: ['coordinator'] });
  expect(await coordinator.ask('POST', '/api/patients/p2/links', { tasks: [named] })).toMatchObject({ status: 422 });
  const made = await coordinator.ask('POST', '/api/patients/p1/links', { tasks: [named] });
  expect(made.status).toBe(201);
  const code = String(made.json.url).split('#')[1] ?? '';
  const office = await coordinator.ask('GET', '/api/patients/p1/links');
  expect(office.json.links[0]).toMatchObject({ id: made.json.id, tasks: [named], state: 'open', triesLeft: 5 });
  expect(office.json).toMatchObject({ hasPhone: true });
  expect(JSON.stringify(office.json)).not.toContain(code);
  const sent = await ward.post('/api/link/code', { code });
  expect(sent).toMatchObject({ status: 200, json: { digits: 6, triesLeft: 5 } });
  expect(JSON.stringify(sent.json)).not.toMatch(/p1|600/);
  const message = receiver.got.find((it) => it.type === 'vincle.one-time-code');
  const oneTimeCode = /\d{6}/.exec(message?.text ?? '')?.[0] ?? '';
  const wrong = oneTimeCode === '000000' ? '111111' : '000000';
  expect(await ward.post('/api/link/open', { code, oneTimeCode: wrong })).toMatchObject({
    status: 403,
    reason: 'wrong-code',
  });
  const opened = await ward.post('/api/link/open', { code, oneTimeCode });
  expect(opened.status).toBe(200);
  expect((await ward.post('/api/link/open', { code, oneTimeCode })).status).toBe(410);
  expect((await coordinator.ask('GET', '/api/patients/p1/links')).json.links[0]).toMatchObject({ state: 'over' });

  const ask = await ward.arrived(opened.json.launch, opened.cookie ?? '');
  const session = (await ask('GET', '/api/session')).json;
  expect(JSON.stringify(session)).not.toContain(MARKER);
  const list = (await ask('GET', '/api/forms')).json;
  expect(list.forms.map((it: { taskId: string }) => it.taskId)).toEqual([named]);
  expect(list.forms[0]).toMatchObject({ answered: 0 });
  const form = (await ask('GET', `/api/forms/${named}?language=en`)).json;
  expect(form.draft).toBeUndefined();
  for (const path of [
    `/api/forms/${other}`,
    '/api/copy',
    '/api/worklist',
    '/api/patients/p1',
    '/api/patients/p1/steps',
  ])
    expect([path, (await ask('GET', path)).status >= 400]).toEqual([path, true]);
  const body = { items: answered(form.items, 2), language: 'en', key: randomUUID() };
  expect((await ask('POST', `/api/forms/${named}/response`, body)).status).toBe(200);
  expect((await ward.direct.read('Task', named))?.status).toBe('completed');
});

test(`${DEAD}: five wrong codes, a link taken back, one that nobody made`, async () => {
  await ward.put({ resourceType: 'Patient', id: 'p1', telecom: [{ system: 'phone', value: '+34600000001' }] });
  const id = randomUUID();
  await ward.task(id, 'sus', 'Patient/p1');
  const coordinator = await ward.person('Practitioner/t1', { roles: ['coordinator'] });
  const link = async () => {
    const made = (await coordinator.ask('POST', '/api/patients/p1/links', { tasks: [id] })).json;
    return { id: String(made.id), code: String(made.url).split('#')[1] ?? '' };
  };
  const first = await link();
  await ward.post('/api/link/code', { code: first.code });
  const told = receiver.got.at(-1)?.text ?? '';
  const wrong = told.includes('123456') ? '654321' : '123456';
  const statuses: number[] = [];
  for (let index = 0; index < 5; index += 1)
    statuses.push((await ward.post('/api/link/open', { code: first.code, oneTimeCode: wrong })).status);
  expect(statuses).toEqual([403, 403, 403, 403, 410]);
  const right = /\d{6}/.exec(told)?.[0];
  expect((await ward.post('/api/link/open', { code: first.code, oneTimeCode: right })).status).toBe(410);
  const second = await link();
  expect((await coordinator.ask('POST', `/api/links/${second.id}/revocation`, {})).status).toBe(204);
  expect((await ward.post('/api/link/code', { code: second.code })).status).toBe(410);
  expect((await ward.post('/api/link/code', { code: 'A'.repeat(43) })).status).toBe(410);
  const therapist = await ward.person('Practitioner/t1', { roles: ['nurse'] });
  expect((await therapist.ask('POST', '/api/patients/p1/links', { tasks: [id] })).status).toBe(403);
  expect((await therapist.ask('GET', '/api/patients/p1/links')).status).toBe(403);
  // Whoever may move what is asked, but does not care for this patient, neither sees nor takes back a link of hers.
  const third = await link();
  const stranger = await ward.person('Practitioner/t9', { roles: ['psycho-oncologist'] });
  expect((await stranger.ask('GET', '/api/patients/p1/links')).status).toBe(403);
  expect((await stranger.ask('POST', `/api/links/${third.id}/revocation`, {})).status).toBe(403);
  expect((await coordinator.ask('POST', `/api/links/${third.id}/revocation`, {})).status).toBe(204);
});
