import { practitioner } from '../../domain/care.ts';
import { covers, localDate } from '../../domain/instant.ts';
import { ask } from '../by-subject.ts';
import { loadPeople, type People, recordQueries, recordsOf } from './load-people.ts';
import type { SafetyPorts } from './safety-ports.ts';

/**
 * Of these patients those whose signs are this clinician’s business: anybody’s for whom the site names for signs; else
 * those in whose team or care the clinician is today.
 */
export async function patientsOf(
  ports: SafetyPorts,
  by: string,
  patients: readonly string[],
  nowMs: number,
): Promise<ReadonlySet<string>> {
  const { contacts } = ports.safety;
  if ([...Object.values(contacts.roles).flat(), ...contacts.coordinator].some((it) => it.reference === by))
    return new Set(patients);
  if (patients.length === 0) return new Set();
  const { baseUrl, timeZone } = ports.context.settings;
  const records = recordsOf(patients, await ask(ports.server, recordQueries(patients)), baseUrl);
  const people = await loadPeople(ports.server, [...records.values()], baseUrl);
  const date = localDate(nowMs, timeZone);
  return new Set(patients.filter((it) => caresFor(by, it, people, date, baseUrl)));
}

function caresFor(by: string, patient: string, { records, roles }: People, date: string, baseUrl: string): boolean {
  const record = records.get(patient);
  const members = (record?.careTeams ?? [])
    .filter((it) => covers(it.period, date))
    .flatMap((it) => it.participant ?? [])
    .filter((it) => covers(it.period, date))
    .map((it) => it.member);
  const managers = (record?.episodes ?? []).filter((it) => covers(it.period, date)).map((it) => it.careManager);
  return [...members, ...managers].some((it) => practitioner(it, roles, baseUrl) === by);
}
