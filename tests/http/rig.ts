import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type { FhirResource, Observation, OperationOutcome, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { pino } from 'pino';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { LoadedContent } from '../../src/content/port.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { createApp, type VincleApp } from '../../src/http/app.ts';
import type { HttpOptions } from '../../src/http/http-options.ts';
import { type Listening, listen } from '../../src/http/listen.ts';
import type { AlliancePorts } from '../../src/pipeline/compute-alliance.ts';
import type { SafetyPath } from '../../src/pipeline/safety/safety-path.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';

export const HOOKS_SECRET = 'the-subscription-secret-of-the-tests-32';
export const METRICS_TOKEN = 'the-metrics-token';
/** Put where a name or an answer stands: no log line and no error may ever hold it. */
export const MARKER = 'QZX-marker-of-an-answer';

const root = join(import.meta.dirname, '../..');
let loaded: Promise<LoadedContent> | undefined;
export const content = (): Promise<LoadedContent> => {
  loaded ??= loadContent({ shipped: root });
  return loaded;
};

/** Vincle over HTTP on one FHIR server, with its log in hand. */
export interface Vincle extends VincleApp {
  readonly url: string;
  readonly ports: AlliancePorts;
  readonly state: State;
  readonly now: { holder: string; now: () => number; pause: (ms: number) => Promise<void> };
  log(): string;
  stop(): Promise<void>;
}

export async function startVincle(
  baseUrl: string,
  { safety, ...options }: Partial<HttpOptions> & { readonly safety?: SafetyPath },
  stateUrl = 'sqlite::memory:',
  port = 0,
): Promise<Vincle> {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const shipped = await content();
  const state = await openState(stateUrl);
  const server = connectFhir({
    baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 5_000,
    retry: { attempts: 2, baseMs: 20, maxMs: 50 },
  });
  const context = {
    content: shipped,
    display: displayOf(shipped.resources),
    settings: { study: 'ResearchStudy/study', episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl },
  };
  const now = { holder: randomUUID(), now: Date.now, pause: (ms: number) => pause(ms) };
  const ports = { server, state, context, ...(safety === undefined ? {} : { safety }) };
  const made = createApp(
    { ...ports, now, log: pino({ level: 'trace' }, sink) },
    {
      version: '0.0.0-test',
      lastRunMaxAgeMs: 60_000,
      readyTimeoutMs: 2_000,
      hooksSecret: HOOKS_SECRET,
      metricsToken: METRICS_TOKEN,
      ...options,
    },
  );
  const listening: Listening = await listen(made.app, '127.0.0.1', port);
  return {
    ...made,
    ports,
    state,
    now,
    url: `http://127.0.0.1:${listening.port}`,
    log: () => lines.join(''),
    stop: async () => {
      await listening.close(100);
      await made.notifications.stop();
      await state.close();
    },
  };
}

const put = async (server: FhirServer, resources: readonly FhirResource[]): Promise<void> => {
  await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
};

/** Two patients of the study in the care of Practitioner/t1, one patient of nobody's, and a therapist of nobody. */
export async function admitCohort(server: FhirServer): Promise<void> {
  const included = ['p1', 'p2'].flatMap((id): FhirResource[] => [
    {
      resourceType: 'Patient',
      id,
      name: [{ family: MARKER }],
      identifier: [{ type: { coding: [{ code: 'MR' }] }, value: `MRN-${id}` }],
      birthDate: '1970-01-02',
    },
    {
      resourceType: 'ResearchSubject',
      id: `rs-${id}`,
      status: 'on-study',
      study: { reference: 'ResearchStudy/study' },
      individual: { reference: `Patient/${id}` },
      period: { start: '2026-02-10' },
    },
    {
      resourceType: 'EpisodeOfCare',
      id: `eoc-${id}`,
      status: 'active',
      patient: { reference: `Patient/${id}` },
      careManager: { reference: 'Practitioner/t1' },
      period: { start: '2026-02-01' },
    },
  ]);
  await put(server, [
    {
      resourceType: 'ResearchStudy',
      id: 'study',
      status: 'active',
    },
    { resourceType: 'Practitioner', id: 't1' },
    { resourceType: 'Practitioner', id: 't9' },
    { resourceType: 'Patient', id: 'outsider' },
    ...included,
  ]);
}

const CANONICAL = 'https://w3id.org/vincle/Questionnaire';

/** SUS with every answer the same option. All 3 (neutral) is 50 by Brooke 1996: each item contributes 2, times 2.5. */
export const sus = (
  patient: string,
  code: string,
  more: Partial<QuestionnaireResponse> = {},
): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${CANONICAL}/sus|1.0.0`,
  status: 'completed',
  subject: { reference: `Patient/${patient}`, display: MARKER },
  source: { reference: `Patient/${patient}` },
  authored: '2026-05-11T10:00:00+02:00',
  item: Array.from({ length: 10 }, (_, index) => ({
    linkId: `sus-${index + 1}`,
    answer: [{ valueCoding: { system: 'https://w3id.org/vincle/CodeSystem/sus-agreement', code, display: MARKER } }],
  })),
  ...more,
});

/** WAI-S, the same option throughout, by the patient or the therapist. */
export const waiS = (
  form: 'wai-s-p' | 'wai-s-t',
  source: string,
  code: string,
  more: Partial<QuestionnaireResponse> = {},
): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${CANONICAL}/${form}|1.0.0`,
  status: 'completed',
  subject: { reference: 'Patient/p1' },
  source: { reference: source },
  authored: '2026-05-11T10:00:00+02:00',
  item: Array.from({ length: 12 }, (_, index) => ({
    linkId: `wai-${index + 1}`,
    answer: [{ valueCoding: { system: 'https://w3id.org/vincle/CodeSystem/wai-s-frequency', code } }],
  })),
  ...more,
});

/** PHQ-9 with one code for all nine items. */
export const phq9 = (code: string, more: Partial<QuestionnaireResponse> = {}): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  questionnaire: `${CANONICAL}/phq-9|1.0.0`,
  status: 'completed',
  subject: { reference: 'Patient/p1' },
  source: { reference: 'Patient/p1' },
  authored: '2026-05-11T10:00:00+02:00',
  item: Array.from({ length: 9 }, (_, index) => ({
    linkId: `phq9-${index + 1}`,
    answer: [{ valueCoding: { system: 'http://loinc.org', code } }],
  })),
  ...more,
});

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly outcome: OperationOutcome;
}

export async function hand(
  url: string,
  token: string | undefined,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const answer = await fetch(`${url}/fhir/QuestionnaireResponse`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: {
      'content-type': 'application/fhir+json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    outcome: text.startsWith('{') ? JSON.parse(text) : { resourceType: 'OperationOutcome', issue: [] },
  };
}

export const reasonsOf = ({ outcome }: Answered): string[] => outcome.issue.map((it) => it.details?.text ?? '');

/** Everything of a type on the server. */
export async function allOf<T extends 'Observation' | 'QuestionnaireResponse' | 'Task' | 'Subscription'>(
  server: FhirServer,
  type: T,
) {
  const [page] = await server.searchAll([{ type, params: [['_count', '1000']] }]);
  return (page?.resources ?? []) as Extract<FhirResource, { resourceType: T }>[];
}

export const scoresOf = async (server: FhirServer, code: string): Promise<Observation[]> =>
  (await allOf(server, 'Observation')).filter((it) => it.code.coding?.[0]?.code === code);

export const reviewsOf = async (server: FhirServer): Promise<Task[]> => allOf(server, 'Task');

/** Waits until something is so, asking again; fails with the last answer where it never is. */
export async function until<T>(ask: () => Promise<T>, holds: (it: T) => boolean, ms = 8_000): Promise<T> {
  const end = Date.now() + ms;
  let last = await ask();
  while (!holds(last)) {
    if (Date.now() > end) throw new Error(`never so: ${JSON.stringify(last)?.slice(0, 500)}`);
    await pause(50);
    last = await ask();
  }
  return last;
}
