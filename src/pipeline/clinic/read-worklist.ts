import type { CarePlan, Patient, Task } from 'fhir/r4.js';
import { reachesEverybody } from '../../domain/access.ts';
import { levelOf } from '../../domain/care-plan.ts';
import { covers, localDate } from '../../domain/instant.ts';
import { membershipOf } from '../../domain/membership.ts';
import { type AllianceNews, allianceNews, isNews, PATIENT_CHANGE } from '../../domain/page/alliance-news.ts';
import {
  pageOf,
  rowOf,
  type WorklistAsked,
  type WorklistContext,
  type WorklistPatient,
} from '../../domain/page/worklist-page.ts';
import {
  byIds,
  carePlansOf,
  careTeamsWith,
  episodesManagedBy,
  episodesOf,
  escaped,
  participants,
  type Query,
  researchSubjectsOf,
} from '../../domain/queries.ts';
import { isQuestionnaireTask } from '../../domain/questionnaire-task.ts';
import { idOf, literal } from '../../domain/reference.ts';
import { isOpen } from '../../domain/review-task.ts';
import { openSafetyTasks } from '../../domain/safety-queries.ts';
import { openQuestionnaireTasks, questionnaireTasksOf } from '../../domain/schedule-queries.ts';
import { measuresOf, openProposals, practitionerRolesOf } from '../../domain/step-queries.ts';
import type { WorklistView } from '../../domain/view/worklist-view.ts';
import { tasksDueBefore } from '../../domain/worklist-queries.ts';
import { FhirError, type FhirServer, type Page, type ResourceType } from '../../fhir/port.ts';
import { ask, bySubject, resourcesOf } from '../by-subject.ts';
import { lookAtPatients, type OverviewPorts } from '../patient-overview.ts';
import { nameOf } from '../person-of-launch.ts';
import type { Reader } from './reader.ts';
import { formTitles } from './say.ts';

/** Of everybody who needs nobody so many are listed; the others are found by their name or number. */
const LISTED = 200;
const FOUND = 50;
/** Every status of a sign that no clinician closed. */
const NOT_CLOSED =
  'requested,received,accepted,in-progress,on-hold,ready,draft,rejected,cancelled,failed,entered-in-error';

/**
 * The reader’s patients by what needs somebody: four requests, one more where a rating changed, four for a role that
 * reaches everybody, however many patients there are. `exposes`: ratings of patients’ that the shown rows tell of. @throws FhirError where the server is not reached
 */
export async function readWorklist(
  { server, context }: OverviewPorts,
  reader: Reader,
  asked: WorklistAsked,
  nowMs: number,
): Promise<{ readonly view: WorklistView; readonly exposes: readonly string[] }> {
  const { settings, content } = context;
  const { baseUrl } = settings;
  const now = new Date(nowMs).toISOString();
  const everybody = reachesEverybody(content.access, reader.roles);
  const self = everybody ? [] : await namesOf(server, reader.practitioner);
  const own: Query<ResourceType>[] = everybody ? [] : [episodesManagedBy([reader.practitioner]), careTeamsWith(self)];
  const search: Query<ResourceType>[] = asked.q === '' || !everybody ? [] : [patientsNamed(asked.q)];
  const first = (late: readonly Query<ResourceType>[]) =>
    ask(server, [openSafetyTasks(NOT_CLOSED), openProposals(), ...own, ...search, ...late]);
  const pages = everybody ? await withLate(now, first) : await first([]);
  const [signs, proposals, ...more] = pages;
  const late = everybody ? resourcesOf(pages.at(-1), 'Task').filter((it) => isLate(it, nowMs)) : [];
  const waiting: Waiting = {
    signs: bySubject(resourcesOf(signs, 'Task'), (it) => it.for, baseUrl),
    proposals: bySubject(
      resourcesOf(proposals, 'CarePlan').filter((it) => it.status === 'draft' && levelOf(it) !== undefined),
      (it) => it.subject,
      baseUrl,
    ),
    overdue: bySubject(late, (it) => it.for, baseUrl),
  };
  const needing = [...waiting.signs.keys(), ...waiting.proposals.keys(), ...waiting.overdue.keys()];
  const candidates = everybody
    ? [...needing, ...patientsIn(more[0], baseUrl), ...(await someOf({ server, context }))]
    : caredFor(more, self, localDate(nowMs, settings.timeZone), baseUrl);
  const asking = everybody ? undefined : { viewer: reader.practitioner, nowMs };
  const patients = await known({ server, context }, [...new Set(candidates)], waiting, asking);
  const wording: WorklistContext = {
    protocol: content.protocol,
    instruments: content.instruments,
    formTitle: formTitles(content.resources),
    nowMs,
    zone: settings.timeZone,
    baseUrl,
  };
  const { shown, ...view } = pageOf(patients, asked, wording);
  const references = shown.map(({ it }) => `Patient/${it.patient.id}`);
  const [due, contacts] = references.length === 0 ? [] : await ask(server, besidesOf(references));
  const forms = resourcesOf(due, 'Task').filter(
    (it) => isQuestionnaireTask(it) && (everybody || !isPatientsRating(it, context)),
  );
  const dueBy = bySubject(forms, (it) => it.for, baseUrl);
  const contactsBy = bySubject(resourcesOf(contacts, 'Communication'), (it) => it.subject, baseUrl);
  const exposes = shown.flatMap(({ it }) => it.alliance?.exposes ?? []);
  const rows = shown.map((row) => {
    const reference = `Patient/${row.it.patient.id}`;
    return rowOf(row, dueBy.get(reference) ?? [], contactsBy.get(reference) ?? [], wording);
  });
  return { view: { ...view, rows }, exposes };
}

/** With the forms whose time has passed, by the search parameter of content; where the server lacks it, with all that are open. */
async function withLate(
  now: string,
  first: (late: readonly Query<ResourceType>[]) => Promise<readonly Page[]>,
): Promise<readonly Page[]> {
  try {
    return await first([tasksDueBefore(now)]);
  } catch (error) {
    if (!(error instanceof FhirError) || error.kind !== 'rejected') throw error;
    return first([openQuestionnaireTasks()]);
  }
}

const isLate = (task: Task, nowMs: number): boolean =>
  isQuestionnaireTask(task) && isOpen(task) && Date.parse(task.restriction?.period?.end ?? '') < nowMs;

/**
 * A form by which the patient rates the alliance: whether she has answered it is a part of her side, so it is on no list
 * of somebody who treats. Her page tells it once it is released.
 */
function isPatientsRating(task: Task, { content }: Pick<OverviewPorts['context'], 'content'>): boolean {
  const canonical = task.input?.find((it) => it.valueCanonical !== undefined)?.valueCanonical?.split('|')[0];
  return content.instruments.some((it) => it.url === canonical && it.alliance && it.rater === 'patient');
}

interface Waiting {
  readonly signs: ReadonlyMap<string, readonly Task[]>;
  readonly proposals: ReadonlyMap<string, readonly CarePlan[]>;
  readonly overdue: ReadonlyMap<string, readonly Task[]>;
}

const patientsNamed = (q: string): Query<'Patient'> => ({
  type: 'Patient',
  params: [
    ['name:contains', escaped(q)],
    ['_count', String(FOUND)],
  ],
});

const patientsIn = (page: Page | undefined, _baseUrl: string): string[] =>
  resourcesOf(page, 'Patient').map((it) => `Patient/${it.id}`);

const besidesOf = (patients: readonly string[]): Query<ResourceType>[] => [
  questionnaireTasksOf(patients),
  {
    type: 'Communication',
    params: [
      ['subject', patients.map(escaped).join(',')],
      ['status', 'completed'],
      ['_sort', '-sent'],
      ['_count', '300'],
    ],
  },
];

/** Some of the programme, for whoever reaches everybody: one page of who takes part, in the order of their ids. */
async function someOf({ server, context }: OverviewPorts): Promise<string[]> {
  const { study, baseUrl } = context.settings;
  const listed: Query<ResourceType> =
    study === undefined
      ? {
          type: 'CarePlan',
          params: [
            ['category', `${LEVELS}|`],
            ['status', 'active'],
            ['_elements', 'subject'],
          ],
        }
      : participants(study);
  const params = [...listed.params.filter(([name]) => name !== '_count'), ['_count', String(LISTED)] as const];
  for await (const page of server.search({ type: listed.type, params }))
    return page.resources.flatMap((it) => {
      const about =
        it.resourceType === 'ResearchSubject' ? it.individual : it.resourceType === 'CarePlan' ? it.subject : undefined;
      return literal(about, baseUrl) ?? [];
    });
  return [];
}

const LEVELS = 'https://w3id.org/vincle/CodeSystem/stepped-care-level';

/** What a practitioner is called in a team: by themselves, or by a role of theirs. */
async function namesOf(server: FhirServer, practitioner: string): Promise<readonly string[]> {
  const [page] = await ask(server, [practitionerRolesOf([practitioner])]);
  return [practitioner, ...resourcesOf(page, 'PractitionerRole').map((it) => `PractitionerRole/${it.id}`)];
}

/** Whom a practitioner cares for today, as episodes and teams say. */
function caredFor(pages: readonly Page[], self: readonly string[], today: string, baseUrl: string): string[] {
  const episodes = resourcesOf(pages[0], 'EpisodeOfCare').filter(
    (it) => it.status !== 'entered-in-error' && it.status !== 'cancelled' && covers(it.period, today),
  );
  const teams = resourcesOf(pages[1], 'CareTeam').filter(
    (it) =>
      it.status !== 'entered-in-error' &&
      it.status !== 'inactive' &&
      covers(it.period, today) &&
      it.participant?.some((one) => self.includes(literal(one.member, baseUrl) ?? '') && covers(one.period, today)),
  );
  return [...episodes.map((it) => it.patient), ...teams.map((it) => it.subject)].flatMap(
    (it) => literal(it, baseUrl) ?? [],
  );
}

/** Whose rating changed lately, as far as the reader may be told: asked only where any did. */
async function newsOf(
  ports: OverviewPorts,
  changes: Page | undefined,
  { viewer, nowMs }: { readonly viewer: string; readonly nowMs: number },
): Promise<ReadonlyMap<string, AllianceNews>> {
  const { timeZone, baseUrl } = ports.context.settings;
  const changed = resourcesOf(changes, 'Observation').filter((it) => isNews(it, nowMs, timeZone));
  const patients = [...new Set(changed.flatMap((it) => literal(it.subject, baseUrl) ?? []))];
  const looks = await lookAtPatients(ports, patients, viewer, nowMs);
  return new Map(
    [...looks].flatMap(([patient, { input, release }]): [string, AllianceNews][] => {
      const news = allianceNews(input, release);
      return news === undefined ? [] : [[patient, news]];
    }),
  );
}

/** Those of them who are of the programme, with what waits for each. */
async function known(
  { server, context }: OverviewPorts,
  patients: readonly string[],
  waiting: Waiting,
  /** Of the reader’s own patients: their forms, late where they ended before now, and how their ratings changed. */
  asking: { readonly viewer: string; readonly nowMs: number } | undefined,
): Promise<readonly WorklistPatient[]> {
  if (patients.length === 0) return [];
  const { settings, content } = context;
  const { baseUrl } = settings;
  const [people, subjects, episodes, plans, asked, changes] = await ask(server, [
    byIds('Patient', patients.map(idOf)),
    researchSubjectsOf(patients),
    episodesOf(patients),
    carePlansOf(patients),
    ...(asking === undefined ? [] : [questionnaireTasksOf(patients), measuresOf(patients, [PATIENT_CHANGE])]),
  ]);
  const late =
    asking === undefined
      ? []
      : resourcesOf(asked, 'Task').filter((it) => isLate(it, asking.nowMs) && !isPatientsRating(it, { content }));
  const news =
    asking === undefined ? new Map<string, AllianceNews>() : await newsOf({ server, context }, changes, asking);
  const overdue = asking === undefined ? waiting.overdue : bySubject(late, (it) => it.for, baseUrl);
  const [researchSubjects, episodesBy, plansBy] = [
    bySubject(resourcesOf(subjects, 'ResearchSubject'), (it) => it.individual, baseUrl),
    bySubject(resourcesOf(episodes, 'EpisodeOfCare'), (it) => it.patient, baseUrl),
    bySubject(resourcesOf(plans, 'CarePlan'), (it) => it.subject, baseUrl),
  ];
  return resourcesOf(people, 'Patient').flatMap((patient: Patient): WorklistPatient[] => {
    const reference = `Patient/${patient.id}`;
    const carePlans = plansBy.get(reference) ?? [];
    const record = {
      researchSubjects: researchSubjects.get(reference) ?? [],
      episodes: episodesBy.get(reference) ?? [],
      carePlans,
    };
    if (!membershipOf(record, settings).inScope) return [];
    return [
      {
        patient,
        name: nameOf(patient.name) ?? '',
        signs: waiting.signs.get(reference) ?? [],
        proposals: waiting.proposals.get(reference) ?? [],
        overdue: overdue.get(reference) ?? [],
        alliance: news.get(reference),
        plan: carePlans.find((it) => it.intent === 'plan' && (it.status === 'active' || it.status === 'on-hold')),
      },
    ];
  });
}
