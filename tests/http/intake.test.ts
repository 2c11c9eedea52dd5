import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { AUDIENCE, type AuthorizationServer, SECRET, startAuthorizationServer } from './authorization-server.ts';
import {
  admitCohort,
  allOf,
  hand,
  MARKER,
  phq9,
  reasonsOf,
  reviewsOf,
  scoresOf,
  startVincle,
  sus,
  type Vincle,
  waiS,
} from './rig.ts';

let issuer: AuthorizationServer;
let embedded: Embedded;
let vincle: Vincle;
let patient: string;
beforeAll(async () => {
  issuer = await startAuthorizationServer();
  patient = await issuer.token('patient-1');
}, 60_000);
afterAll(() => issuer.stop());
beforeEach(async () => {
  embedded = await startEmbedded();
  vincle = await startVincle(embedded.baseUrl, {
    authorization: {
      issuer: issuer.issuer,
      audience: AUDIENCE,
      introspection: { clientId: 'vincle', clientSecret: SECRET },
    },
  });
  await admitCohort(vincle.ports.server);
}, 60_000);
afterEach(async () => {
  await vincle.stop();
  await embedded.stop();
});

const stored = () => allOf(vincle.ports.server, 'QuestionnaireResponse');

test('a patient’s finished SUS is stored and scored at once: all answers neutral are 50 (Brooke 1996)', async () => {
  const answer = await hand(vincle.url, patient, sus('p1', '3'));
  expect([answer.status, reasonsOf(answer)[0]]).toEqual([201, 'scored']);
  expect(answer.headers.get('location')).toMatch(/QuestionnaireResponse\/[^/]+\/_history\/1$/);
  const [score] = await scoresOf(vincle.ports.server, 'sus');
  expect([score?.valueQuantity?.value, score?.subject?.reference, score?.status]).toEqual([50, 'Patient/p1', 'final']);
  const [response] = await stored();
  expect(response?.identifier?.system).toBe('https://w3id.org/vincle/identifier/response');
});

test('the same response sent twice is stored once and scored once', async () => {
  const identifier = { system: 'urn:test:app', value: 'answer-1' };
  const first = await hand(vincle.url, patient, sus('p1', '3', { identifier }));
  const second = await hand(vincle.url, patient, sus('p1', '3', { identifier }));
  expect([first.status, second.status]).toEqual([201, 200]);
  expect([(await stored()).length, (await scoresOf(vincle.ports.server, 'sus')).length]).toEqual([1, 1]);
});

test('eight copies of one response at once are one response', async () => {
  const identifier = { system: 'urn:test:app', value: 'answer-8' };
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => hand(vincle.url, patient, sus('p1', '3', { identifier }))),
  );
  expect(answers.map((it) => it.status).sort()).toEqual([200, 200, 200, 200, 200, 200, 200, 201]);
  expect([(await stored()).length, (await scoresOf(vincle.ports.server, 'sus')).length]).toEqual([1, 1]);
}, 30_000);

test('an amended response replaces the earlier one, and its score is amended', async () => {
  const identifier = { system: 'urn:test:app', value: 'answer-2' };
  await hand(vincle.url, patient, sus('p1', '3', { identifier }));
  const again = await hand(vincle.url, patient, sus('p1', '4', { identifier }));
  expect([again.status, reasonsOf(again)]).toEqual([409, ['already-answered']]);
  const amended = await hand(vincle.url, patient, sus('p1', '4', { identifier, status: 'amended' }));
  expect(amended.status).toBe(200);
  const scores = await scoresOf(vincle.ports.server, 'sus');
  // Five odd items give 3, five even ones 1: 20 points, times 2.5.
  expect(scores.map((it) => [it.valueQuantity?.value, it.status])).toEqual([[50, 'amended']]);
  expect((await stored()).map((it) => [it.status, it.meta?.versionId])).toEqual([['amended', '2']]);
});

test('another patient cannot replace a response by its identifier', async () => {
  const identifier = { system: 'urn:test:app', value: 'answer-3' };
  await hand(vincle.url, patient, sus('p1', '3', { identifier }));
  const other = await issuer.token('patient-2');
  const answer = await hand(vincle.url, other, sus('p2', '5', { identifier, status: 'amended' }));
  expect([answer.status, reasonsOf(answer)]).toEqual([409, ['identifier-of-two-patients']]);
  expect((await stored()).map((it) => it.subject?.reference)).toEqual(['Patient/p1']);
});

test('a draft is stored and not scored; once completed it is scored', async () => {
  const identifier = { system: 'urn:test:app', value: 'draft' };
  const draft = sus('p1', '3', { identifier, status: 'in-progress' });
  const answer = await hand(vincle.url, patient, { ...draft, item: draft.item?.slice(0, 3) });
  expect([answer.status, reasonsOf(answer)[0]]).toEqual([201, 'unfinished']);
  expect(await scoresOf(vincle.ports.server, 'sus')).toEqual([]);
  await hand(vincle.url, patient, sus('p1', '3', { identifier }));
  expect((await scoresOf(vincle.ports.server, 'sus')).length).toBe(1);
});

test('a response with a missing answer is never refused', async () => {
  const answer = await hand(vincle.url, patient, { ...sus('p1', '3'), item: [] });
  expect([answer.status, reasonsOf(answer)[0]]).toEqual([201, 'unscorable']);
});

const whole = sus('p1', '3');
const items = whole.item ?? [];
const bent = (index: number, change: object): object => ({
  ...whole,
  item: items.map((it, at) => (at === index ? { ...it, ...change } : it)),
});
test.each([
  ['an answer that is no option', bent(3, { answer: [{ valueCoding: { code: '9', display: MARKER } }] }), 'sus-4'],
  ['an answer of another type', bent(3, { answer: [{ valueString: MARKER }] }), 'sus-4'],
  [
    'two answers to one question',
    bent(1, { answer: [...(items[1]?.answer ?? []), ...(items[1]?.answer ?? [])] }),
    'sus-2',
  ],
  ['an item that the form does not have', { ...whole, item: [...items, { linkId: 'sus-11', text: MARKER }] }, 'item'],
  ['an item that stands twice', { ...whole, item: [...items, items[0]] }, 'item'],
  ['no date', { ...whole, authored: undefined }, 'authored'],
  ['a form nobody knows', { ...whole, questionnaire: 'urn:nobody' }, 'questionnaire'],
  [
    'a version nobody knows',
    { ...whole, questionnaire: 'https://w3id.org/vincle/Questionnaire/sus|7.0.0' },
    'questionnaire',
  ],
  ['half an identifier', { ...whole, identifier: { value: 'x' } }, 'identifier'],
  ['an unknown status', { ...whole, status: MARKER }, 'status'],
  ['items that are none', { ...whole, item: [MARKER] }, 'item'],
  ['another resource', { resourceType: 'Patient', name: [{ text: MARKER }] }, 'QuestionnaireResponse'],
])('a response with %s is refused, nothing is stored, and the outcome says where', async (_what, body, place) => {
  const answer = await hand(vincle.url, patient, body);
  expect(answer.status).toBe(422);
  expect(answer.outcome.issue[0]?.expression?.[0]).toContain(place);
  expect(await stored()).toEqual([]);
  expect(answer.text + vincle.log()).not.toContain(MARKER);
});

test('a PHQ-9 with an answer that cannot be read is stored for a person to see, and not scored', async () => {
  const response = phq9('LA6571-9');
  const answer = await hand(vincle.url, patient, {
    ...response,
    item: [...(response.item ?? []), { linkId: 'phq9-99', answer: [{ valueString: MARKER }] }],
  });
  expect([answer.status, reasonsOf(answer).slice(0, 2)]).toEqual([201, ['refused', 'unknown-item']]);
  expect([(await stored()).length, (await scoresOf(vincle.ports.server, 'phq-9')).length]).toEqual([1, 0]);
  expect((await reviewsOf(vincle.ports.server)).map((it) => it.for?.reference)).toEqual(['Patient/p1']);
  expect(answer.text + vincle.log()).not.toContain(MARKER);
});

test('a patient who is not in the programme: 403, and nothing is kept', async () => {
  const answer = await hand(vincle.url, await issuer.token('patient-outside'), sus('outsider', '3'));
  expect([answer.status, reasonsOf(answer)]).toEqual([403, ['outside']]);
  expect([await stored(), await vincle.state.listEntries()]).toEqual([[], []]);
});

test('both sides of the alliance are kept apart: each is labelled hidden from the other, and the dyad is there', async () => {
  const therapist = await issuer.token('therapist');
  expect((await hand(vincle.url, patient, waiS('wai-s-p', 'Patient/p1', '4'))).status).toBe(201);
  expect((await hand(vincle.url, therapist, waiS('wai-s-t', 'Practitioner/t1', '4'))).status).toBe(201);
  const labels = (it: QuestionnaireResponse) => it.meta?.security?.map((label) => label.code).sort();
  expect((await stored()).map(labels).sort()).toEqual([
    ['R', 'blinded-from-patient'],
    ['R', 'blinded-from-therapist'],
  ]);
  // Twelve fours are 48 whichever way an item is keyed (8 − 4 = 4): the difference is 0.
  expect((await scoresOf(vincle.ports.server, 'wai-s-dyad')).map((it) => it.valueQuantity?.value)).toEqual([0]);
});

test.each([
  ['another patient', 'patient-2', sus('p1', '3'), 'not-your-patient'],
  ['a patient for the therapist', 'patient-1', waiS('wai-s-t', 'Practitioner/t1', '4'), 'not-the-rater'],
  ['a therapist for the patient', 'therapist', waiS('wai-s-p', 'Patient/p1', '4'), 'not-the-rater'],
  ['a therapist of nobody', 'therapist-of-nobody', waiS('wai-s-t', 'Practitioner/t9', '4'), 'not-in-your-care'],
  ['a relative', 'relative', sus('p1', '3'), 'wrong-user'],
  ['somebody who may only read', 'patient-reader', sus('p1', '3'), 'insufficient-scope'],
  ['a scope narrowed by a search', 'patient-narrowed', sus('p1', '3'), 'insufficient-scope'],
] as const)('%s may not hand in this response: 403, nothing is stored', async (_who, client, body, reason) => {
  const answer = await hand(vincle.url, await issuer.token(client), body);
  expect([answer.status, reasonsOf(answer)]).toEqual([403, [reason]]);
  expect(await stored()).toEqual([]);
});

test.each(['patient-opaque', 'patient-es384', 'system'] as const)('the token of %s is taken', async (client) => {
  expect((await hand(vincle.url, await issuer.token(client), sus('p1', '3'))).status).toBe(201);
});

test('no token, an expired, a forged, an unsigned one, one for another service: 401 before the body is read', async () => {
  const claims = { patient: 'p1', scope: 'patient/QuestionnaireResponse.c' };
  const now = Math.floor(Date.now() / 1000);
  const good = await issuer.sign({ ...claims, exp: now + 60 });
  const [head = '', body = '', signature = ''] = good.split('.');
  const other = Buffer.from(
    JSON.stringify({ ...JSON.parse(Buffer.from(body, 'base64url').toString()), patient: 'p2' }),
  );
  const none = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  const tokens = {
    'no-token': undefined,
    'token-expired': await issuer.sign({ ...claims, exp: now - 600 }),
    'token-invalid': [head, other.toString('base64url'), signature].join('.'),
    'token-not-for-us': await issuer.token('patient-elsewhere'),
    'token-inactive': 'an-opaque-token-that-nobody-gave',
  };
  for (const [reason, token] of Object.entries(tokens)) {
    const answer = await hand(vincle.url, token, sus('p1', '3'));
    expect([answer.status, reasonsOf(answer)]).toEqual([401, [reason]]);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer /);
  }
  expect((await hand(vincle.url, `${none}.${body}.`, sus('p1', '3'))).status).toBe(401);
  expect((await hand(vincle.url, await issuer.sign(claims), sus('p1', '3'))).status).toBe(401);
  expect((await hand(vincle.url, good, sus('p1', '3'))).status).toBe(201);
});

test('a response of 5 MB is handled; one of 7 MB is 413; a body that is no JSON is 400; another media type is 415', async () => {
  const note = (bytes: number) => ({
    ...sus('p1', '3'),
    text: { status: 'generated', div: `<div>${'x'.repeat(bytes)}</div>` },
  });
  expect((await hand(vincle.url, patient, note(5_000_000))).status).toBe(201);
  const answers = [
    await hand(vincle.url, patient, note(7_000_000)),
    await hand(vincle.url, patient, `{"${MARKER}`),
    await hand(vincle.url, patient, sus('p1', '3'), { 'content-type': 'text/plain' }),
  ];
  expect(answers.map((it) => it.status)).toEqual([413, 400, 415]);
  expect(answers.map((it) => it.outcome.resourceType)).toEqual(Array(3).fill('OperationOutcome'));
  expect(answers.map((it) => it.text).join('') + vincle.log()).not.toContain(MARKER);
}, 30_000);
