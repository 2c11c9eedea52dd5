import type { CareTeam, Practitioner } from 'fhir/r4.js';
import type { PatientRecord } from '../../domain/patient-record.ts';
import { byIds, carePlansOf, careTeamsOf, episodesOf, type Query, researchSubjectsOf } from '../../domain/queries.ts';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import type { FhirServer, Page, ResourceType } from '../../fhir/port.ts';
import { ask, bySubject, resourcesOf } from '../by-subject.ts';

/** What says whether a patient is of the programme, and who cares for that patient. */
export type SafetyRecord = Pick<
  PatientRecord,
  'subject' | 'patient' | 'researchSubjects' | 'episodes' | 'carePlans' | 'careTeams'
>;

/** The searches for the records of these patients, to be sent with others in one batch. */
export const recordQueries = (patients: readonly string[]): Query<ResourceType>[] => [
  researchSubjectsOf(patients),
  episodesOf(patients),
  carePlansOf(patients),
  careTeamsOf(patients),
  byIds('Patient', patients.map(idOf)),
];
export const RECORD_QUERIES = 5;

/** The records out of the pages that `recordQueries` brought, in that order. */
export function recordsOf(
  patients: readonly string[],
  pages: readonly Page[],
  baseUrl: string,
): ReadonlyMap<string, SafetyRecord> {
  const researchSubjects = bySubject(resourcesOf(pages[0], 'ResearchSubject'), (it) => it.individual, baseUrl);
  const episodes = bySubject(resourcesOf(pages[1], 'EpisodeOfCare'), (it) => it.patient, baseUrl);
  const carePlans = bySubject(resourcesOf(pages[2], 'CarePlan'), (it) => it.subject, baseUrl);
  const careTeams = bySubject(resourcesOf(pages[3], 'CareTeam'), (it) => it.subject, baseUrl);
  const byId = new Map(resourcesOf(pages[4], 'Patient').map((it) => [`Patient/${it.id}`, it]));
  return new Map(
    patients.map((subject) => [
      subject,
      {
        subject,
        patient: byId.get(subject),
        researchSubjects: researchSubjects.get(subject) ?? [],
        episodes: episodes.get(subject) ?? [],
        carePlans: carePlans.get(subject) ?? [],
        careTeams: careTeams.get(subject) ?? [],
      },
    ]),
  );
}

/** Everybody whom the records name, as far as the server knows them. */
export interface People {
  /** Records with the teams that only an EpisodeOfCare or a CarePlan names. */
  readonly records: ReadonlyMap<string, SafetyRecord>;
  /** `PractitionerRole/…` to `Practitioner/…` */
  readonly roles: ReadonlyMap<string, string>;
  readonly practitioners: ReadonlyMap<string, Practitioner>;
}

export const NOBODY_KNOWN: People = { records: new Map(), roles: new Map(), practitioners: new Map() };

/** The people of these records, with their addresses: two requests at most, whoever many they are. */
export async function loadPeople(
  server: FhirServer,
  records: readonly SafetyRecord[],
  baseUrl: string,
): Promise<People> {
  const teamsOf = (it: SafetyRecord): string[] =>
    [...it.episodes.flatMap((e) => e.team ?? []), ...it.carePlans.flatMap((p) => p.careTeam ?? [])].flatMap(
      (ref) => literal(ref, baseUrl) ?? [],
    );
  const here = new Set(records.flatMap((it) => it.careTeams.map((team) => `CareTeam/${team.id}`)));
  const missing = ofType(records.flatMap(teamsOf), 'CareTeam').filter((it) => !here.has(it));
  const named = records.flatMap((it) => membersOf(it, it.careTeams, baseUrl));
  const first = await ask(server, [
    ...search('CareTeam', missing),
    ...search('PractitionerRole', ofType(named, 'PractitionerRole')),
  ]);
  const teams = first.flatMap((page) => resourcesOf(page, 'CareTeam'));
  const roles = new Map(
    first
      .flatMap((page) => resourcesOf(page, 'PractitionerRole'))
      .filter((it) => it.active !== false)
      .flatMap((it): [string, string][] => {
        const person = literal(it.practitioner, baseUrl);
        return person === undefined ? [] : [[`PractitionerRole/${it.id}`, person]];
      }),
  );
  const whole = records.map((it) => {
    const wanted = new Set(teamsOf(it));
    const more = teams.filter((team) => wanted.has(`CareTeam/${team.id}`));
    return more.length === 0 ? it : { ...it, careTeams: [...it.careTeams, ...more] };
  });
  const people = [...whole.flatMap((it) => membersOf(it, it.careTeams, baseUrl)), ...roles.values()];
  const second = await ask(server, search('Practitioner', ofType(people, 'Practitioner')));
  return {
    records: new Map(whole.map((it) => [it.subject, it])),
    roles,
    practitioners: new Map(
      second.flatMap((page) => resourcesOf(page, 'Practitioner')).map((it) => [`Practitioner/${it.id}`, it]),
    ),
  };
}

const ofType = (references: readonly string[], type: string): string[] => [
  ...new Set(references.filter((it) => typeOf(it) === type)),
];

const search = (type: ResourceType, references: readonly string[]): Query<ResourceType>[] =>
  references.length === 0 ? [] : [byIds(type, references.map(idOf))];

const membersOf = (record: SafetyRecord, teams: readonly CareTeam[], baseUrl: string): string[] =>
  [
    ...record.episodes.map((it) => it.careManager),
    ...teams.flatMap((it) => it.participant ?? []).map((it) => it.member),
  ].flatMap((it) => literal(it, baseUrl) ?? []);
