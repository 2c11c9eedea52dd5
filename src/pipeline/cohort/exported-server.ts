import type { FhirResource, Reference } from 'fhir/r4.js';
import { literal } from '../../domain/reference.ts';
import {
  type BulkExporter,
  FhirError,
  type FhirServer,
  type Page,
  type ResourceType,
  type Search,
} from '../../fhir/port.ts';

/** What is exported: what the data set needs of a patient’s compartment. Answers are not: scores are. */
const EXPORTED: readonly ResourceType[] = [
  'Patient',
  'ResearchSubject',
  'EpisodeOfCare',
  'CareTeam',
  'CarePlan',
  'Consent',
  'Observation',
  'Communication',
  'Encounter',
];
const HELD: ReadonlySet<string> = new Set([...EXPORTED, 'QuestionnaireResponse']);

/** References in one search: longer addresses are refused by some servers. */
const AT_ONCE = 50;

/** Keeps resources by patient outside memory. */
export interface RecordSpool {
  put(patient: string, type: string, id: string, json: string): void;
  /** Of these patients, in order of id. */
  of(patients: readonly string[], type: string): readonly string[];
}

/**
 * Fills the spool with what the export says of the participants; of anybody else nothing is kept, and no text of a message.
 * @throws FhirError where the export is not to be had whole
 */
export async function spoolExport(
  exporter: BulkExporter,
  level: 'Patient' | `Group/${string}`,
  { participants, server, spool }: { participants: ReadonlySet<string>; server: FhirServer; spool: RecordSpool },
): Promise<void> {
  const { baseUrl } = server;
  const seen = new Set<ResourceType>();
  for await (const it of exporter.exported(level, EXPORTED)) {
    seen.add(it.resourceType);
    const patient = patientOf(it, baseUrl);
    if (patient === undefined || it.id === undefined || !participants.has(patient)) continue;
    if (it.resourceType === 'Communication') {
      const { payload: _text, note: _note, ...rest } = it;
      spool.put(patient, it.resourceType, it.id, JSON.stringify(rest));
    } else spool.put(patient, it.resourceType, it.id, JSON.stringify(it));
  }
  for (const type of EXPORTED)
    if (!seen.has(type) && (await holdsAny(server, type, [...participants])))
      throw new FhirError(
        'malformed',
        `The export holds no ${type}, and the server does: it is not whole. Read by paging, without --export.`,
      );
}

/** How a search of each type names the patient. */
const ABOUT: Readonly<Record<string, string>> = {
  Patient: '_id',
  ResearchSubject: 'individual',
  EpisodeOfCare: 'patient',
  Consent: 'patient',
};

/** A type that an export leaves out is none of these patients’, or was not exported: the server is asked which. */
async function holdsAny(server: FhirServer, type: ResourceType, participants: readonly string[]): Promise<boolean> {
  for (let at = 0; at < participants.length; at += AT_ONCE) {
    const patients = participants.slice(at, at + AT_ONCE).map((it) => (type === 'Patient' ? it.slice(8) : it));
    for await (const { resources } of server.search({
      type,
      params: [
        [ABOUT[type] ?? 'subject', patients.join(',')],
        ['_count', '1'],
      ],
    }))
      if (resources.length > 0) return true;
      else break;
  }
  return false;
}

function patientOf(it: FhirResource, baseUrl: string): string | undefined {
  if (it.resourceType === 'Patient') return `Patient/${it.id}`;
  const about: Reference | undefined =
    it.resourceType === 'ResearchSubject'
      ? it.individual
      : it.resourceType === 'EpisodeOfCare' || it.resourceType === 'Consent'
        ? it.patient
        : 'subject' in it && typeof it.subject === 'object' && !Array.isArray(it.subject)
          ? (it.subject as Reference)
          : undefined;
  return literal(about, baseUrl);
}

/** The server, with searches for what patients’ compartments hold answered from the export. */
export function exportedServer(server: FhirServer, spool: RecordSpool): FhirServer {
  const held = (search: Search): Page | undefined => {
    const patients = HELD.has(search.type) ? patientsIn(search) : undefined;
    return patients && { resources: spool.of(patients, search.type).map((it) => JSON.parse(it)), included: [] };
  };
  return {
    baseUrl: server.baseUrl,
    get traffic() {
      return server.traffic;
    },
    capabilities: () => server.capabilities(),
    read: (type, id) => server.read(type, id),
    search: (search) => server.search(search),
    write: (write) => server.write(write),
    transaction: (writes) => server.transaction(writes),
    request: (method, path, body) => server.request(method, path, body),
    searchAll: async (searches) => {
      const own = searches.map(held);
      const others = searches.filter((_, i) => own[i] === undefined);
      const asked = others.length === 0 ? [] : await server.searchAll(others);
      let next = 0;
      return own.map((page) => {
        if (page !== undefined) return page;
        const answered = asked[next] ?? { resources: [], included: [] };
        next += 1;
        return answered;
      });
    },
  };
}

/** The patients that a search names; nothing of a search for anything else. */
function patientsIn({ type, params }: Search): readonly string[] | undefined {
  const [name, value] = params[0] ?? ['', ''];
  if (type === 'Patient' && name === '_id') return value.split(',').map((it) => `Patient/${it}`);
  if (!['subject', 'patient', 'individual'].includes(name)) return undefined;
  const patients = value.split(',');
  return patients.every((it) => it.startsWith('Patient/')) ? patients : undefined;
}
