import { codeSystem } from './canonicals.ts';
import {
  byIds,
  carePlansOf,
  careTeamsOf,
  consentsOf,
  episodesOf,
  escaped,
  type Query,
  researchSubjectsOf,
} from './queries.ts';
import { idOf, typeOf } from './reference.ts';
import { measuresOf, patientsLinkedTo, practitionerRolesOf } from './step-queries.ts';

const TASK = codeSystem('task');
/** Everything but what came to its end as it should: a sign that something else cancelled still waits for a person. */
const UNFINISHED =
  'requested,received,accepted,in-progress,on-hold,ready,draft,rejected,cancelled,failed,entered-in-error';

const including = <T extends string>(query: Query<T>, ...includes: string[]): Query<T> => ({
  ...query,
  params: [...query.params, ...includes.map((it): [string, string] => ['_include', it])],
});

/** Tasks about a patient that a look at them speaks of: forms, steps to decide, signs of danger; with their owners. */
const tasksOf = (patients: readonly string[]): Query<'Task'> => ({
  type: 'Task',
  params: [
    ['patient', patients.map(escaped).join(',')],
    ['code', ['questionnaire', 'decide-step', 'safety-review'].map((it) => `${TASK}|${it}`).join(',')],
    ['status', UNFINISHED],
    ['_count', '1000'],
    ['_include', 'Task:owner'],
  ],
});

/** The person who looks, `Practitioner/…` or `PractitionerRole/…`, with the roles they hold. */
function viewerOf(viewer: string | undefined): Query<'Practitioner' | 'PractitionerRole'>[] {
  if (viewer === undefined) return [];
  return typeOf(viewer) === 'Practitioner'
    ? [byIds('Practitioner', [idOf(viewer)]), practitionerRolesOf([viewer])]
    : [including(byIds('PractitionerRole', [idOf(viewer)]), 'PractitionerRole:practitioner')];
}

/** One batch: all that a look at these records of one person needs. */
export const overviewQueries = (patients: readonly string[], measures: readonly string[], viewer: string | undefined) =>
  [
    byIds('Patient', patients.map(idOf)),
    patientsLinkedTo(patients),
    measuresOf(patients, measures),
    including(carePlansOf(patients), 'CarePlan:care-team'),
    tasksOf(patients),
    including(episodesOf(patients), 'EpisodeOfCare:care-manager'),
    including(careTeamsOf(patients), 'CareTeam:participant'),
    researchSubjectsOf(patients),
    consentsOf(patients),
    ...viewerOf(viewer),
  ] as const;

const P = '{{context.patientId}}';
const bySystem = (name: string): string => encodeURIComponent(`${codeSystem(name)}|`);
const task = (code: string): string => `Task?patient=${P}&code=${encodeURIComponent(`${TASK}|${code}`)}&_count=1000`;

/**
 * What a CDS client may bring along: the same in the subset of searches that CDS Hooks recommends. Alliance ratings are
 * not among it, so that no client fetches for a blinded therapist what that therapist must not see.
 */
export const prefetchTemplates = (measures: readonly string[]): Readonly<Record<string, string>> => ({
  patient: `Patient/${P}`,
  linked: `Patient?link=Patient/${P}`,
  scores: `Observation?subject=Patient/${P}&code=${encodeURIComponent(measures.map((it) => `${codeSystem('measure')}|${it}`).join(','))}&_count=1000`,
  carePlans: `CarePlan?subject=Patient/${P}&category=${bySystem('stepped-care-level')}&_count=1000`,
  ratings: task('questionnaire'),
  decisions: task('decide-step'),
  signs: task('safety-review'),
  episodes: `EpisodeOfCare?patient=${P}`,
  careTeams: `CareTeam?subject=Patient/${P}`,
  studies: `ResearchSubject?individual=Patient/${P}`,
  user: 'Practitioner/{{userPractitionerId}}',
  userRoles: 'PractitionerRole?practitioner=Practitioner/{{userPractitionerId}}',
});
