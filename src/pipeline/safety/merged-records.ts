import type { Patient } from 'fhir/r4.js';
import type { ProgrammeSettings } from '../../domain/patient-record.ts';
import { literal } from '../../domain/reference.ts';
import { patientsLinkedTo } from '../../domain/step-queries.ts';
import { mergedFrom, mergedInto } from '../../domain/step-record.ts';
import type { FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { recordQueries, recordsOf, type SafetyRecord } from './load-people.ts';
import { isWatchedPatient } from './safety-case.ts';

/** Merges of merges of merges: the hospital’s links are followed so far. */
const LINKS = 5;

/** The patients that this record was merged with, in either direction. */
export const linksOf = (patient: Patient | undefined, baseUrl: string): string[] => {
  const into = mergedInto(patient, baseUrl);
  return [...(into === undefined ? [] : [into]), ...mergedFrom(patient, baseUrl)];
};

/**
 * The records, where those of nobody in the programme take in what is known under the numbers that the hospital merged
 * them with: who answered under the number of before is watched all the same. No request where everybody is known.
 */
export async function withMerged(
  server: FhirServer,
  records: ReadonlyMap<string, SafetyRecord>,
  settings: ProgrammeSettings,
): Promise<ReadonlyMap<string, SafetyRecord>> {
  const strangers = [...records.values()].filter((it) => it.patient !== undefined && !isWatchedPatient(it, settings));
  if (strangers.length === 0) return records;
  const all = new Map(records);
  const links: (readonly [string, string])[] = [];
  const asked = new Set<string>();
  let next = strangers.map((it) => it.subject);
  for (let depth = 0; depth < LINKS && next.length > 0; depth += 1) {
    const found = await linkedTo(server, next, all, settings.baseUrl);
    links.push(...found);
    for (const it of next) asked.add(it);
    next = [...new Set(found.flat())].filter((it) => !asked.has(it));
    const unknown = next.filter((it) => !all.has(it));
    if (unknown.length > 0)
      for (const [subject, record] of recordsOf(unknown, await ask(server, recordQueries(unknown)), settings.baseUrl))
        all.set(subject, record);
  }
  const merged = strangers.map((it) => [it.subject, joined(it, connectedTo(it.subject, links), all)] as const);
  return new Map([...records, ...merged]);
}

/** Each link that begins or ends at one of these patients. */
async function linkedTo(
  server: FhirServer,
  patients: readonly string[],
  known: ReadonlyMap<string, SafetyRecord>,
  baseUrl: string,
): Promise<(readonly [string, string])[]> {
  const [page] = await ask(server, [patientsLinkedTo(patients)]);
  const own = patients.flatMap((it) => linksOf(known.get(it)?.patient, baseUrl).map((to) => [it, to] as const));
  const others = resourcesOf(page, 'Patient').flatMap((it) =>
    linksOf(it, baseUrl)
      .filter((to) => patients.includes(to))
      .map((to) => [`Patient/${it.id}`, to] as const),
  );
  return [...own, ...others];
}

function connectedTo(patient: string, links: readonly (readonly [string, string])[]): Set<string> {
  const found = new Set([patient]);
  for (let before = 0; before < found.size; ) {
    before = found.size;
    for (const [a, b] of links) {
      if (found.has(a)) found.add(b);
      if (found.has(b)) found.add(a);
    }
  }
  return found;
}

const joined = (
  own: SafetyRecord,
  subjects: ReadonlySet<string>,
  all: ReadonlyMap<string, SafetyRecord>,
): SafetyRecord => {
  const records = [...subjects].flatMap((it) => (it === own.subject ? [] : (all.get(it) ?? [])));
  return {
    ...own,
    researchSubjects: [own, ...records].flatMap((it) => it.researchSubjects),
    episodes: [own, ...records].flatMap((it) => it.episodes),
    carePlans: [own, ...records].flatMap((it) => it.carePlans),
    careTeams: [own, ...records].flatMap((it) => it.careTeams),
  };
};

/** A `Patient/…` whose record the hospital has linked to another, as a change of the record shows it. */
export const mergedPatients = (patients: readonly Patient[], baseUrl: string): string[] =>
  patients.flatMap((it) => {
    const links = linksOf(it, baseUrl);
    const self = literal({ reference: `Patient/${it.id}` }, baseUrl);
    return links.length === 0 || self === undefined ? [] : [self, ...links];
  });
