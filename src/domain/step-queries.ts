import { codeSystem } from './canonicals.ts';
import { escaped, type Query } from './queries.ts';
import { idOf } from './reference.ts';

const ALL = ['_count', '1000'] as const;
const MEASURE = codeSystem('measure');
const TASK = codeSystem('task');
const LEVELS = `${codeSystem('stepped-care-level')}|`;

const anyOf = (references: readonly string[]): string => references.map(escaped).join(',');
const codes = (system: string, all: readonly string[]): string => all.map((it) => `${system}|${it}`).join(',');

/** Derived Observations of some measures that changed at or after an instant. */
export const changedMeasures = (measures: readonly string[], since: string): Query<'Observation'> => ({
  type: 'Observation',
  params: [
    ['code', codes(MEASURE, measures)],
    ['_lastUpdated', `ge${since}`],
    ['_sort', '_lastUpdated,_id'],
    ['_elements', 'subject'],
    ALL,
  ],
});

/** Staff who changed at or after an instant: somebody may have left. */
export const changedStaff = <T extends 'Practitioner' | 'PractitionerRole'>(type: T, since: string): Query<T> => ({
  type,
  params: [
    ['_lastUpdated', `ge${since}`],
    ['_sort', '_lastUpdated,_id'],
    ['_elements', type === 'Practitioner' ? 'active' : 'practitioner,active'],
    ALL,
  ],
});

const DECIDE: readonly [string, string] = ['code', `${TASK}|decide-step`];

/** Tasks to decide that wait with these people. */
export const decideTasksOwnedBy = (owners: readonly string[]): Query<'Task'> => ({
  type: 'Task',
  params: [
    ['owner', anyOf(owners)],
    DECIDE,
    ['status', 'requested,accepted,in-progress,on-hold'],
    ['_elements', 'for'],
    ALL,
  ],
});

export const measuresOf = (patients: readonly string[], measures: readonly string[]): Query<'Observation'> => ({
  type: 'Observation',
  params: [['subject', anyOf(patients)], ['code', codes(MEASURE, measures)], ALL],
});

/** Tasks to decide, and those of the levels’ activities. */
export const stepTasksOf = (patients: readonly string[]): Query<'Task'> => ({
  type: 'Task',
  params: [['patient', anyOf(patients)], ['code', codes(TASK, ['decide-step', 'level-activity'])], ALL],
});

/** Patients whose records the hospital linked to these. */
export const patientsLinkedTo = (patients: readonly string[]): Query<'Patient'> => ({
  type: 'Patient',
  params: [['link', anyOf(patients)], ALL],
});

/** The roles that these people hold. */
export const practitionerRolesOf = (practitioners: readonly string[]): Query<'PractitionerRole'> => ({
  type: 'PractitionerRole',
  params: [['practitioner', anyOf(practitioners)], ALL],
});

/** Proposals that wait for a decision, of everybody. */
export const openProposals = (): Query<'CarePlan'> => ({
  type: 'CarePlan',
  params: [['category', LEVELS], ['status', 'draft'], ['intent', 'proposal'], ['_sort', '_id'], ALL],
});

/** Plans in force that rest on an answer since amended, of everybody. */
export const amendedPlans = (): Query<'CarePlan'> => ({
  type: 'CarePlan',
  params: [
    ['_tag', `${codeSystem('tag')}|evidence-amended`],
    ['category', LEVELS],
    ['status', 'active'],
    ['_sort', '_id'],
    ALL,
  ],
});

/** What is said about who did what to these CarePlans. */
export const provenanceOf = (carePlans: readonly string[]): Query<'Provenance'> => ({
  type: 'Provenance',
  params: [['target', anyOf(carePlans)], ALL],
});

/** Ids out of `Type/id` references of one type. */
export const idsOf = (references: Iterable<string>, type: string): string[] =>
  [...new Set(references)].filter((it) => it.startsWith(`${type}/`)).map(idOf);
