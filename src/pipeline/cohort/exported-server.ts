import type { FhirResource, Reference } from 'fhir/r4.js';
import { literal } from '../../domain/reference.ts';
import type { BulkExporter, FhirServer, Page, ResourceType, Search } from '../../fhir/port.ts';

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
  { participants, baseUrl, spool }: { participants: ReadonlySet<string>; baseUrl: string; spool: RecordSpool },
): Promise<void> {
  for await (const it of exporter.exported(level, EXPORTED)) {
    const patient = patientOf(it, baseUrl);
    if (patient === undefined || it.id === undefined || !participants.has(patient)) continue;
    if (it.resourceType === 'Communication') {
      const { payload: _text, note: _note, ...rest } = it;
      spool.put(patient, it.resourceType, it.id, JSON.stringify(rest));
    } else spool.put(patient, it.resourceType, it.id, JSON.stringify(it));
  }
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
