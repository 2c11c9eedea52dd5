import { codeSystem } from './canonicals.ts';
import { changedResponses, escaped, type Query } from './queries.ts';
import { TASK_IDENTIFIER } from './review-task.ts';
import { COMMUNICATION_IDENTIFIER, FLAG_IDENTIFIER } from './safety-identity.ts';

const ALL = ['_count', '1000'] as const;
const identifiers = (system: string, ids: readonly string[]): readonly [string, string] => [
  'identifier',
  ids.map((id) => `${system}|${id}`).join(','),
];

/** Responses that changed at or after an instant, whole: what was answered decides. */
export function changedAnswers(
  questionnaires: readonly string[],
  since: string | undefined,
): Query<'QuestionnaireResponse'> {
  const { type, params } = changedResponses(questionnaires, since);
  return { type, params: params.filter(([name]) => name !== '_elements') };
}

/** What puts somebody into the programme and changed at or after an instant: answers given before count from then on. */
export const changedMembership = <T extends 'ResearchSubject' | 'EpisodeOfCare' | 'CarePlan'>(
  type: T,
  since: string,
): Query<T> => ({
  type,
  params: [
    ['_lastUpdated', `ge${since}`],
    ['_sort', '_lastUpdated,_id'],
    ['_elements', { ResearchSubject: 'individual', EpisodeOfCare: 'patient', CarePlan: 'subject' }[type]],
    ALL,
  ],
});

export const safetyFlagsById = (ids: readonly string[]): Query<'Flag'> => ({
  type: 'Flag',
  params: [identifiers(FLAG_IDENTIFIER, ids), ALL],
});

export const safetyTasksById = (ids: readonly string[]): Query<'Task'> => ({
  type: 'Task',
  params: [identifiers(TASK_IDENTIFIER, ids), ALL],
});

/** Notices by the step of the chain that they are about. */
export const noticesOfSteps = (steps: readonly string[]): Query<'Communication'> => ({
  type: 'Communication',
  params: [identifiers(COMMUNICATION_IDENTIFIER, steps), ALL],
});

const SAFETY_REVIEW: readonly [string, string] = ['code', `${codeSystem('task')}|safety-review`];
const OPEN_STATUSES = 'requested,received,accepted,in-progress,on-hold,ready';

/** Safety reviews that nobody has closed, of everybody or of some patients. */
export const openSafetyTasks = (statuses = OPEN_STATUSES, patients: readonly string[] = []): Query<'Task'> => ({
  type: 'Task',
  params: [
    SAFETY_REVIEW,
    ['status', statuses],
    ...(patients.length === 0 ? [] : [['patient', patients.map(escaped).join(',')] as const]),
    ['_sort', 'authored-on,_id'],
    ALL,
  ],
});

/** Safety reviews that were marked completed, since an instant where one is given. */
export const completedSafetyTasks = (since: string | undefined): Query<'Task'> => ({
  type: 'Task',
  params: [
    SAFETY_REVIEW,
    ['status', 'completed'],
    ...(since === undefined ? [] : [['_lastUpdated', `ge${since}`] as const]),
    ['_sort', '_lastUpdated,_id'],
    ALL,
  ],
});

/** Patients whose record changed at or after an instant, with nothing but their links. */
export const changedLinks = (since: string): Query<'Patient'> => ({
  type: 'Patient',
  params: [['_lastUpdated', `ge${since}`], ['_sort', '_lastUpdated,_id'], ['_elements', 'link'], ALL],
});

export const listByIdentifier = (system: string, value: string): Query<'List'> => ({
  type: 'List',
  params: [['identifier', `${system}|${value}`]],
});
