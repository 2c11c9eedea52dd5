import type { CarePlan, FhirResource, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import type { Protocol } from '../../src/domain/protocol.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Resource, ResourceType } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { decide } from '../../src/pipeline/steps/decide.ts';
import { enrol } from '../../src/pipeline/steps/enrol.ts';
import { override } from '../../src/pipeline/steps/override.ts';
import { listProposals, type StepWorklist } from '../../src/pipeline/steps/read-steps.ts';
import { recordAgreement } from '../../src/pipeline/steps/record-position.ts';
import { replaySteps } from '../../src/pipeline/steps/replay.ts';
import { type StepOptions, stepCare } from '../../src/pipeline/steps/step-care.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { PROTOCOL } from './protocol.ts';

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ROOT = new URL('../..', import.meta.url).pathname;
export type FormName = 'distress-thermometer' | 'phq-9' | 'phq-4';
const B = 'https://w3id.org/vincle';
const LOINC_ANSWERS = ['LA6568-5', 'LA6569-3', 'LA6570-1', 'LA6571-9'];
const role = (code: string) => [{ coding: [{ system: `${B}/CodeSystem/role`, code }] }];

let shipped: Promise<Content> | undefined;

/** One patient of the programme on a real server, with a team, and what people and jobs do about them at a moment. */
export interface Ward {
  readonly id: string;
  readonly study: string;
  readonly patient: string;
  /** Decides, and is the care manager. */
  readonly anna: string;
  /** Decides too. */
  readonly bernat: string;
  /** In the team, without the right to decide. */
  readonly carme: string;
  /** Holds the right to decide, and does not care for this patient. */
  readonly dolors: string;
  readonly direct: FhirServer;
  /** When the ward was opened, by the server’s clock: what other tests did before is not looked at. */
  readonly opened: string;
  protocol: Protocol;
  state: State;
  put(...resources: FhirResource[]): Promise<void>;
  /** An answer, scored by the real alliance job. */
  answer(form: FormName, total: number, at: string, more?: Partial<QuestionnaireResponse>): Promise<string>;
  derive(): Promise<void>;
  steps(at: string, more?: Partial<StepOptions>): ReturnType<typeof stepCare>;
  enrol(at: string, more?: Partial<Parameters<typeof enrol>[1]>): ReturnType<typeof enrol>;
  approve(proposal: string, by: string, at: string, on?: State): ReturnType<typeof decide>;
  decline(proposal: string, by: string, at: string, reason?: string): ReturnType<typeof decide>;
  override(
    level: string,
    by: string,
    at: string,
    more?: { insteadOf?: string; reason?: string },
  ): ReturnType<typeof override>;
  position(
    carePlan: string,
    kind: 'agreed' | 'refused' | 'wished',
    at: string,
    level?: string,
  ): ReturnType<typeof recordAgreement>;
  worklist(): Promise<StepWorklist>;
  replay(at: string): ReturnType<typeof replaySteps>;
  all<T extends ResourceType>(type: T, parameter: string, value?: string): Promise<Resource<T>[]>;
  plans(): Promise<CarePlan[]>;
  proposals(): Promise<CarePlan[]>;
  tasks(): Promise<Task[]>;
}

const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);

/** A new patient with everything, under ids that begin with `id`. */
export async function openWard(
  id: string,
  baseUrl: string,
  directUrl = baseUrl,
  clientIds: 'auto' | 'no' = 'auto',
): Promise<Ward> {
  shipped ??= loadContent({ shipped: ROOT });
  const content = await shipped;
  const direct = connectFhir({ baseUrl: directUrl, auth: { kind: 'none' } });
  const server = connectFhir({
    baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 20_000,
    clientIds,
    retry: { attempts: 2, baseMs: 10, maxMs: 20 },
  });
  const [anna, bernat, carme, dolors] = ['anna', 'bernat', 'carme', 'dolors'].map(
    (it) => `Practitioner/${id}-${it}`,
  ) as [string, string, string, string];
  const patient = `Patient/${id}`;
  const study = `ResearchStudy/${id}`;
  const doing = (at: string) => ({
    holder: `${id}-${Math.random()}`,
    now: () => Date.parse(at),
    pause,
  });
  let answers = 0;
  const [before] = await direct.searchAll([{ type: 'Patient', params: [['_id', id]] }]);
  const opened = before?.serverTime ?? new Date().toISOString();
  const ward: Ward = {
    id,
    study,
    patient,
    anna,
    bernat,
    carme,
    dolors,
    direct,
    opened,
    protocol: PROTOCOL,
    state: await openState('sqlite::memory:'),
    put: async (...resources) => {
      await direct.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
    },
    answer: async (form, total, at, more = {}) => {
      answers += 1;
      const response = `${id}-answer-${answers}`;
      await ward.put({ ...responseOf(form, total, patient, at), id: response, ...more });
      await ward.derive();
      return response;
    },
    derive: async () => {
      await computeAlliance(ports(), { overlapMs: 60_000, ...doing(new Date().toISOString()) });
    },
    steps: (at, more = {}) => stepCare(ports(), { overlapMs: 0, ...doing(at), ...more }),
    enrol: (at, more = {}) => enrol(ports(), { patient, by: anna, ...more }, doing(at)),
    approve: (proposal, by, at, on) =>
      decide(
        { ...ports(), ...(on === undefined ? {} : { state: on }) },
        { proposal, by, outcome: 'approved' },
        doing(at),
      ),
    decline: (proposal, by, at, reason) =>
      decide(ports(), { proposal, by, outcome: 'declined', ...(reason === undefined ? {} : { reason }) }, doing(at)),
    override: (level, by, at, { insteadOf, reason = 'the patient asked for more' } = {}) =>
      override(ports(), { patient, level, by, reason, ...(insteadOf === undefined ? {} : { insteadOf }) }, doing(at)),
    position: (carePlan, kind, at, level) =>
      recordAgreement(ports(), { carePlan, kind, by: anna, ...(level === undefined ? {} : { level }) }, doing(at)),
    worklist: () => listProposals(ports()),
    replay: (at) => replaySteps(ports(), patient, Date.parse(at)),
    all: async <T extends ResourceType>(type: T, parameter: string, value = patient) => {
      const found: Resource<T>[] = [];
      const params: [string, string][] = [
        [parameter, value],
        ['_count', '500'],
      ];
      for await (const page of direct.search({ type, params })) found.push(...page.resources);
      return found;
    },
    plans: async () => (await ward.all('CarePlan', 'subject')).filter((it) => it.intent === 'plan').sort(byStart),
    proposals: async () =>
      (await ward.all('CarePlan', 'subject')).filter((it) => it.intent === 'proposal').sort(byCreated),
    tasks: async () => (await ward.all('Task', 'patient')).filter((it) => it.code?.coding?.[0]?.code === 'decide-step'),
  };
  const ports = () => ({
    server,
    state: ward.state,
    context: {
      content: { ...content, protocol: ward.protocol },
      display: displayOf(content.resources),
      settings: { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl },
    },
  });
  for (const job of ['steps', 'steps-wake'])
    await ward.state.writeCheckpoint(job, { watermark: opened, seen: [], contentDigest: content.protocolDigest });
  await ward.put(...programme(ward));
  return ward;
}

const byStart = (a: CarePlan, b: CarePlan) => (a.period?.start ?? '').localeCompare(b.period?.start ?? '');
const byCreated = (a: CarePlan, b: CarePlan) => (a.created ?? '').localeCompare(b.created ?? '');

/** An answered form with a total; of the PHQ-9 the ninth item is never above 0. */
export function responseOf(form: FormName, total: number, patient: string, authored: string): QuestionnaireResponse {
  const spread = Array.from({ length: 4 }, (_, index) => Math.min(3, Math.max(0, total - index * 3)));
  const phq = Array.from({ length: 9 }, (_, index) => Math.min(3, Math.max(0, index === 8 ? 0 : total - index * 3)));
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: `${B}/Questionnaire/${form}|1.0.0`,
    status: 'completed',
    subject: { reference: patient },
    source: { reference: patient },
    authored,
    item:
      form === 'distress-thermometer'
        ? [{ linkId: 'dt-1', answer: [{ valueInteger: total }] }]
        : (form === 'phq-4' ? spread : phq).map((raw, index) => ({
            linkId: `${form.replace('-', '')}-${index + 1}`,
            answer: [{ valueCoding: { system: 'http://loinc.org', code: LOINC_ANSWERS[raw] ?? '' } }],
          })),
  };
}

function programme({ id, study, patient, anna, bernat, carme, dolors }: Ward): FhirResource[] {
  const person = (reference: string): FhirResource => ({
    resourceType: 'Practitioner',
    id: idOf(reference),
    active: true,
    name: [{ family: 'Synthetic' }],
  });
  return [
    { resourceType: 'ResearchStudy', id, status: 'active' },
    ...[anna, bernat, carme, dolors].map(person),
    { resourceType: 'Patient', id, active: true, name: [{ family: 'Synthetic' }] },
    {
      resourceType: 'ResearchSubject',
      id,
      status: 'on-study',
      study: { reference: study },
      individual: { reference: patient },
      period: { start: '2026-01-10' },
    },
    {
      resourceType: 'EpisodeOfCare',
      id,
      status: 'active',
      patient: { reference: patient },
      careManager: { reference: anna },
      period: { start: '2026-01-01' },
    },
    {
      resourceType: 'CareTeam',
      id,
      status: 'active',
      subject: { reference: patient },
      participant: [
        { member: { reference: anna }, role: role('psycho-oncologist') },
        { member: { reference: bernat }, role: role('psycho-oncologist') },
        { member: { reference: carme }, role: role('nurse') },
      ],
    },
    {
      resourceType: 'PractitionerRole',
      id: `${id}-dolors`,
      active: true,
      practitioner: { reference: dolors },
      code: role('psycho-oncologist'),
    },
  ];
}
