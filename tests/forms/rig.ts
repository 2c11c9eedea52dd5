import { randomUUID } from 'node:crypto';
import type { Response } from 'express';
import type { FhirResource, OperationOutcome, Task } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import type { HttpOptions } from '../../src/http/http-options.ts';
import type { LaunchRecord } from '../../src/http/smart/launch.ts';
import { Launches } from '../../src/http/smart/launches.ts';
import type { SmartOptions } from '../../src/http/smart/smart.ts';
import type { SafetyPath } from '../../src/pipeline/safety/safety-path.ts';
import { admitCohort, startVincle, type Vincle } from '../http/rig.ts';

const TIMES = { idleMs: 3_600_000, longestMs: 8 * 3_600_000 };
const TASK_CODE = 'https://w3id.org/vincle/CodeSystem/task';
export const Q = 'https://w3id.org/vincle/Questionnaire';

/** Everything that a launch for forms may ask for. */
const SCOPE = [
  'patient/Task.rus',
  'patient/QuestionnaireResponse.crus',
  'user/Task.crus',
  'user/QuestionnaireResponse.crus',
  'user/Patient.rs',
  'user/Questionnaire.rs',
].join(' ');

export interface Told {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a route answers is looked at field by field
  readonly json: any;
  readonly reason: string | undefined;
}

/** One person in one browser, in a launch of the app. */
export interface Person {
  readonly launch: LaunchRecord;
  ask(method: 'GET' | 'PUT' | 'POST', path: string, body?: unknown): Promise<Told>;
}

export interface Ward {
  readonly vincle: Vincle;
  readonly direct: FhirServer;
  /** A request without a launch. */
  post(path: string, body: object): Promise<Told & { readonly cookie: string | undefined }>;
  /** Somebody whose launch began over HTTP. */
  arrived(launch: string, cookie: string): Promise<Person['ask']>;
  person(user: string, more?: Partial<LaunchRecord>): Promise<Person>;
  /** A Task that asks `owner` for a form about `subject`, whose window is open. */
  task(id: string, form: string, owner: string, more?: Partial<Task>): Promise<Task>;
  put(...resources: readonly FhirResource[]): Promise<void>;
  stop(): Promise<void>;
}

export const smartOptions = (iss: string): SmartOptions => ({
  registrations: [
    {
      iss,
      clientId: 'vincle',
      authentication: { kind: 'public' },
      frameAncestors: [],
      extraScopes: [],
    } as unknown as SmartOptions['registrations'][number],
  ],
  publicUrl: 'http://127.0.0.1',
  times: TIMES,
  isDemonstration: false,
  connect: (baseUrl) => connectFhir({ baseUrl, auth: { kind: 'none' }, timeoutMs: 3_000, retry: { attempts: 1 } }),
});

/** Vincle with the forms, over a server that holds the cohort of the intake’s tests. */
export async function openWard(
  baseUrl: string,
  directUrl = baseUrl,
  more: Partial<HttpOptions> & { readonly safety?: SafetyPath } = {},
  stateUrl?: string,
): Promise<Ward> {
  const direct = connectFhir({ baseUrl: directUrl, auth: { kind: 'none' } });
  await admitCohort(direct);
  // As `vincle publish` leaves it: a server may not find what names a Device that it does not hold.
  await direct.write({ method: 'PUT', resource: { resourceType: 'Device', id: 'vincle' } });
  const smart = smartOptions(baseUrl);
  const vincle = await startVincle(baseUrl, { smart, ...more }, stateUrl);
  const launches = new Launches({
    state: vincle.state,
    now: Date.now,
    connect: smart.connect,
    renew: () => Promise.reject(new Error('nothing is renewed here')),
    isSecure: false,
    times: TIMES,
  } as ConstructorParameters<typeof Launches>[0]);
  const put = async (...resources: readonly FhirResource[]) => {
    await direct.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
  };
  return {
    vincle,
    direct,
    put,
    post: async (path, body) => {
      const answer = await fetch(`${vincle.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { ...(await toldBy(answer)), cookie: answer.headers.getSetCookie()[0]?.split(';')[0] };
    },
    arrived: async (launch, cookie) => {
      const session = await asking(vincle.url, launch, cookie, '')('GET', '/api/session');
      return asking(vincle.url, launch, cookie, String(session.json.csrf));
    },
    person: (user, given = {}) => begin(launches, vincle.url, baseUrl, user, given),
    task: async (id, form, owner, given = {}) => {
      const task = taskOf(id, form, owner, given);
      await put(task);
      return task;
    },
    stop: () => vincle.stop(),
  };
}

async function begin(
  launches: Launches,
  url: string,
  iss: string,
  user: string,
  more: Partial<LaunchRecord>,
): Promise<Person> {
  let cookie = '';
  const response = {
    cookie: (name: string, value: string) => {
      cookie = `${name}=${value}`;
    },
  } as unknown as Response;
  const launch = await launches.begin(
    {
      kind: 'standalone',
      iss,
      user,
      roles: [],
      scope: SCOPE,
      accessToken: randomUUID(),
      needPatientBanner: true,
      ...(user.startsWith('Patient/') ? { patient: user } : { practitioner: user }),
      ...more,
    },
    response,
  );
  return { launch, ask: asking(url, launch.id, cookie, launch.csrf) };
}

const asking =
  (url: string, launch: string, cookie: string, csrf: string): Person['ask'] =>
  async (method, path, body) =>
    toldBy(
      await fetch(`${url}${path}`, {
        method,
        headers: {
          cookie,
          'vincle-launch': launch,
          ...(method === 'GET' ? {} : { 'vincle-csrf': csrf, 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );

async function toldBy(answer: globalThis.Response): Promise<Told> {
  const text = await answer.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: answer.status, json, reason: (json as OperationOutcome)?.issue?.[0]?.details?.text };
}

const day = (offset: number): string => new Date(Date.now() + offset * 86_400_000).toISOString();

/** A Task that asks `owner` for a form, whose window is open. */
export function taskOf(id: string, form: string, owner: string, more: Partial<Task>): Task {
  const subject = owner.startsWith('Patient/') ? owner : 'Patient/p1';
  return {
    resourceType: 'Task',
    id,
    identifier: [{ system: 'https://w3id.org/vincle/identifier/task', value: id }],
    status: 'ready',
    intent: 'order',
    code: {
      coding: [
        { system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'complete-questionnaire' },
        { system: TASK_CODE, code: 'questionnaire' },
      ],
    },
    for: { reference: subject },
    owner: { reference: owner },
    authoredOn: day(-2),
    restriction: { period: { start: day(-2), end: day(5) } },
    input: [
      {
        type: { coding: [{ system: 'http://hl7.org/fhir/uv/sdc/CodeSystem/temp', code: 'questionnaire' }] },
        valueCanonical: form.includes('/') ? form : `${Q}/${form}|1.0.0`,
      },
    ],
    ...more,
  };
}

/** Answers to every choice of a form as it was given out: the option at an index of each. */
export const answered = (items: readonly { linkId: string; options?: readonly { value: object }[] }[], index: number) =>
  items.flatMap((it) =>
    it.options?.[index] === undefined ? [] : [{ linkId: it.linkId, answer: [it.options[index]?.value] }],
  );
