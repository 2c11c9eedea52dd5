import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding } from 'fhir/r4.js';
import { codeSystem, DEVICE_ID } from './canonicals.ts';

/** What a person did with data of a patient. */
export type AccessAction = 'read' | 'create' | 'update' | 'delete' | 'execute';

/** Why, in codes of v3-ActReason: care, the patient’s own request, operations of the programme, compliance, research. */
export type AccessPurpose = 'TREAT' | 'PATRQT' | 'HOPERAT' | 'HCOMPL' | 'HRESCH';

/** One access of a person, as it is recorded: never an answer, never a name of a patient. */
export interface AccessEvent {
  /** UUID; the AuditEvent’s id too. */
  readonly id: string;
  /** Instant. */
  readonly at: string;
  readonly action: AccessAction;
  readonly ok: boolean;
  /** `Practitioner/…` or `Patient/…`, with the name as the hospital writes it and codes of `CodeSystem/role`. */
  readonly who: { readonly reference: string; readonly name?: string; readonly roles: readonly string[] };
  /** `Patient/…`; absent where the access is about nobody in particular (a list). */
  readonly patient?: string;
  /** What was seen or changed: `Observation`, `QuestionnaireResponse/17` … */
  readonly resources: readonly string[];
  readonly purpose: AccessPurpose;
  /** What was asked, by the pattern of its route: `GET /api/patients/:id`. */
  readonly asked: string;
  /** Why, in the person’s own words, where one is asked for. */
  readonly reason?: string;
}

/** Where the access happened: the hospital’s server, and Vincle beside it. */
export interface AccessPlace {
  /** FHIR base of the hospital’s server. */
  readonly baseUrl: string;
  /** Where the browser reaches Vincle; absent on a machine of its own. */
  readonly publicUrl?: string;
}

const BALP = 'https://profiles.ihe.net/ITI/BALP';
const profile = (name: string): string => `${BALP}/StructureDefinition/IHE.BasicAudit.${name}`;
const dcm = (code: string, display: string): Coding => ({
  system: 'http://dicom.nema.org/resources/ontology/DCM',
  code,
  display,
});
const SOURCE = dcm('110153', 'Source Role ID');
const DESTINATION = dcm('110152', 'Destination Role ID');
const entityType = (code: string, display: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code,
  display,
});
const role = (code: string, display: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
  display,
});
const isInstance = (it: string): boolean => it.includes('/');

interface Pattern {
  readonly name: string;
  readonly action: 'C' | 'R' | 'U' | 'D' | 'E';
  readonly subtype: string;
  /** Role of Vincle, which asks the server; the server has the other. */
  readonly client: Coding;
}

const QUERY: Pattern = { name: 'Query', action: 'E', subtype: 'search', client: SOURCE };
const PATTERNS: Readonly<Record<Exclude<AccessAction, 'execute'>, Pattern>> = {
  read: { name: 'Read', action: 'R', subtype: 'read', client: DESTINATION },
  create: { name: 'Create', action: 'C', subtype: 'create', client: SOURCE },
  update: { name: 'Update', action: 'U', subtype: 'update', client: SOURCE },
  delete: { name: 'Delete', action: 'D', subtype: 'delete', client: SOURCE },
};

/** One resource by its id has the pattern of its interaction; a page that gathers several is a query. */
function patternOf({ action, resources }: AccessEvent): Pattern {
  if (action === 'execute' || !resources.some(isInstance)) return QUERY;
  return action === 'read' && resources.length > 1 ? QUERY : PATTERNS[action];
}

/**
 * The AuditEvent of an access, after IHE BALP 1.1 (Read, Create, Update, Delete, Query, each with a patient), with what
 * EHDS Annex II 3.2 asks for: who gave (server, site), whose data, categories, when, where from.
 * @see https://profiles.ihe.net/ITI/BALP/
 */
export function auditEvent(event: AccessEvent, place: AccessPlace): AuditEvent {
  const pattern = patternOf(event);
  const hasPatient = event.patient !== undefined;
  // BALP’s patterns are of what succeeded.
  const claimed = event.ok ? { profile: [profile(`${hasPatient ? 'Patient' : ''}${pattern.name}`)] } : {};
  return {
    resourceType: 'AuditEvent',
    id: event.id,
    ...(event.ok ? { meta: claimed } : {}),
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'Restful Operation',
    },
    subtype: [{ system: 'http://hl7.org/fhir/restful-interaction', code: pattern.subtype, display: pattern.subtype }],
    action: pattern.action,
    recorded: event.at,
    outcome: event.ok ? '0' : '4',
    ...(event.reason === undefined ? {} : { outcomeDesc: event.reason }),
    purposeOfEvent: [{ coding: [purposeOf(event.purpose)] }],
    agent: [client(pattern, place), server(pattern, place), user(event)],
    source: {
      site: place.baseUrl,
      observer: { reference: `Device/${DEVICE_ID}` },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: [
      ...(event.patient === undefined ? [] : [patientEntity(event.patient)]),
      ...dataEntities(event, pattern),
      {
        type: { system: `${BALP}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' },
        what: { identifier: { value: event.id } },
      },
      categories(event),
    ],
  };
}

const purposeOf = (code: AccessPurpose): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code,
});

const client = (pattern: Pattern, { publicUrl }: AccessPlace): AuditEventAgent => ({
  type: { coding: [pattern.client] },
  who: { reference: `Device/${DEVICE_ID}` },
  requestor: false,
  network: { address: publicUrl === undefined ? 'localhost' : new URL(publicUrl).host, type: '1' },
});

const server = (pattern: Pattern, { baseUrl }: AccessPlace): AuditEventAgent => ({
  type: { coding: [pattern.client === SOURCE ? DESTINATION : SOURCE] },
  who: { identifier: { value: baseUrl } },
  requestor: false,
  network: { address: baseUrl, type: '5' },
});

const user = ({ who, purpose }: AccessEvent): AuditEventAgent => ({
  type: {
    coding: [
      {
        system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
        code: 'IRCP',
        display: 'information recipient',
      },
    ],
  },
  ...(who.roles.length === 0
    ? {}
    : { role: who.roles.map((code) => ({ coding: [{ system: codeSystem('role'), code }] })) }),
  who: { reference: who.reference },
  ...(who.name === undefined ? {} : { name: who.name }),
  requestor: true,
  purposeOfUse: [{ coding: [purposeOf(purpose)] }],
});

const patientEntity = (patient: string): AuditEventEntity => ({
  what: { reference: patient },
  type: entityType('1', 'Person'),
  role: role('1', 'Patient'),
});

function dataEntities({ resources, asked }: AccessEvent, pattern: Pattern): AuditEventEntity[] {
  const [first, ...others] = resources.filter(isInstance);
  const more = (list: readonly string[]): AuditEventEntity[] =>
    list.map((it) => ({
      what: { reference: it },
      type: entityType('4', 'Other'),
      role: role('4', 'Domain Resource'),
    }));
  if (pattern === QUERY)
    return [
      {
        type: entityType('2', 'System Object'),
        role: role('24', 'Query'),
        query: base64(asked),
      },
      ...more(resources.filter(isInstance)),
    ];
  return first === undefined
    ? []
    : [
        { what: { reference: first }, type: entityType('2', 'System Object'), role: role('4', 'Domain Resource') },
        ...more(others),
      ];
}

/** A route’s pattern is ASCII. */
const base64 = (text: string): string => btoa(text);

const CATEGORY = 'ehds-category';

/** The kinds of data, by type: EHDS Annex II 3.2 wants categories, not content. */
const categories = ({ resources }: AccessEvent): AuditEventEntity => ({
  type: entityType('4', 'Other'),
  name: 'Categories of data',
  detail: [...new Set(resources.map((it) => it.split('/')[0] ?? it))]
    .sort()
    .map((valueString) => ({ type: CATEGORY, valueString })),
});

const ACTIONS: Readonly<Record<string, AccessAction>> = {
  C: 'create',
  R: 'read',
  U: 'update',
  D: 'delete',
  E: 'read',
};

/** What an AuditEvent of Vincle’s says, read back; `undefined` of one that somebody else wrote. */
export function readAuditEvent(it: AuditEvent): AccessEvent | undefined {
  const agent = it.agent.find((one) => one.requestor);
  const reference = agent?.who?.reference;
  if (it.source.observer.reference !== `Device/${DEVICE_ID}` || reference === undefined || it.id === undefined)
    return undefined;
  const entities = it.entity ?? [];
  const given = entities.find((one) => one.type?.code === 'XrequestId')?.what?.identifier?.value;
  const patient = entities.find((one) => one.role?.code === '1')?.what?.reference;
  const purpose = it.purposeOfEvent?.[0]?.coding?.[0]?.code;
  const named = entities.flatMap((one) => (one.role?.code === '4' ? (one.what?.reference ?? []) : []));
  const kinds = entities.flatMap((one) =>
    (one.detail ?? []).flatMap((detail) => (detail.type === CATEGORY ? (detail.valueString ?? []) : [])),
  );
  return {
    id: given ?? it.id,
    at: it.recorded,
    action: ACTIONS[it.action ?? ''] ?? 'execute',
    ok: it.outcome === '0',
    who: {
      reference,
      ...(agent?.name === undefined ? {} : { name: agent.name }),
      roles: (agent?.role ?? []).flatMap((one) => one.coding?.[0]?.code ?? []),
    },
    ...(patient === undefined ? {} : { patient }),
    resources: [...named, ...kinds.filter((kind) => !named.some((one) => one.startsWith(`${kind}/`)))],
    purpose: isPurpose(purpose) ? purpose : 'HOPERAT',
    asked: '',
  };
}

const PURPOSES: readonly string[] = ['TREAT', 'PATRQT', 'HOPERAT', 'HCOMPL'];
const isPurpose = (it: string | undefined): it is AccessPurpose => it !== undefined && PURPOSES.includes(it);
