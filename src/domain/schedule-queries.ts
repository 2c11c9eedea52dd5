import { codeSystem } from './canonicals.ts';
import { escaped, type Query } from './queries.ts';

const ALL = ['_count', '1000'] as const;
const QUESTIONNAIRE: readonly [string, string] = ['code', `${codeSystem('task')}|questionnaire`];
const REMINDER: readonly [string, string] = [
  'category',
  'http://terminology.hl7.org/CodeSystem/communication-category|reminder',
];
const OPEN = 'requested,ready,received,accepted,in-progress,on-hold,draft';

const anyOf = (references: readonly string[]): string => references.map(escaped).join(',');

/** Questionnaire Tasks that changed at or after an instant, whoever changed them. */
export const changedQuestionnaireTasks = (since: string): Query<'Task'> => ({
  type: 'Task',
  params: [
    QUESTIONNAIRE,
    ['_lastUpdated', `ge${since}`],
    ['_sort', '_lastUpdated,_id'],
    ['_elements', 'for,owner'],
    ALL,
  ],
});

/** Questionnaire Tasks for these patients, or for these practitioners where they themselves are whom the answers are about. */
export const questionnaireTasksOf = (subjects: readonly string[]): Query<'Task'> => ({
  type: 'Task',
  params: [['subject', anyOf(subjects)], QUESTIONNAIRE, ALL],
});

/** Open questionnaire Tasks that wait with these people. */
export const questionnaireTasksOwnedBy = (owners: readonly string[]): Query<'Task'> => ({
  type: 'Task',
  params: [['owner', anyOf(owners)], QUESTIONNAIRE, ['status', OPEN], ['_elements', 'for'], ALL],
});

/** Every open questionnaire Task: somebody may have left the programme since. */
export const openQuestionnaireTasks = (): Query<'Task'> => ({
  type: 'Task',
  params: [QUESTIONNAIRE, ['status', OPEN], ['_sort', '_id'], ['_elements', 'for'], ALL],
});

/** Reminders that were begun and not finished, and orders that somebody is not to be reminded. */
export const activeReminders = (): Query<'CommunicationRequest'> => ({
  type: 'CommunicationRequest',
  params: [REMINDER, ['status', 'active'], ['_sort', '_id'], ALL],
});

/** Active requests about reminders to these people: among them those that forbid them. */
export const remindersTo = (recipients: readonly string[]): Query<'CommunicationRequest'> => ({
  type: 'CommunicationRequest',
  params: [['recipient', anyOf(recipients)], REMINDER, ['status', 'active'], ALL],
});

/** The same by whom they are about: an order may name the patient as its subject alone. */
export const remindersAbout = (patients: readonly string[]): Query<'CommunicationRequest'> => ({
  type: 'CommunicationRequest',
  params: [['subject', anyOf(patients)], REMINDER, ['status', 'active'], ALL],
});
