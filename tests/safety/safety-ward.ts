import { randomUUID } from 'node:crypto';
import type { Communication, FhirResource, Flag, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import { closedTask } from '../../src/domain/safety-sign.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Resource, ResourceType } from '../../src/fhir/port.ts';
import { openNotify } from '../../src/notify/open.ts';
import { processResponse } from '../../src/pipeline/process-response.ts';
import { acknowledge, close } from '../../src/pipeline/safety/decide-sign.ts';
import { escalate } from '../../src/pipeline/safety/escalate.ts';
import type { SafetyPath } from '../../src/pipeline/safety/safety-path.ts';
import type { SafetyPorts } from '../../src/pipeline/safety/safety-ports.ts';
import { type WatchOptions, watchSafety } from '../../src/pipeline/safety/watch-safety.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const B = 'https://w3id.org/vincle';
export const SECRET = 'a-secret-of-the-tests-of-at-least-32-characters';
export const LOINC_ANSWERS = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];
export const CRISIS = { en: 'Call 000 (test).', es: 'Llame al 000 (prueba).', ca: 'Truqui al 000 (prova).' };
let shipped: Promise<Content> | undefined;

/** PHQ-9 with answers (0 to 3) to the items named; item 9 is `answers[9]`. */
export function phq9(
  patient: string,
  answers: Readonly<Record<number, number>>,
  more: Partial<QuestionnaireResponse> = {},
): QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: `${B}/Questionnaire/phq-9|1.0.0`,
    status: 'completed',
    language: 'ca',
    identifier: { system: 'urn:vincle:test', value: randomUUID() },
    subject: { reference: patient },
    source: { reference: patient },
    authored: new Date().toISOString(),
    item: Object.entries(answers).map(([item, raw]) => ({
      linkId: `phq9-${item}`,
      answer: [{ valueCoding: { system: 'http://loinc.org', code: LOINC_ANSWERS[raw] ?? '' } }],
    })),
    ...more,
  };
}

/** Two patients of the programme with a team, one outside it, a receiver for notices, and the jobs as they are run. */
export interface SafetyWard {
  readonly id: string;
  readonly study: string;
  readonly patient: string;
  readonly other: string;
  readonly outsider: string;
  /** First of the chain, in the patient’s team. */
  readonly anna: string;
  /** On call, second of the chain, in the site’s list. */
  readonly bernat: string;
  /** Coordinator in the site’s list. */
  readonly carme: string;
  /** The server as Vincle reaches it. */
  readonly server: FhirServer;
  /** The server as the tests look at it. */
  readonly direct: FhirServer;
  readonly receiver: Receiver;
  readonly opened: string;
  state: State;
  /** What the clock says; the machine’s where it is absent. */
  clock: number | undefined;
  ports(more?: Partial<SafetyPath>): SafetyPorts;
  put(...resources: FhirResource[]): Promise<void>;
  intake(response: QuestionnaireResponse, more?: Partial<SafetyPath>): ReturnType<typeof processResponse>;
  watch(more?: Partial<WatchOptions>, path?: Partial<SafetyPath>): ReturnType<typeof watchSafety>;
  escalate(): ReturnType<typeof escalate>;
  acknowledge(task: string, by?: string): ReturnType<typeof acknowledge>;
  close(task: string, outcome?: string, by?: string): ReturnType<typeof close>;
  all<T extends ResourceType>(type: T, parameter: string, value?: string): Promise<Resource<T>[]>;
  flags(patient?: string): Promise<Flag[]>;
  tasks(patient?: string): Promise<Task[]>;
  notices(patient?: string): Promise<Communication[]>;
  /** Notices to people of this ward. */
  told(): string[];
  stop(): Promise<void>;
}

const role = (code: string) => [{ coding: [{ system: `${B}/CodeSystem/role`, code }] }];
const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);

/** The resources of a ward, under ids that begin with `id`. */
export function wardResources(id: string): FhirResource[] {
  const included = ['p', 'q'].flatMap((letter): FhirResource[] => [
    { resourceType: 'Patient', id: `${id}-${letter}` },
    {
      resourceType: 'ResearchSubject',
      id: `${id}-rs-${letter}`,
      status: 'on-study',
      study: { reference: `ResearchStudy/${id}` },
      individual: { reference: `Patient/${id}-${letter}` },
      period: { start: '2026-02-10' },
    },
    {
      resourceType: 'CareTeam',
      id: `${id}-team-${letter}`,
      status: 'active',
      subject: { reference: `Patient/${id}-${letter}` },
      participant: [{ role: role('psycho-oncologist'), member: { reference: `Practitioner/${id}-anna` } }],
    },
  ]);
  return [
    { resourceType: 'ResearchStudy', id, status: 'active' },
    { resourceType: 'Device', id: 'vincle', identifier: [{ system: `${B}/identifier/device`, value: 'vincle' }] },
    ...['anna', 'bernat', 'carme'].map((name): FhirResource => ({ resourceType: 'Practitioner', id: `${id}-${name}` })),
    ...included,
    { resourceType: 'Patient', id: `${id}-outsider` },
  ];
}

export async function openSafetyWard(id: string, baseUrl: string, directUrl = baseUrl): Promise<SafetyWard> {
  shipped ??= loadContent({ shipped: ROOT });
  const content = await shipped;
  const direct = connectFhir({ baseUrl: directUrl, auth: { kind: 'none' } });
  const server = connectFhir({
    baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 20_000,
    retry: { attempts: 2, baseMs: 20 },
  });
  const receiver = await startReceiver();
  const names = {
    anna: `Practitioner/${id}-anna`,
    bernat: `Practitioner/${id}-bernat`,
    carme: `Practitioner/${id}-carme`,
  };
  await direct.transaction(wardResources(id).map((resource) => ({ method: 'PUT', resource })));
  let opened = new Date().toISOString();
  for await (const page of direct.search({ type: 'ResearchStudy', params: [['_id', id]] }))
    opened = page.resources[0]?.meta?.lastUpdated ?? opened;
  const holder = randomUUID();
  const now = () => ward.clock ?? Date.now();
  const doing = { holder, now, pause: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)) };
  const path = (more: Partial<SafetyPath>): SafetyPath => ({
    policy: content.protocol.safety,
    notify: openNotify(
      {
        NOTIFY_SMTP_URL: undefined,
        NOTIFY_SMTP_FROM: undefined,
        NOTIFY_WEBHOOK_URL: receiver.url,
        NOTIFY_WEBHOOK_SECRET: SECRET,
        NOTIFY_TIMEOUT_MS: 5_000,
        NOTIFY_ATTEMPTS: 1,
        TIME_ZONE: 'Europe/Madrid',
      },
      { now: Date.now, pause: async () => {} },
    ),
    contacts: {
      roles: { 'on-call': [{ reference: names.bernat, language: 'es' }] },
      coordinator: [{ reference: names.carme, language: 'ca' }],
    },
    crisis: { words: CRISIS, confirmedBy: 'nobody: a test', date: '2026-11-23' },
    fromMs: undefined,
    pollSeconds: 60,
    serverLagSeconds: 0,
    silenceMs: 2_000,
    link: 'https://vincle.example/app/',
    ...more,
  });
  const ward: SafetyWard = {
    id,
    study: `ResearchStudy/${id}`,
    patient: `Patient/${id}-p`,
    other: `Patient/${id}-q`,
    outsider: `Patient/${id}-outsider`,
    ...names,
    server,
    direct,
    receiver,
    opened,
    state: await openState('sqlite::memory:'),
    clock: undefined,
    ports: (more = {}) => ({
      server,
      state: ward.state,
      context: {
        content,
        display: displayOf(content.resources),
        settings: { study: ward.study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl },
      },
      safety: path(more),
    }),
    put: async (...resources) =>
      void (await direct.transaction(resources.map((resource) => ({ method: 'PUT', resource })))),
    intake: (response, more) =>
      processResponse(ward.ports(more), response, { ...doing, caller: { kind: 'system' }, newId: randomUUID }),
    watch: (more = {}, own = {}) =>
      watchSafety(ward.ports(own), { ...doing, overlapMs: 60_000, since: ward.opened, ...more }),
    escalate: () => escalate(ward.ports(), doing),
    acknowledge: (task, by = names.anna) => acknowledge(ward.ports(), { task, by, now }),
    close: (task, outcome = 'safety-plan', by = names.anna) => close(ward.ports(), { task, by, now }, outcome),
    all: async (type, parameter, value = ward.patient) => {
      const found: Resource<typeof type>[] = [];
      for await (const page of direct.search({
        type,
        params: [
          [parameter, value],
          ['_count', '500'],
        ],
      }))
        found.push(...page.resources);
      return found;
    },
    flags: (patient = ward.patient) => ward.all('Flag', 'patient', patient),
    tasks: async (patient = ward.patient) =>
      (await ward.all('Task', 'patient', patient)).filter((it) => it.code?.coding?.[0]?.code === 'safety-review'),
    notices: (patient = ward.patient) => ward.all('Communication', 'subject', patient),
    told: () =>
      receiver.got.flatMap((it) => (it.to.startsWith(`Practitioner/${id}-`) ? [idOf(it.to).slice(id.length + 1)] : [])),
    stop: async () => {
      // The escalation looks at everybody: what this ward leaves open would be told to the people of the next one.
      const open: Task[] = [];
      const query = [
        ['code', `${B}/CodeSystem/task|safety-review`],
        ['status:not', 'completed'],
        ['_count', '500'],
      ] as const;
      for await (const page of direct.search({ type: 'Task', params: query }))
        open.push(...page.resources.filter((it) => it.for?.reference?.startsWith(`Patient/${id}-`)));
      const at = new Date().toISOString();
      const closed = (it: Task) => closedTask(it, names.anna, at, 'safety-plan', displayOf(content.resources));
      const done = open.map((it) => ({ method: 'PUT' as const, resource: closed(it) }));
      if (done.length > 0) await direct.transaction(done);
      await receiver.stop();
      await ward.state.close();
    },
  };
  return ward;
}
