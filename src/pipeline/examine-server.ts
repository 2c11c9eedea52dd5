import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js';
import { codeSystem } from '../domain/canonicals.ts';
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
import { FhirError, type FhirServer, type ResourceType, type Search } from '../fhir/port.ts';

/** One thing that the hospital’s server can or cannot do, in plain words. */
export interface Finding {
  readonly ability: string;
  readonly found: 'yes' | 'no' | 'unknown';
  /** What was seen. */
  readonly evidence: string;
  /** What Vincle does about it. */
  readonly consequence: string;
  /** Without it the alliance job cannot work. */
  readonly essential?: true;
}

const NOBODY = 'Patient/vincle-doctor-nobody';
const SOMETHING = 'https://w3id.org/vincle/Questionnaire/wai-s-p';
const WORKS = 'works as it should';

const reasonOf = (error: unknown): string =>
  error instanceof FhirError ? error.message : 'no answer that could be read';

/** What the server can do as far as reading tells; nothing is written. */
export async function examineServer(server: FhirServer): Promise<Finding[]> {
  const reached = await statementOf(server);
  if ('error' in reached)
    return [
      {
        ability: 'answers /metadata',
        found: 'no',
        evidence: reached.error,
        consequence: 'cannot be done: nothing works before the server is reached',
        essential: true,
      },
    ];
  const { statement } = reached;
  return [
    version(statement),
    await batches(server),
    declaredTransaction(statement),
    declaredClientIds(statement),
    ...(await searches(server)),
    await versionedCanonicals(server),
    await clock(server),
    subscriptions(statement),
  ];
}

async function statementOf(server: FhirServer): Promise<{ statement: CapabilityStatement } | { error: string }> {
  try {
    const body = await server.request('GET', 'metadata');
    return body.resourceType === 'CapabilityStatement'
      ? { statement: body }
      : { error: `a ${body.resourceType} instead of a CapabilityStatement` };
  } catch (error) {
    return { error: reasonOf(error) };
  }
}

const resourceOf = (statement: CapabilityStatement, type: string): CapabilityStatementRestResource | undefined =>
  statement.rest?.[0]?.resource?.find((it) => it.type === type);

function version(statement: CapabilityStatement): Finding {
  const isR4 = /^4\.0/.test(statement.fhirVersion);
  const software = [statement.software?.name, statement.software?.version].filter((it) => it !== undefined).join(' ');
  return {
    ability: 'is a FHIR R4 server',
    found: isR4 ? 'yes' : 'no',
    evidence: `fhirVersion ${statement.fhirVersion}${software === '' ? '' : `, ${software}`}`,
    consequence: isR4 ? WORKS : 'cannot be done: Vincle speaks R4',
    essential: true,
  };
}

async function batches(server: FhirServer): Promise<Finding> {
  const ability = 'answers several searches in one batch';
  try {
    await server.searchAll([researchSubjectsOf([NOBODY]), consentsOf([NOBODY])] as readonly Search[]);
    const { batch } = await server.capabilities();
    return batch
      ? { ability, found: 'yes', evidence: 'one batch of two searches was answered', consequence: WORKS }
      : {
          ability,
          found: 'no',
          evidence: 'the batch was refused',
          consequence: 'falls back: searches are sent one by one, about ten times as many requests',
        };
  } catch (error) {
    return {
      ability,
      found: 'unknown',
      evidence: reasonOf(error),
      consequence: 'to be looked at: reading is refused',
      essential: true,
    };
  }
}

function declaredTransaction(statement: CapabilityStatement): Finding {
  const declared = statement.rest?.[0]?.interaction?.map((it) => it.code) ?? [];
  const ability = 'declares transactions';
  if (declared.includes('transaction'))
    return { ability, found: 'yes', evidence: 'in its CapabilityStatement', consequence: WORKS };
  return {
    ability,
    found: declared.length === 0 ? 'unknown' : 'no',
    evidence:
      declared.length === 0
        ? 'its CapabilityStatement names no system interactions'
        : `it declares ${declared.join(', ')}`,
    consequence:
      'falls back where it refuses one: a patient’s resources are written one by one, and a crash in between is repaired by the next run',
  };
}

function declaredClientIds(statement: CapabilityStatement): Finding {
  const declared = resourceOf(statement, 'Observation')?.updateCreate === true;
  return {
    ability: 'declares that a client may choose ids (updateCreate)',
    found: declared ? 'yes' : 'unknown',
    evidence: declared
      ? 'in its CapabilityStatement'
      : 'not declared; HAPI does not declare it and does it (--write finds out)',
    consequence: declared
      ? WORKS
      : 'PUT by own id is tried; with FHIR_CLIENT_IDS=no resources are addressed by identifier instead',
  };
}

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
    'finds Questionnaires by canonical',
    questionnaireByUrl(SOMETHING),
    'other publishers’ forms are read by declared linkIds alone',
  ],
];

async function searches(server: FhirServer): Promise<Finding[]> {
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

/** Whether a search by canonical finds what was stored with its version, as far as anything stored tells. */
async function versionedCanonicals(server: FhirServer): Promise<Finding> {
  const ability = 'finds url|version by url';
  const consequence =
    'where it does not, set nothing: `vincle job alliance --all` still lists by version, see docs/operations.md';
  try {
    for await (const page of server.search({
      type: 'QuestionnaireResponse',
      params: [
        ['_elements', 'questionnaire'],
        ['_count', '20'],
      ],
    })) {
      const stored = page.resources.find((it) => it.questionnaire?.includes('|'));
      if (stored?.questionnaire === undefined)
        return {
          ability,
          found: 'unknown',
          evidence: 'no stored response names a version (--write finds out)',
          consequence,
        };
      const [url = ''] = stored.questionnaire.split('|');
      const [found] = await server.searchAll([
        {
          type: 'QuestionnaireResponse',
          params: [
            ['questionnaire', url],
            ['_count', '1'],
          ],
        },
      ]);
      const finds = (found?.resources.length ?? 0) > 0;
      return {
        ability,
        found: finds ? 'yes' : 'no',
        evidence: 'tried with a stored response',
        consequence: finds ? WORKS : consequence,
      };
    }
    return { ability, found: 'unknown', evidence: 'no response is stored', consequence };
  } catch (error) {
    return { ability, found: 'unknown', evidence: reasonOf(error), consequence };
  }
}

async function clock(server: FhirServer): Promise<Finding> {
  const [page] = await server
    .searchAll([{ type: 'Patient', params: [['_id', 'vincle-doctor-nobody']] }])
    .catch(() => []);
  const told = page?.serverTime !== undefined;
  const apart = told ? Math.round((Date.parse(page?.serverTime ?? '') - Date.now()) / 1000) : 0;
  return {
    ability: 'tells its time',
    found: told ? 'yes' : 'no',
    evidence: told
      ? `${Math.abs(apart)} s ${apart < 0 ? 'behind' : 'ahead of'} this machine`
      : 'no Date header, no meta.lastUpdated',
    consequence: told
      ? 'the checkpoint is kept in the server’s time'
      : 'falls back to this machine’s clock: raise FHIR_COMMIT_LAG_SECONDS by the difference of the two',
  };
}

function subscriptions(statement: CapabilityStatement): Finding {
  const there = resourceOf(statement, 'Subscription') !== undefined;
  return {
    ability: 'notifies of new responses (Subscription)',
    found: there ? 'unknown' : 'no',
    evidence: there
      ? 'Subscription is declared; whether rest-hooks are delivered shows in use'
      : 'Subscription is not declared',
    consequence: there
      ? 'with PUBLIC_URL and HOOKS_SECRET scores follow within seconds; the cron finds what a dead Subscription lost'
      : 'falls back: the cron alone finds what is new',
  };
}

const RELEASE = codeSystem('release');

/** Whether the server keeps a rating from those it is blinded from, asked with their own tokens. */
export async function examineLabels(asPerson: FhirServer, who: 'therapist' | 'patient'): Promise<Finding> {
  const label = `blinded-from-${who}`;
  const ability = `keeps ${label} Observations from a ${who}`;
  try {
    const [page] = await asPerson.searchAll([
      {
        type: 'Observation',
        params: [
          ['code', `${codeSystem('measure')}|`],
          ['_count', '200'],
        ],
      },
    ]);
    const shown = (page?.resources ?? []).filter((it) =>
      it.meta?.security?.some((s) => s.system === RELEASE && s.code === label),
    );
    return shown.length === 0
      ? {
          ability,
          found: 'unknown',
          evidence: `none was shown among ${page?.resources.length ?? 0}`,
          consequence: 'no leak was seen with this token',
        }
      : {
          ability,
          found: 'no',
          evidence: `${shown.length} were shown`,
          consequence:
            'cannot be done: this server does not honour security labels, so blinding holds in Vincle’s own pages only',
        };
  } catch (error) {
    return {
      ability,
      found: error instanceof FhirError && error.kind === 'unauthorized' ? 'yes' : 'unknown',
      evidence: reasonOf(error),
      consequence: 'this token reads no Observations',
    };
  }
}
