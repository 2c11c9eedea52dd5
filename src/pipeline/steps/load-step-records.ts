import type { CareTeam, FhirResource, Patient, Practitioner, PractitionerRole, Reference } from 'fhir/r4.js';
import type { PatientRecord } from '../../domain/patient-record.ts';
import { byIds, carePlansOf, careTeamsOf, consentsOf, episodesOf, researchSubjectsOf } from '../../domain/queries.ts';
import { idOf, literal, typeOf } from '../../domain/reference.ts';
import { idsOf, measuresOf, patientsLinkedTo, practitionerRolesOf, stepTasksOf } from '../../domain/step-queries.ts';
import { mergedFrom, mergedInto, type StepRecord } from '../../domain/step-record.ts';
import type { FhirServer, Page, Resource, ResourceType } from '../../fhir/port.ts';
import { ask, bySubject, resourcesOf } from '../by-subject.ts';

/** How the records are asked for. */
export interface LoadOptions {
  readonly baseUrl: string;
  /** Codes of the derived Observations that the protocol reads. */
  readonly measures: readonly string[];
}

/** Merges of merges of merges: the hospital’s links are followed so far. */
const LINKS = 5;

type Part = Omit<PatientRecord, 'responses' | 'reviews' | 'caresForProgramme' | 'careTeams'> &
  Pick<StepRecord, 'careTeams' | 'tasks'>;

/**
 * The persons behind these patients, each with everything that decides about steps: one batch, one more for staff and
 * teams named elsewhere, and one for each link to another record.
 */
export async function loadStepRecords(
  server: FhirServer,
  patients: readonly string[],
  options: LoadOptions,
): Promise<StepRecord[]> {
  const parts = new Map<string, Part>();
  let asked = [...new Set(patients)];
  for (let depth = 0; asked.length > 0 && depth < LINKS; depth += 1) {
    const { found, linking } = await loadParts(server, asked, options);
    for (const it of found) parts.set(it.subject, it);
    const linked = [...found.flatMap((it) => linksOf(it.patient, options.baseUrl)), ...linking];
    asked = [...new Set(linked)].filter((it) => !parts.has(it));
  }
  return withStaff(server, persons([...parts.values()], options.baseUrl), options.baseUrl);
}

const linksOf = (patient: Patient | undefined, baseUrl: string): string[] => {
  const into = mergedInto(patient, baseUrl);
  return [...(into === undefined ? [] : [into]), ...mergedFrom(patient, baseUrl)];
};

async function loadParts(server: FhirServer, patients: readonly string[], { baseUrl, measures }: LoadOptions) {
  const pages = await ask(server, [
    byIds('Patient', patients.map(idOf)),
    patientsLinkedTo(patients),
    measuresOf(patients, measures),
    carePlansOf(patients),
    stepTasksOf(patients),
    episodesOf(patients),
    careTeamsOf(patients),
    researchSubjectsOf(patients),
    consentsOf(patients),
  ]);
  const byId = new Map(resourcesOf(pages[0], 'Patient').map((it) => [`Patient/${it.id}`, it]));
  const of = grouped(pages, baseUrl);
  const wanted = new Set(patients);
  const linking = resourcesOf(pages[1], 'Patient').filter((it) =>
    linksOf(it, baseUrl).some((other) => wanted.has(other)),
  );
  const found = patients.map(
    (subject): Part => ({
      subject,
      patient: byId.get(subject),
      derived: of(2, 'Observation', (it) => it.subject).get(subject) ?? [],
      carePlans: of(3, 'CarePlan', (it) => it.subject).get(subject) ?? [],
      tasks: of(4, 'Task', (it) => it.for).get(subject) ?? [],
      episodes: of(5, 'EpisodeOfCare', (it) => it.patient).get(subject) ?? [],
      careTeams: of(6, 'CareTeam', (it) => it.subject).get(subject) ?? [],
      researchSubjects: of(7, 'ResearchSubject', (it) => it.individual).get(subject) ?? [],
      consents: of(8, 'Consent', (it) => it.patient).get(subject) ?? [],
    }),
  );
  return { found, linking: linking.map((it) => `Patient/${it.id}`) };
}

/** The resources of one page by whom they are about, each page grouped once. */
function grouped(pages: readonly Page[], baseUrl: string) {
  const known = new Map<number, ReadonlyMap<string, readonly FhirResource[]>>();
  return <T extends ResourceType>(index: number, type: T, about: (it: Resource<T>) => Reference | undefined) => {
    const groups = known.get(index) ?? bySubject<Resource<T>>(resourcesOf(pages[index], type), about, baseUrl);
    known.set(index, groups);
    return groups as ReadonlyMap<string, readonly Resource<T>[]>;
  };
}

/** Records that the hospital merged, under the one that lives on. */
function persons(parts: readonly Part[], baseUrl: string): StepRecord[] {
  const byPatient = new Map(parts.map((it) => [it.subject, it]));
  const into = new Map(parts.flatMap((it) => mergedFrom(it.patient, baseUrl).map((other) => [other, it.subject])));
  const survivor = (subject: string): string => {
    const path = [subject];
    for (;;) {
      const at = path.at(-1) ?? subject;
      const next = mergedInto(byPatient.get(at)?.patient, baseUrl) ?? into.get(at);
      if (next === undefined || !byPatient.has(next)) return at;
      // Links in a circle name nobody who lives on: everybody in it is taken for the same one.
      if (path.includes(next)) return path.slice(path.indexOf(next)).sort()[0] ?? at;
      path.push(next);
    }
  };
  const groups = Map.groupBy(parts, (it) => survivor(it.subject));
  return [...groups].map(([subject, own]): StepRecord => {
    const all = <T>(of: (it: Part) => readonly T[]): T[] => own.flatMap(of);
    return {
      subject,
      patient: byPatient.get(subject)?.patient,
      aliases: own.map((it) => it.subject).sort(),
      patients: all((it) => (it.patient === undefined ? [] : [it.patient])),
      responses: [],
      reviews: [],
      caresForProgramme: false,
      derived: all((it) => it.derived),
      carePlans: all((it) => it.carePlans),
      tasks: all((it) => it.tasks),
      episodes: all((it) => it.episodes),
      careTeams: all((it) => it.careTeams),
      researchSubjects: all((it) => it.researchSubjects),
      consents: all((it) => it.consents),
      practitioners: new Map(),
      practitionerRoles: [],
      roles: new Map(),
    };
  });
}

/** Whoever the records name: their roles, whether they still work here, and the teams that only an episode or a plan names. */
async function withStaff(server: FhirServer, records: readonly StepRecord[], baseUrl: string): Promise<StepRecord[]> {
  const teams = missingTeams(records, baseUrl);
  const roleIds = idsOf(
    records.flatMap((it) => staffOf(it, baseUrl)),
    'PractitionerRole',
  );
  const [teamPage, rolePage] = await ask(
    server,
    [byIds('CareTeam', teams), byIds('PractitionerRole', roleIds)].filter((it) => it.params[0]?.[1] !== ''),
  );
  const found = [teamPage, rolePage].flatMap((it) => it?.resources ?? []);
  const extra = new Map<string, CareTeam>(
    found.flatMap((it) => (it.resourceType === 'CareTeam' ? [[`CareTeam/${it.id}`, it] as const] : [])),
  );
  const named = found.filter((it): it is PractitionerRole => it.resourceType === 'PractitionerRole');
  const whole = records.map((it) => ({
    ...it,
    careTeams: [...it.careTeams, ...namedTeams(it, baseUrl).flatMap((team) => extra.get(team) ?? [])],
  }));
  const holders = named.flatMap((it) => literal(it.practitioner, baseUrl) ?? []);
  const people = idsOf([...whole.flatMap((it) => staffOf(it, baseUrl)), ...holders], 'Practitioner');
  if (people.length === 0) return whole;
  const pages = await ask(server, [
    byIds('Practitioner', people),
    practitionerRolesOf(people.map((it) => `Practitioner/${it}`)),
  ]);
  const practitioners = new Map(
    resourcesOf(pages[0], 'Practitioner').map((it): [string, Practitioner] => [`Practitioner/${it.id}`, it]),
  );
  const practitionerRoles = [
    ...new Map([...named, ...resourcesOf(pages[1], 'PractitionerRole')].map((it) => [it.id, it])).values(),
  ];
  const roles = new Map(
    practitionerRoles.flatMap((it): [string, string][] => {
      const person = literal(it.practitioner, baseUrl);
      return person === undefined ? [] : [[`PractitionerRole/${it.id}`, person]];
    }),
  );
  return whole.map((it) => ({ ...it, practitioners, practitionerRoles, roles }));
}

const staffOf = (it: StepRecord, baseUrl: string): string[] =>
  [
    ...it.episodes.map((e) => e.careManager),
    ...it.careTeams.flatMap((t) => (t.participant ?? []).map((p) => p.member)),
    ...it.tasks.map((t) => t.owner),
  ].flatMap((ref) => literal(ref, baseUrl) ?? []);

function namedTeams(it: StepRecord, baseUrl: string): string[] {
  const here = new Set(it.careTeams.map((team) => `CareTeam/${team.id}`));
  const named = [...it.episodes.flatMap((e) => e.team ?? []), ...it.carePlans.flatMap((p) => p.careTeam ?? [])];
  return [...new Set(named.flatMap((ref) => literal(ref, baseUrl) ?? []))].filter(
    (team) => typeOf(team) === 'CareTeam' && !here.has(team),
  );
}

const missingTeams = (records: readonly StepRecord[], baseUrl: string): string[] =>
  idsOf(
    records.flatMap((it) => namedTeams(it, baseUrl)),
    'CareTeam',
  );
