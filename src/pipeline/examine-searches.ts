import {
  byIds,
  carePlansOf,
  careTeamsOf,
  careTeamsWith,
  changedDeciding,
  changedResponses,
  consentsOf,
  derivedFromResponses,
  derivedOf,
  episodesManagedBy,
  episodesOf,
  participants,
  type Query,
  questionnaireByUrl,
  researchSubjectsOf,
  responsesByIdentifier,
  reviewsOf,
} from '../domain/queries.ts';
import { flagsInForce, tasksDueBefore } from '../domain/worklist-queries.ts';
import type { FhirServer, ResourceType, Search } from '../fhir/port.ts';
import { type Finding, NOBODY, reasonOf, WORKS } from './finding.ts';

const SOMETHING = 'https://w3id.org/vincle/Questionnaire/wai-s-p';

const SEARCHES: readonly (readonly [what: string, query: Query<ResourceType>, without: string])[] = [
  [
    'finds responses by questionnaire and time of change',
    changedResponses([SOMETHING], '2020-01-01T00:00:00.000Z'),
    'cannot be done: the job would not know what is new',
  ],
  [
    'finds Vincle’s Observations by patient and code system',
    derivedOf([NOBODY]),
    'cannot be done: the job would not see what it wrote',
  ],
  [
    'finds Observations by the response they rest on',
    derivedFromResponses(['QuestionnaireResponse/vincle-doctor-none']),
    'a response moved to another patient leaves its old score until `job alliance --all`',
  ],
  [
    'finds responses by identifier',
    responsesByIdentifier([['urn:vincle:doctor', 'none']]),
    'one identifier on two patients is found by `job alliance --all` alone',
  ],
  ['finds ResearchSubjects by patient', researchSubjectsOf([NOBODY]), 'STUDY cannot be used: set EPISODE_TYPE'],
  [
    'finds ResearchSubjects by study',
    participants('ResearchStudy/vincle-doctor-none'),
    'patients without a response are not seen by a full run',
  ],
  ['finds EpisodesOfCare by patient', episodesOf([NOBODY]), 'EPISODE_TYPE cannot be used: set STUDY'],
  ['finds CareTeams by patient', careTeamsOf([NOBODY]), 'therapists are known by EpisodeOfCare.careManager alone'],
  ['finds CarePlans by patient and level', carePlansOf([NOBODY]), 'nobody is in the programme by a CarePlan'],
  ['finds Consents by patient', consentsOf([NOBODY]), 'cannot be done safely: a denial would not be seen'],
  [
    'finds review Tasks by patient and code',
    reviewsOf([NOBODY]),
    'cannot be done: a closed review would be raised again',
  ],
  [
    'finds Patients by several ids',
    byIds('Patient', ['vincle-doctor-a', 'vincle-doctor-b']),
    'cannot be done: unknown patients would not be told apart',
  ],
  [
    'finds Patients by time of change',
    changedDeciding('Patient', '2099-01-01T00:00:00.000Z'),
    'corrections of patients are found by `job alliance --all` alone',
  ],
  [
    'finds EpisodesOfCare by care manager',
    episodesManagedBy(['Practitioner/vincle-doctor-none']),
    'therapists’ answers about the platform need a CareTeam',
  ],
  [
    'finds CareTeams by participant',
    careTeamsWith(['Practitioner/vincle-doctor-none']),
    'therapists’ answers about the platform need an EpisodeOfCare',
  ],
  [
    'finds safety Flags by status and category',
    flagsInForce(),
    'falls back: `publish` brings the search parameters; without them signs are found by their urgent Tasks',
  ],
  [
    'finds Tasks by the end of their window',
    tasksDueBefore('2020-01-01T00:00:00Z'),
    'falls back: `publish` brings the search parameter; without it open Tasks are read and sorted by their window',
  ],
  [
    'finds Questionnaires by canonical',
    questionnaireByUrl(SOMETHING),
    'other publishers’ forms are read by declared linkIds alone',
  ],
];

/** Each search that Vincle sends, tried with somebody whom no server holds. */
export async function examineSearches(server: FhirServer): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [ability, query, without] of SEARCHES)
    findings.push(await searched(server, ability, query as Search, without));
  return findings;
}

async function searched(server: FhirServer, ability: string, search: Search, without: string): Promise<Finding> {
  const essential = without.startsWith('cannot') ? ({ essential: true } as const) : {};
  try {
    const [page] = await server.searchAll([
      { ...search, params: search.params.map(([name, value]) => [name, name === '_count' ? '1' : value] as const) },
    ]);
    const ignored = page?.ignored ?? [];
    if (ignored.length === 0)
      return {
        ability,
        found: 'yes',
        evidence: `${search.type} by ${named(search)}`,
        consequence: WORKS,
        ...essential,
      };
    return {
      ability,
      found: 'no',
      evidence: `the server ignores ${ignored.join(', ')} and returns everything`,
      consequence: 'falls back: Vincle filters again what it gets, at the cost of reading it',
      ...essential,
    };
  } catch (error) {
    return { ability, found: 'no', evidence: reasonOf(error), consequence: without, ...essential };
  }
}

const named = (search: Search): string =>
  search.params
    .map(([name]) => name)
    .filter((it) => !['_count', '_sort', '_elements'].includes(it))
    .join(' and ');
