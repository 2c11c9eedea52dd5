import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { OperationOutcome } from 'fhir/r4.js';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { openWard, type Ward } from '../steps/ward.ts';
import { AUDIENCE, type AuthorizationServer, startAuthorizationServer } from './authorization-server.ts';
import { content, startVincle, type Vincle } from './rig.ts';

jest.setTimeout(60_000);

const ENROLLED = '2026-11-01T09:00:00.000Z';
let embedded: Embedded;
let authority: AuthorizationServer;
let vincle: Vincle;
let ward: Ward;
let serial = 0;

beforeAll(async () => {
  embedded = await startEmbedded();
  authority = await startAuthorizationServer();
  vincle = await startVincle(embedded.baseUrl, { authorization: { issuer: authority.issuer, audience: AUDIENCE } });
});
afterAll(async () => {
  await vincle.stop();
  await authority.stop();
  await embedded.stop();
});
beforeEach(async () => {
  serial += 1;
  ward = await openWard(`http-steps-${serial}`, embedded.baseUrl);
  ward.protocol = (await content()).protocol;
});
afterEach(() => ward.state.close());

const token = (user: string, more: Record<string, string> = {}) =>
  authority.sign({
    iss: authority.issuer,
    aud: AUDIENCE,
    exp: Math.floor(Date.now() / 1000) + 300,
    fhirUser: user,
    scope: 'user/CarePlan.ru',
    ...more,
  });

async function ask(method: 'GET' | 'POST', path: string, bearer: string | undefined, body?: unknown) {
  const answer = await fetch(`${vincle.url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const json = await answer.json();
  const outcome = json as OperationOutcome;
  return {
    status: answer.status,
    json,
    reason: outcome.issue?.[0]?.details?.text,
    says: outcome.issue?.[0]?.diagnostics,
  };
}

/** A proposal by the protocol that ships: PHQ-4 of 11 is at or above 9, the range of severe distress. */
async function proposal(): Promise<string> {
  await ward.enrol(ENROLLED);
  await ward.answer('phq-4', 11, '2026-11-03T09:00:00Z');
  await ward.steps('2026-11-04T09:00:00.000Z');
  const [it] = await ward.proposals();
  return it?.id ?? '';
}

test('a clinician approves, with the patient’s agreement first; another is told who was first', async () => {
  const id = await proposal();
  const [anna, bernat] = [await token(ward.anna), await token(ward.bernat)];
  const decision = `/api/proposals/${id}/decision`;
  expect(await ask('POST', decision, anna, { decision: 'approve' })).toMatchObject({
    status: 422,
    reason: 'agreement-missing',
  });
  expect(await ask('POST', `/api/care-plans/${id}/position`, anna, { position: 'agreed', note: 'yes' })).toMatchObject({
    status: 200,
  });
  expect(await ask('POST', decision, anna, { decision: 'approve' })).toMatchObject({
    status: 200,
    json: { kind: 'decided', level: '4-group-psychotherapy' },
  });
  const second = await ask('POST', decision, bernat, { decision: 'decline', reason: 'too early' });
  expect([second.status, second.reason]).toEqual([409, 'approved']);
  expect(second.says).toContain(`${ward.anna} was first`);
  const seen = await ask('GET', `/api/patients/${ward.id}/steps`, anna);
  expect(seen).toMatchObject({ status: 200, json: { courses: [{ level: '4-group-psychotherapy', waiting: [] }] } });
});

test.each([
  ['without a token', 401, 'no-token', async () => undefined],
  ['with a token that may only read', 403, 'insufficient-scope', () => token(ward.anna, { scope: 'user/CarePlan.rs' })],
  [
    'with a token for responses alone',
    403,
    'insufficient-scope',
    () => token(ward.anna, { scope: 'user/QuestionnaireResponse.c' }),
  ],
  ['as the patient', 403, 'wrong-user', () => token(ward.patient, { scope: 'patient/CarePlan.u' })],
  ['as a nurse of the team, who may not decide', 403, 'role-may-not-decide', () => token(ward.carme)],
  ['as a psycho-oncologist of other patients', 403, 'not-in-your-care', () => token(ward.dolors)],
  ['with a token for another patient', 404, 'not-found', () => token(ward.anna, { patient: 'somebody-else' })],
])('nobody decides %s: %i', async (_, status, reason, bearer) => {
  const id = await proposal();
  const answer = await ask('POST', `/api/proposals/${id}/decision`, await bearer(), { decision: 'approve' });
  expect([answer.status, answer.reason]).toEqual([status, reason]);
  expect((await ward.proposals()).map((it) => it.status)).toEqual(['draft']);
});

test.each([
  ['a word that is none', { decision: 'perhaps' }, 400],
  ['a decision from the prototype', { decision: 'constructor' }, 400],
  ['no reason to decline', { decision: 'decline' }, 422],
  ['a reason that is no text', { decision: 'decline', reason: { $ne: '' } }, 400],
])('%s decides nothing', async (_, body, status) => {
  const id = await proposal();
  expect((await ask('POST', `/api/proposals/${id}/decision`, await token(ward.anna), body)).status).toBe(status);
  expect((await ward.proposals()).map((it) => it.status)).toEqual(['draft']);
});

test('a clinician chooses a level over the plan that was seen; if another is in force by then, nothing is done', async () => {
  await ward.enrol(ENROLLED);
  const [plan] = await ward.plans();
  const body = { level: '2-psychoeducation', reason: 'she asked for it', insteadOf: plan?.id };
  const anna = await token(ward.anna);
  expect(await ask('POST', `/api/patients/${ward.id}/level`, anna, { level: '2-psychoeducation' })).toMatchObject({
    status: 400,
  });
  expect(await ask('POST', `/api/patients/${ward.id}/level`, anna, body)).toMatchObject({ status: 200 });
  const late = await ask('POST', `/api/patients/${ward.id}/level`, await token(ward.bernat), {
    ...body,
    level: '3-peer-support',
  });
  expect([late.status, late.says]).toEqual([409, expect.stringContaining(ward.anna)]);
});

test('what the rules say of a patient is told to who cares for them, and to nobody else', async () => {
  await ward.enrol(ENROLLED);
  const path = `/api/patients/${ward.id}/steps`;
  expect(await ask('GET', path, await token(ward.anna))).toMatchObject({
    status: 200,
    json: { courses: [{ level: '1-monitoring', outcome: { kind: expect.stringMatching(/cannot-decide|overdue/) } }] },
  });
  expect(await ask('GET', path, await token(ward.dolors))).toMatchObject({ status: 403, reason: 'not-in-your-care' });
});
