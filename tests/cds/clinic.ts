import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { CarePlan, FhirResource, Observation, Task } from 'fhir/r4.js';
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { pino } from 'pino';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { codeSystem } from '../../src/domain/canonicals.ts';
import { safetyTask } from '../../src/domain/safety-sign.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { createApp } from '../../src/http/app.ts';
import type { Card } from '../../src/http/cds-hooks/card.ts';
import type { CdsOptions } from '../../src/http/cds-hooks/cds-options.ts';
import { SERVICE } from '../../src/http/cds-hooks/routes.ts';
import { listen } from '../../src/http/listen.ts';
import type { PipelineContext } from '../../src/pipeline/context.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { openWard, type Ward } from '../steps/ward.ts';

export const ROOT = new URL('../..', import.meta.url).pathname;
export const NOW = '2026-11-04T09:00:00.000Z';
/** Stands where a name or an answer is: no log line may ever hold it. */
export const MARKER = 'QZX-marker-of-an-answer';
const display = () => undefined;

export interface Clinic {
  readonly ward: Ward;
  readonly url: string;
  readonly log: () => string;
  readonly state: State;
  readonly context: PipelineContext;
  /** Requests that Vincle has sent to the FHIR server. */
  requests(): number;
  setNow(at: string): void;
  call(body: unknown, headers?: Record<string, string>): Promise<{ status: number; text: string; cards: Card[] }>;
  view(user: string, more?: Record<string, unknown>, headers?: Record<string, string>): Promise<Card[]>;
  feedback(body: unknown, headers?: Record<string, string>): Promise<{ status: number; text: string }>;
  stop(): Promise<void>;
}

let serial = 0;
/** One patient in the care of a team on a real FHIR server, and Vincle over HTTP in front of it. */
export async function openClinic(
  baseUrl: string,
  cds: Partial<CdsOptions> | null = {},
  more: { publicUrl?: string; stateUrl?: string; fhirBaseUrl?: string } = {},
): Promise<Clinic> {
  serial += 1;
  const ward = await openWard(`cds-${process.pid}-${Date.now() % 1e7}-${serial}`, baseUrl);
  const content = await loadContent({ shipped: ROOT });
  ward.protocol = content.protocol;
  const lines: string[] = [];
  const state = await openState(more.stateUrl ?? 'sqlite::memory:');
  const server = connectFhir({
    baseUrl: more.fhirBaseUrl ?? baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 20_000,
    retry: { attempts: 2, baseMs: 10, maxMs: 20 },
  });
  let now = Date.parse(NOW);
  const context: PipelineContext = {
    content,
    display: displayOf(content.resources),
    settings: { study: ward.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl },
  };
  const { app, notifications } = createApp(
    {
      server,
      state,
      context,
      now: { holder: `clinic-${serial}`, now: () => now, pause: (ms: number) => pause(ms) },
      log: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    },
    {
      version: '0.0.0-test',
      lastRunMaxAgeMs: 60_000,
      ...(more.publicUrl === undefined ? {} : { publicUrl: more.publicUrl }),
      ...(cds === null ? {} : { cds: { clients: [], language: 'en' as const, ...cds } }),
    },
  );
  const listening = await listen(app, '127.0.0.1', 0);
  const url = `http://127.0.0.1:${listening.port}`;
  const post = async (path: string, body: unknown, headers: Record<string, string>) => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const clinic: Clinic = {
    ward,
    url,
    state,
    context,
    log: () => lines.join(''),
    requests: () => server.traffic.requests,
    setNow: (at) => {
      now = Date.parse(at);
    },
    call: async (body, headers = {}) => {
      const answer = await post(`/cds-services/${SERVICE}`, body, headers);
      return { ...answer, cards: answer.status === 200 ? JSON.parse(answer.text).cards : [] };
    },
    view: async (user, more = {}, headers = {}) => (await clinic.call(hook(ward, user, more), headers)).cards,
    feedback: (body, headers = {}) => post(`/cds-services/${SERVICE}/feedback`, body, headers),
    stop: async () => {
      await listening.close(100);
      await notifications.stop();
      await state.close();
      await ward.state.close();
    },
  };
  return clinic;
}

/** A patient-view call for the patient of a ward. */
export const hook = (ward: Pick<Ward, 'id'>, userId: string, more: Record<string, unknown> = {}) => ({
  hook: 'patient-view',
  hookInstance: crypto.randomUUID(),
  context: { userId, patientId: ward.id },
  ...more,
});

/** Enrolled, and a step proposed by the protocol that ships: PHQ-4 of 11 is at or above 9. */
export async function proposed(clinic: Clinic): Promise<CarePlan> {
  const { ward } = clinic;
  await ward.enrol('2026-11-01T09:00:00.000Z');
  await ward.answer('phq-4', 11, '2026-11-03T09:00:00Z');
  await ward.steps(NOW);
  const [proposal] = await ward.proposals();
  if (proposal === undefined) throw new Error('the protocol proposed nothing');
  return proposal;
}

/** An open sign of danger about the patient of a ward. */
export const signOf = (ward: Ward, owner: string, answer = 3): Task =>
  safetyTask(
    {
      key: { patient: ward.patient, response: `QuestionnaireResponse/${ward.id}-r`, item: 'phq9-9' },
      episode: 1,
      item: { instrument: 'phq-9', linkId: 'phq9-9', codes: ['44260-8'], atLeast: 1 },
      answer,
      response: { reference: `QuestionnaireResponse/${ward.id}-r` },
      at: '2026-11-04T08:30:00.000Z',
      respondBy: '2026-11-04T09:30:00.000Z',
      owner: { reference: owner },
      deceased: false,
    },
    display,
  );

/** A form that the patient was asked for from 1 to 20 October and did not answer. */
export const overdueForm = (ward: Ward, instrument = 'wai-s-p', more: Partial<Task> = {}): Task => ({
  resourceType: 'Task',
  id: `${ward.id}-form-${instrument}`,
  identifier: [{ system: 'https://w3id.org/vincle/identifier/task', value: `${ward.id}-form-${instrument}` }],
  status: 'ready',
  intent: 'order',
  code: { coding: [{ system: codeSystem('task'), code: 'questionnaire' }] },
  for: { reference: ward.patient },
  owner: { reference: ward.patient },
  restriction: { period: { start: '2026-10-01T00:00:00Z', end: '2026-10-20T21:59:59Z' } },
  input: [
    { type: { text: 'Questionnaire' }, valueCanonical: `https://w3id.org/vincle/Questionnaire/${instrument}|1.0.0` },
  ],
  ...more,
});

/** An alliance Observation as the alliance job writes it. */
export function alliance(
  ward: Ward,
  code: 'wai-s-p' | 'wai-s-t' | 'wai-s-dyad' | 'wai-s-p-change' | 'wai-s-t-change',
  value: number,
  more: Partial<Observation> = {},
): Observation {
  const measure = codeSystem('measure');
  const own = code.startsWith('wai-s-t');
  return {
    resourceType: 'Observation',
    id: `${ward.id}-${code}`,
    meta: {
      security: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
        { system: codeSystem('release'), code: own ? 'blinded-from-patient' : 'blinded-from-therapist' },
      ],
    },
    status: 'final',
    code: { coding: [{ system: measure, code }] },
    subject: { reference: ward.patient },
    focus: [{ reference: ward.anna }],
    performer: [{ reference: own ? ward.anna : ward.patient }],
    effectiveDateTime: '2026-10-20T10:00:00+02:00',
    valueQuantity: { value, unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' },
    component: [{ code: { coding: [{ system: measure, code: 'answered' }] }, valueInteger: 12 }],
    ...more,
  };
}

/** Somebody in the patient’s team with a role. */
export const member = (ward: Ward, name: string, code: string): FhirResource[] => [
  { resourceType: 'Practitioner', id: `${ward.id}-${name}`, active: true, name: [{ text: `Dr ${name}` }] },
  {
    resourceType: 'CareTeam',
    id: `${ward.id}-team-${name}`,
    status: 'active',
    subject: { reference: ward.patient },
    participant: [
      {
        member: { reference: `Practitioner/${ward.id}-${name}` },
        role: [{ coding: [{ system: codeSystem('role'), code }] }],
      },
    ],
  },
];

/** A CDS client with keys of its own, published over real HTTP. */
export interface Ehr {
  readonly issuer: string;
  readonly jwksUrl: string;
  sign(claims: JWTPayload, header?: Record<string, unknown>, key?: CryptoKey | Uint8Array): Promise<string>;
  /** A good token for an address. */
  token(url: string, more?: JWTPayload): Promise<string>;
  stop(): Promise<void>;
}

export async function startEhr(now: () => number = () => Date.parse(NOW)): Promise<Ehr> {
  const { privateKey, publicKey } = await generateKeyPair('ES384', { extractable: true });
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'ehr-1', alg: 'ES384', use: 'sig' }] };
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  const ehr: Ehr = {
    issuer,
    jwksUrl: `${issuer}/jwks.json`,
    sign: (claims, header = {}, key = privateKey) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES384', typ: 'JWT', kid: 'ehr-1', ...header }).sign(key),
    token: (url, more = {}) => {
      const iat = Math.floor(now() / 1000);
      return ehr.sign({ iss: issuer, aud: url, iat, exp: iat + 300, jti: crypto.randomUUID(), ...more });
    },
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return ehr;
}
