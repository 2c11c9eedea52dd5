import type { Consent, FhirResource, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import type { Protocol } from '../../src/domain/protocol.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Resource, ResourceType } from '../../src/fhir/port.ts';
import { webhookNotify } from '../../src/notify/webhook-notify.ts';
import { keepSchedule, type ScheduleOptions } from '../../src/pipeline/schedule/keep-schedule.ts';
import type { ScheduleRun } from '../../src/pipeline/schedule/schedule-run.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';
import { PROTOCOL } from './protocol.ts';
import type { NoticeReceiver } from './receiver.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const B = 'https://w3id.org/vincle';
export const INCLUDED = '2025-01-10';

let shipped: Promise<Content> | undefined;

/** A study with patients and therapists on a real server, and what the schedule does about them at a moment. */
export interface Clinic {
  readonly id: string;
  readonly patient: string;
  readonly therapist: string;
  readonly other: string;
  readonly direct: FhirServer;
  protocol: Protocol;
  state: State;
  /** How the product connects. */
  server: FhirServer;
  put(...resources: FhirResource[]): Promise<void>;
  /** A patient with everything, under an id of their own. */
  admit(name: string, more?: Admission): FhirResource[];
  /** All items answered with the same raw value; returns `QuestionnaireResponse/…`. */
  answer(instrument: string, at: string, more?: Partial<QuestionnaireResponse>): Promise<string>;
  /** One run at an instant. The first of a state looks at what changed since the clinic was opened. */
  keep(at: string, more?: Partial<ScheduleOptions>): Promise<ScheduleRun>;
  tasks(patient?: string): Promise<Task[]>;
  /** `instrument owner status businessStatus` of each Task, sorted. */
  board(patient?: string): Promise<string[]>;
  all<T extends ResourceType>(type: T, parameter: string, value: string): Promise<Resource<T>[]>;
}

export interface Admission {
  readonly arm?: 'digital' | 'usual';
  readonly inclusion?: string;
  readonly therapist?: string;
  /** Whether the patient may be written to; the shipped policy asks for it. */
  readonly contact?: boolean;
}

export interface ClinicOptions {
  readonly baseUrl: string;
  /** Past any proxy. */
  readonly directUrl?: string;
  readonly receiver: NoticeReceiver;
  readonly clientIds?: 'auto' | 'no';
}

const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);

export async function openClinic(id: string, options: ClinicOptions): Promise<Clinic> {
  shipped ??= loadContent({ shipped: ROOT });
  const content = await shipped;
  const { baseUrl, directUrl = baseUrl, receiver } = options;
  const direct = connectFhir({ baseUrl: directUrl, auth: { kind: 'none' } });
  const study = `ResearchStudy/${id}`;
  const patient = `Patient/${id}-p`;
  const [therapist, other] = [`Practitioner/${id}-t`, `Practitioner/${id}-u`];
  const [before] = await direct.searchAll([{ type: 'Patient', params: [['_id', id]] }]);
  const opened = before?.serverTime ?? new Date().toISOString();
  let answers = 0;
  const contextFor = (protocol: Protocol) => ({
    content: { ...content, protocol },
    display: displayOf(content.resources),
    settings: { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl },
  });
  const clinic: Clinic = {
    id,
    patient,
    therapist,
    other,
    direct,
    protocol: PROTOCOL,
    state: await openState('sqlite::memory:'),
    server: connectFhir({
      baseUrl,
      auth: { kind: 'none' },
      timeoutMs: 20_000,
      retry: { attempts: 2, baseMs: 10, maxMs: 20 },
      clientIds: options.clientIds ?? 'auto',
    }),
    put: async (...resources) => {
      for (let start = 0; start < resources.length; start += 200)
        await direct.transaction(resources.slice(start, start + 200).map((resource) => ({ method: 'PUT', resource })));
    },
    admit: (name, more = {}) => admission(id, study, name, { therapist, ...more }),
    answer: async (instrument, at, more = {}) => {
      answers += 1;
      const response = `${id}-answer-${answers}`;
      const { subject = { reference: patient } } = more;
      const source = { reference: instrument === 'wai-s-t' ? therapist : (subject.reference ?? '') };
      const own: QuestionnaireResponse = {
        resourceType: 'QuestionnaireResponse',
        id: response,
        status: 'completed',
        questionnaire: `${B}/Questionnaire/${instrument}|1.0.0`,
        subject,
        source,
        authored: at,
        item: itemsOf(content, instrument),
        ...more,
      };
      await clinic.put(own);
      return `QuestionnaireResponse/${response}`;
    },
    keep: async (at, more = {}) => {
      const { server, state } = clinic;
      const known = await state.readCheckpoint('schedule');
      const nowMs = Date.parse(at);
      const ports = { server, state, context: contextFor(clinic.protocol) };
      return keepSchedule(ports, {
        overlapMs: 0,
        now: () => nowMs,
        holder: `${id}-${Math.random()}`,
        pause: async () => {},
        notify: webhookNotify({
          url: receiver.url,
          secret: 's'.repeat(32),
          timeoutMs: 5_000,
          attempts: 1,
          timeZone: 'Europe/Madrid',
          now: () => nowMs,
          pause: async () => {},
        }),
        mayOfferSafetyItems: true,
        link: 'https://vincle.example/app/',
        ...(known === undefined ? { since: opened } : {}),
        ...more,
      });
    },
    all: async <T extends ResourceType>(type: T, parameter: string, value: string) => {
      const found: Resource<T>[] = [];
      const params: [string, string][] = [
        [parameter, value],
        ['_count', '500'],
      ];
      for await (const page of direct.search({ type, params })) found.push(...page.resources);
      return found;
    },
    tasks: async (whose = patient) =>
      (await clinic.all('Task', 'patient', whose)).filter((it) => it.groupIdentifier !== undefined),
    board: async (whose) =>
      (await clinic.tasks(whose))
        .map((it) =>
          [
            it.input?.[0]?.valueCanonical?.replace(/^.*\/|\|.*$/g, ''),
            idOf(it.owner?.reference ?? '').slice(id.length + 1),
            it.status,
            it.businessStatus?.coding?.[0]?.code ?? it.statusReason?.coding?.[0]?.code,
          ]
            .filter((word) => word !== undefined)
            .join(' '),
        )
        .sort(),
  };
  await clinic.put(
    { resourceType: 'ResearchStudy', id, status: 'active', title: 'Synthetic study' },
    ...[therapist, other].map(
      (it): FhirResource => ({
        resourceType: 'Practitioner',
        id: idOf(it),
        active: true,
        name: [{ text: 'Synthetic Therapist' }],
        telecom: [{ system: 'email', value: `${idOf(it)}@hospital.example` }],
        communication: [{ coding: [{ system: 'urn:ietf:bcp:47', code: 'es' }] }],
      }),
    ),
  );
  return clinic;
}

function admission(id: string, study: string, name: string, more: Admission & { therapist: string }): FhirResource[] {
  const patient = `${id}-${name}`;
  return [
    {
      resourceType: 'Patient',
      id: patient,
      name: [{ text: 'Synthetic Patient' }],
      telecom: [{ system: 'email', value: `${patient}@example.org` }],
      communication: [{ preferred: true, language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'ca' }] } }],
    },
    {
      resourceType: 'ResearchSubject',
      id: patient,
      status: 'on-study',
      study: { reference: study },
      individual: { reference: `Patient/${patient}` },
      period: { start: more.inclusion ?? INCLUDED },
      assignedArm: more.arm ?? 'digital',
    },
    {
      resourceType: 'CareTeam',
      id: patient,
      status: 'active',
      subject: { reference: `Patient/${patient}` },
      participant: [{ member: { reference: more.therapist } }],
    },
    ...(more.contact === false ? [] : [consent(patient, 'contact', 'permit')]),
  ];
}

/** What a patient said about one purpose. */
export const consent = (patient: string, purpose: string, type: 'permit' | 'deny', start?: string): FhirResource => ({
  resourceType: 'Consent',
  id: `${patient}-${purpose}`,
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
  category: [{ coding: [{ system: `${B}/CodeSystem/consent-purpose`, code: purpose }] }],
  patient: { reference: `Patient/${patient}` },
  dateTime: start ?? '2024-12-01',
  policyRule: { text: 'made up for this test' },
  provision: { type },
});

/** What a hospital’s own form about research says, which knows nothing of Vincle’s purposes. */
export const ownForm = (patient: string, provision: Consent['provision']): FhirResource => ({
  ...(consent(patient, 'own-form', 'deny') as Consent),
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
  provision,
});

/** A plan of care in force. */
export const carePlan = (patient: string, start: string, more: object = {}): FhirResource => ({
  resourceType: 'CarePlan',
  id: `${patient}-plan`,
  status: 'active',
  intent: 'plan',
  category: [{ coding: [{ system: `${B}/CodeSystem/stepped-care-level`, code: '1-monitoring' }] }],
  subject: { reference: `Patient/${patient}` },
  period: { start },
  ...more,
});

function itemsOf(content: Content, id: string): NonNullable<QuestionnaireResponse['item']> {
  const instrument = content.instruments.find((it) => it.id === id);
  return (instrument?.items ?? []).map(({ linkId, weights, low }) => {
    const [system, code] = [...(weights?.keys() ?? [])][0]?.split('|') ?? [];
    const answer =
      system === undefined || code === undefined ? { valueInteger: low } : { valueCoding: { system, code } };
    return { linkId, answer: [answer] };
  });
}
