import type {
  CarePlan,
  CareTeam,
  Consent,
  FhirResource,
  Patient,
  Practitioner,
  PractitionerRole,
  ResearchSubject,
  Task,
} from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
import { CONSENT_PURPOSE } from '../domain/consent.ts';
import { languageOf } from '../domain/contact.ts';
import { localDate } from '../domain/instant.ts';
import { isQuestionnaireTask } from '../domain/questionnaire-task.ts';
import { SYNTHETIC } from '../embedded/cohort/marks.ts';
import type { Door } from '../embedded/smart/launch-page.ts';
import type { FhirServer, ResourceType, Search } from '../fhir/port.ts';

const COORDINATOR = 'care-practitioner-coordinator';
const OFFICER = 'demo-privacy-officer';
const RESEARCHER = 'demo-researcher';
const ROLE = codeSystem('role');

const roleOf = (practitioner: string, code: string, display: string): PractitionerRole => ({
  resourceType: 'PractitionerRole',
  id: `${practitioner}-${code}`,
  meta: SYNTHETIC,
  active: true,
  practitioner: { reference: `Practitioner/${practitioner}` },
  code: [{ coding: [{ system: ROLE, code, display }] }],
});

const person = (id: string, family: string): Practitioner => ({
  resourceType: 'Practitioner',
  id,
  meta: SYNTHETIC,
  active: true,
  name: [{ family, given: ['Synthetic'], text: `Synthetic ${family}` }],
});

/** The people of the demonstration who treat nobody: a coordinator, a privacy officer and a researcher, with their roles. */
export async function employ(server: FhirServer): Promise<void> {
  const resources: FhirResource[] = [
    person(OFFICER, 'Privacy Officer'),
    person(RESEARCHER, 'Researcher'),
    roleOf(COORDINATOR, 'coordinator', 'Coordinator'),
    roleOf(OFFICER, 'privacy-officer', 'Privacy officer'),
    roleOf(RESEARCHER, 'researcher', 'Researcher'),
  ];
  await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
}

async function all<T extends FhirResource>(server: FhirServer, search: Search<ResourceType>): Promise<T[]> {
  const found: FhirResource[] = [];
  for await (const page of server.search(search)) found.push(...page.resources);
  return found.filter((it): it is T => it.resourceType === search.type);
}

/** Doors of those who treat nobody. */
const OFFICE: ReadonlySet<string> = new Set(['coordinator', 'privacy', 'researcher']);

const OPEN = 'requested,received,accepted,ready';

/**
 * The doors of one demonstration. The staff stays who it was, also once nothing is proposed any more; patients are those
 * who are asked something now.
 */
export function doorsFrom(server: FhirServer): () => Promise<readonly Door[]> {
  let staff: readonly Door[] | undefined;
  const isPatient = ({ id }: Door): boolean => id.startsWith('patient-');
  return async () => {
    const now = await doorsOf(server);
    staff ??= now.filter((it) => !isPatient(it) && it.of === undefined);
    const office = (it: Door): boolean => OFFICE.has(it.id);
    const one = now.filter((it) => it.of !== undefined);
    return [...staff.filter((it) => !office(it)), ...now.filter(isPatient), ...staff.filter(office), ...one];
  };
}

/** Who may sit down at the demonstration now: whoever has something to do there. */
async function doorsOf(server: FhirServer): Promise<readonly Door[]> {
  const [proposals, tasks, teams, people, subjects] = await Promise.all([
    all<CarePlan>(server, { type: 'CarePlan', params: [['status', 'draft']] }),
    all<Task>(server, { type: 'Task', params: [['status', OPEN]] }),
    all<CareTeam>(server, { type: 'CareTeam', params: [['status', 'active']] }),
    all<Patient>(server, {
      type: 'Patient',
      params: [
        ['_sort', '_id'],
        ['_count', '500'],
      ],
    }),
    all<ResearchSubject>(server, { type: 'ResearchSubject', params: [['_count', '500']] }),
  ]);
  const therapistOf = (patient: string): string | undefined =>
    teams
      .filter((it) => it.subject?.reference === patient)
      .flatMap((it) => it.participant ?? [])
      .find((it) => it.role?.some((r) => r.coding?.some((c) => c.code === 'psycho-oncologist')) && !it.period?.end)
      ?.member?.reference;
  const asked = tasks.filter((it) => isQuestionnaireTask(it) && it.owner?.reference === it.for?.reference);
  const proposed = proposals.flatMap((it) => it.subject.reference ?? []);
  const chart = proposed.find((it) => therapistOf(it) !== undefined);
  const therapist = chart === undefined ? undefined : therapistOf(chart);
  const patients = [...new Set(asked.flatMap((it) => it.for?.reference ?? []))].slice(0, 3);
  return [
    ...(therapist === undefined
      ? []
      : [door('therapist', 'Therapist', therapist, 'Opens Vincle alone: the list of everybody in her care')]),
    ...(therapist === undefined || chart === undefined
      ? []
      : [
          {
            ...door('chart', 'Therapist, from a chart', therapist, `Opens ${chart} from the record: that patient only`),
            context: { user: therapist, patient: chart },
            fromChart: true,
          },
        ]),
    ...patients.map((it, at) =>
      door(`patient-${at + 1}`, 'Patient', it, 'On a phone: the forms that are asked of her, what she answered'),
    ),
    door(
      'coordinator',
      'Coordinator',
      `Practitioner/${COORDINATOR}`,
      'Everybody of the programme, and what was refused',
    ),
    door('privacy', 'Privacy officer', `Practitioner/${OFFICER}`, 'Who looked at what'),
    door('researcher', 'Researcher', `Practitioner/${RESEARCHER}`, 'The cohort: blind, because the study is running'),
    ...people.slice(0, MOST).flatMap((it) => patientDoors(it, therapistOf(`Patient/${it.id}`), subjects)),
  ];
}

/** Patients in the table of the launch page; more would not be a page to choose from. */
const MOST = 60;

/** A patient opened as herself, and from the chart by whoever treats her. */
function patientDoors(it: Patient, therapist: string | undefined, subjects: readonly ResearchSubject[]): Door[] {
  const patient = `Patient/${it.id}`;
  const subject = subjects.find((one) => one.individual.reference === patient);
  const study = subject === undefined ? 'in care' : subject.status === 'on-study' ? 'in the study' : 'after the study';
  const about = [study, subject?.assignedArm, it.birthDate?.slice(0, 4), languageOf(it)];
  const of = {
    id: it.id ?? '',
    name: it.name?.[0]?.text ?? it.id ?? '',
    about: about.filter((one) => one !== undefined).join(' · '),
  };
  const herself = { ...door(`as-${it.id}`, 'as the patient', patient, ''), of };
  if (therapist === undefined) return [herself];
  const context = { user: therapist, patient };
  return [{ ...door(`chart-${it.id}`, 'as the therapist', therapist, ''), context, fromChart: true, of }, herself];
}

/**
 * Ends the study for one patient of the door’s therapist, who agrees to the release of her ratings: otherwise nobody
 * could see in the demonstration what a therapist sees once both sides may be shown.
 */
export async function releaseOne(server: FhirServer, nowMs: number, zone: string): Promise<void> {
  const subjects = await all<ResearchSubject>(server, { type: 'ResearchSubject', params: [['_count', '500']] });
  const subject = subjects.find((it) => it.individual.reference === `Patient/${RELEASED}`);
  if (subject === undefined) return;
  const date = localDate(nowMs, zone);
  const consent: Consent = {
    resourceType: 'Consent',
    id: `${RELEASED}-release`,
    meta: SYNTHETIC,
    status: 'active',
    scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' }] },
    category: [{ coding: [{ system: CONSENT_PURPOSE, code: 'alliance-release' }] }],
    patient: subject.individual,
    dateTime: date,
    policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
    provision: { type: 'permit' },
  };
  const ended: ResearchSubject = { ...subject, status: 'off-study', period: { ...subject.period, end: date } };
  await server.transaction([consent, ended].map((resource) => ({ method: 'PUT', resource })));
}

const RELEASED = 'care-patient-0005';

const door = (id: string, title: string, user: string, what: string): Door => ({
  id,
  title,
  who: user,
  what,
  context: user.startsWith('Patient/') ? { user, patient: user } : { user },
  fromChart: false,
});
