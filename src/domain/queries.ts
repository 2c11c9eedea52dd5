import { BASE, codeSystem, DERIVED_IDENTIFIER } from './canonicals.ts';

/** A search as it is sent: parameters in order, values not yet URL-encoded. */
export interface Query<T extends string = string> {
  readonly type: T;
  readonly params: readonly (readonly [name: string, value: string])[];
}

const query = <T extends string>(type: T, ...params: (readonly [string, string])[]): Query<T> => ({ type, params });

/** `,`, `|`, `$` and `\` inside a value would be read as syntax. */
export const escaped = (value: string): string => value.replace(/[\\,|$]/g, (it) => `\\${it}`);

const anyOf = (values: readonly string[]): string => values.map(escaped).join(',');
/** A bar in a canonical stands before its version, and is meant. */
const anyCanonical = (values: readonly string[]): string => values.map((it) => it.replace(/[\\,$]/g, '\\$&')).join(',');
const ALL = ['_count', '1000'] as const;

/** Where a searched resource says whom it is about. */
const SUBJECT_PARAMETER = {
  QuestionnaireResponse: 'subject',
  Observation: 'subject',
  Task: 'patient',
  ResearchSubject: 'individual',
  EpisodeOfCare: 'patient',
  CareTeam: 'subject',
  CarePlan: 'subject',
  Consent: 'patient',
} as const;

/** What decides scope, visit and dyad; a change of any of these asks for its patient to be computed again. */
export const DECIDING_TYPES = [
  'ResearchSubject',
  'EpisodeOfCare',
  'CareTeam',
  'CarePlan',
  'Consent',
  'Patient',
] as const;
export type DecidingType = (typeof DECIDING_TYPES)[number];

const DECIDING_ELEMENTS: Record<DecidingType, string> = {
  ResearchSubject: 'individual',
  EpisodeOfCare: 'patient',
  CareTeam: 'subject',
  CarePlan: 'subject',
  Consent: 'patient',
  Patient: 'active',
};

/** Responses to the named Questionnaires changed at or after an instant (all where there is none), as little of each as is needed. */
export const changedResponses = (
  questionnaires: readonly string[],
  since: string | undefined,
): Query<'QuestionnaireResponse'> =>
  query(
    'QuestionnaireResponse',
    ['questionnaire', anyCanonical(questionnaires)],
    ...(since === undefined ? [] : [['_lastUpdated', `ge${since}`] as const]),
    ['_sort', '_lastUpdated,_id'],
    ['_elements', 'identifier,questionnaire,status,subject'],
    ALL,
  );

/** Resources of one deciding type changed at or after an instant. */
export const changedDeciding = <T extends DecidingType>(type: T, since: string): Query<T> =>
  query(
    type,
    ['_lastUpdated', `ge${since}`],
    ['_sort', '_lastUpdated,_id'],
    ['_elements', DECIDING_ELEMENTS[type]],
    ALL,
  );

type AboutSubjects = keyof typeof SUBJECT_PARAMETER;

const about = <T extends AboutSubjects>(
  type: T,
  subjects: readonly string[],
  ...more: (readonly [string, string])[]
): Query<T> => query(type, [SUBJECT_PARAMETER[type], anyOf(subjects)], ...more, ALL);

export const responsesOf = (
  subjects: readonly string[],
  questionnaires: readonly string[],
): Query<'QuestionnaireResponse'> =>
  about('QuestionnaireResponse', subjects, ['questionnaire', anyCanonical(questionnaires)]);

/** Vincle's own Observations about these subjects; `code=system|` is any code of that system. */
export const derivedOf = (subjects: readonly string[]): Query<'Observation'> =>
  about('Observation', subjects, ['code', `${codeSystem('measure')}|`]);

/** Vincle's Observations by their own identifiers. */
export const derivedById = (ids: readonly string[]): Query<'Observation'> =>
  query('Observation', ['identifier', ids.map((id) => `${DERIVED_IDENTIFIER}|${id}`).join(',')], ALL);

export const reviewsOf = (subjects: readonly string[]): Query<'Task'> =>
  about('Task', subjects, ['code', `${codeSystem('task')}|review-response`]);

/** Every review Task there is. */
export const allReviews = (): Query<'Task'> =>
  query('Task', ['code', `${codeSystem('task')}|review-response`], ['_sort', '_id'], ALL);

/** Review Tasks by their own identifiers: those about a response of nobody known have no patient to be found by. */
export const reviewsById = (ids: readonly string[]): Query<'Task'> =>
  query('Task', ['identifier', ids.map((id) => `${BASE}/identifier/task|${id}`).join(',')], ALL);

export const researchSubjectsOf = (patients: readonly string[]): Query<'ResearchSubject'> =>
  about('ResearchSubject', patients);
export const episodesOf = (patients: readonly string[]): Query<'EpisodeOfCare'> => about('EpisodeOfCare', patients);
export const careTeamsOf = (patients: readonly string[]): Query<'CareTeam'> => about('CareTeam', patients);
export const consentsOf = (patients: readonly string[]): Query<'Consent'> => about('Consent', patients);
export const carePlansOf = (patients: readonly string[]): Query<'CarePlan'> =>
  about('CarePlan', patients, ['category', `${codeSystem('stepped-care-level')}|`]);

/** Resources of one type by id. */
export const byIds = <T extends string>(type: T, ids: readonly string[]): Query<T> =>
  query(type, ['_id', ids.join(',')], ALL);

/** Responses that carry one of these identifiers (`system|value`), whoever they are about. */
export const responsesByIdentifier = (
  keys: readonly (readonly [system: string, value: string])[],
): Query<'QuestionnaireResponse'> =>
  query(
    'QuestionnaireResponse',
    ['identifier', keys.map(([system, value]) => `${escaped(system)}|${escaped(value)}`).join(',')],
    ['_elements', 'identifier,subject,questionnaire,status'],
    ALL,
  );

/** Vincle's Observations that rest on these responses, whoever they are about now. */
export const derivedFromResponses = (responses: readonly string[]): Query<'Observation'> =>
  query(
    'Observation',
    ['derived-from', anyOf(responses)],
    ['code', `${codeSystem('measure')}|`],
    ['_elements', 'identifier,subject,code,status,derivedFrom'],
    ALL,
  );

/** The same, whole: to be compared and retired. */
export const derivedWhollyFrom = (responses: readonly string[]): Query<'Observation'> =>
  query('Observation', ['derived-from', anyOf(responses)], ['code', `${codeSystem('measure')}|`], ALL);

/** Everybody in the programme, by what puts them there. */
export const participants = (study: string): Query<'ResearchSubject'> =>
  query('ResearchSubject', ['study', study], ['_sort', '_id'], ['_elements', 'individual'], ALL);
export const episodesOfType = (type: string): Query<'EpisodeOfCare'> =>
  query('EpisodeOfCare', ['type', type], ['_sort', '_id'], ['_elements', 'patient'], ALL);
export const steppedCarePlans = (): Query<'CarePlan'> =>
  query(
    'CarePlan',
    ['category', `${codeSystem('stepped-care-level')}|`],
    ['_sort', '_id'],
    ['_elements', 'subject'],
    ALL,
  );

/** Whom these practitioners care for. */
export const episodesManagedBy = (practitioners: readonly string[]): Query<'EpisodeOfCare'> =>
  query('EpisodeOfCare', ['care-manager', anyOf(practitioners)], ALL);
export const careTeamsWith = (practitioners: readonly string[]): Query<'CareTeam'> =>
  query('CareTeam', ['participant', anyOf(practitioners)], ALL);

/** A Questionnaire by its canonical without version. */
export const questionnaireByUrl = (url: string): Query<'Questionnaire'> => query('Questionnaire', ['url', url], ALL);

/** Which of these patients the server holds; nothing else is asked about them. */
export const existing = (ids: readonly string[]): Query<'Patient'> =>
  query('Patient', ['_id', ids.join(',')], ['_elements', 'id'], ALL);
