import type { CapabilityStatement, CapabilityStatementRestResource } from 'fhir/r4.js';
import { consentsOf, researchSubjectsOf } from '../domain/queries.ts';
import type { FhirServer, Search } from '../fhir/port.ts';
import { examineSearches } from './examine-searches.ts';
import { type Finding, NOBODY, reasonOf, WORKS } from './finding.ts';

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
    ...(await examineSearches(server)),
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
