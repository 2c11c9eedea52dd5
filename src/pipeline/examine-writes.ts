import type { Observation } from 'fhir/r4.js';
import { BASE, codeSystem } from '../domain/canonicals.ts';
import { FhirError, type FhirServer, type Write } from '../fhir/port.ts';
import { CHANGE_PROBES } from './examine-changes.ts';
import { cleanUp } from './examine-cleanup.ts';
import { type NamedProbe, PROBE, type Probing, probe, putProbe as put, SYNTHETIC_TAG as tag } from './examine-probe.ts';
import { type Finding, reasonOf, WORKS } from './finding.ts';

const RACERS = 8;

/** What only writing tells. Everything written is synthetic, tagged, entered in error, and deleted at the end. */
export async function examineWrites(server: FhirServer, run: string): Promise<Finding[]> {
  const probing: Probing = { server, run, made: new Set() };
  const findings: Finding[] = [];
  for (const [ability, examine] of [...PROBES, ...CHANGE_PROBES]) {
    try {
      findings.push({ ability, ...(await examine(probing)) });
    } catch (error) {
      findings.push({ ability, found: 'unknown', evidence: reasonOf(error), consequence: 'could not be tried' });
    }
  }
  findings.push(await cleanUp(server, probing.made));
  return findings;
}

/** Said as the server understands it (`fhir/create-only.ts`): in the standard’s words, or as HAPI takes it. */
async function createsOnly({ server, run, made }: Probing): Promise<Omit<Finding, 'ability'>> {
  const create = (value: number) =>
    server.write({ method: 'PUT', resource: probe(`${run}-once`, value), ifNoneMatch: '*' });
  made.add(`Observation/${run}-once`);
  await create(1);
  try {
    await create(2);
    return {
      found: 'no',
      evidence: 'the second was written over the first',
      consequence:
        'never run two deployments that share no STATE_URL: what one has just made, the other may write over',
    };
  } catch (error) {
    if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
    return { found: 'yes', evidence: `the second was refused, status ${error.status}`, consequence: WORKS };
  }
}

const PROBES: readonly NamedProbe[] = [
  [
    'creates by PUT on an absent id',
    async (it) => {
      const { status } = await put(it, probe(`${it.run}-a`, 1));
      return status === 201 || status === 200
        ? { found: 'yes', evidence: `status ${status}`, consequence: 'works as it should' }
        : {
            found: 'no',
            evidence: `status ${status}`,
            consequence: 'set FHIR_CLIENT_IDS=no: resources are addressed by identifier',
          };
    },
  ],
  [
    'makes no new version of an identical PUT',
    async (it) => {
      await put(it, probe(`${it.run}-a`, 1));
      const before = (await it.server.read('Observation', `${it.run}-a`))?.meta?.versionId;
      await put(it, probe(`${it.run}-a`, 1));
      const after = (await it.server.read('Observation', `${it.run}-a`))?.meta?.versionId;
      return before === after
        ? { found: 'yes', evidence: `version ${after} stayed`, consequence: 'works as it should' }
        : {
            found: 'no',
            evidence: `version ${before} became ${after}`,
            consequence: 'Vincle compares before it writes, so nothing is written twice',
          };
    },
  ],
  [
    'refuses a stale If-Match',
    async (it) => {
      await put(it, probe(`${it.run}-a`, 2));
      const read = await it.server.read('Observation', `${it.run}-a`);
      await put(it, probe(`${it.run}-a`, 3));
      try {
        await put(it, probe(`${it.run}-a`, 4), { ifMatch: read?.meta?.versionId ?? '1' });
        return {
          found: 'no',
          evidence: 'it was written over',
          consequence: 'two people deciding at once are not told: a change may be lost',
        };
      } catch (error) {
        const status = error instanceof FhirError ? error.status : undefined;
        return {
          found: status === 409 || status === 412 ? 'yes' : 'unknown',
          evidence: `status ${status}`,
          consequence: 'works as it should',
        };
      }
    },
  ],
  ['creates only where nothing stands yet', createsOnly],
  [
    'rolls a failed transaction back',
    async (it) => {
      const writes: Write[] = [
        { method: 'PUT', resource: probe(`${it.run}-b`, 1) },
        { method: 'PUT', resource: probe(`${it.run}-a`, 9), ifMatch: 'no-such-version' },
      ];
      it.made.add(`Observation/${it.run}-b`);
      const failed = await it.server.transaction(writes).then(
        () => false,
        () => true,
      );
      const stayed = (await it.server.read('Observation', `${it.run}-b`)) !== undefined;
      if (!failed)
        return {
          found: 'unknown',
          evidence: 'it did not fail',
          consequence: 'If-Match inside a transaction is not looked at',
        };
      return stayed
        ? {
            found: 'no',
            evidence: 'the first half stayed',
            consequence: 'a patient may be half written until the next run repairs it',
          }
        : { found: 'yes', evidence: 'nothing of it stayed', consequence: 'works as it should' };
    },
  ],
  [
    'creates once where eight ask at once (If-None-Exist)',
    async (it) => {
      const { id: _own, ...fresh } = probe(`${it.run}-race`, 1);
      const query = `identifier=${PROBE}|${it.run}-race`;
      await Promise.allSettled(
        Array.from({ length: RACERS }, () =>
          it.server.write({ method: 'POST', resource: fresh as Observation, ifNoneExist: query }),
        ),
      );
      const [page] = await it.server.searchAll([
        { type: 'Observation', params: [['identifier', `${PROBE}|${it.run}-race`]] },
      ]);
      for (const { id } of page?.resources ?? []) it.made.add(`Observation/${id}`);
      const count = page?.resources.length ?? 0;
      return count === 1
        ? { found: 'yes', evidence: 'one was stored', consequence: 'works as it should' }
        : {
            found: 'no',
            evidence: `${count} were stored`,
            consequence:
              'Vincle does not rely on it: one writer for a patient at a time, under ids of its own; where it may have none, a later run enters the second of two in error',
          };
    },
  ],
  [
    'replaces tags by PUT',
    async (it) => {
      await put(
        it,
        probe(
          `${it.run}-c`,
          1,
          [...tag, { system: codeSystem('tag'), code: 'key-unconfirmed', display: '' }].map(({ system, code }) => ({
            system,
            code,
            display: code,
          })),
        ),
      );
      await put(it, probe(`${it.run}-c`, 2));
      const tags = (await it.server.read('Observation', `${it.run}-c`))?.meta?.tag ?? [];
      return tags.length === 1
        ? { found: 'yes', evidence: 'the tag that was left out is gone', consequence: 'works as it should' }
        : {
            found: 'no',
            evidence: 'the tag that was left out stayed',
            consequence:
              'a rating that counts again stays tagged as not counted; the component and the status are right',
          };
    },
  ],
  [
    'shows in a search what was just written',
    async (it) => {
      await put(it, probe(`${it.run}-d`, 1));
      const [page] = await it.server.searchAll([
        { type: 'Observation', params: [['identifier', `${PROBE}|${it.run}-d`]] },
      ]);
      return page?.resources.length === 1
        ? { found: 'yes', evidence: 'found at once', consequence: 'works as it should' }
        : {
            found: 'no',
            evidence: 'not found at once',
            consequence: 'raise FHIR_COMMIT_LAG_SECONDS to the time its index needs',
          };
    },
  ],
  [
    'finds url|version by url, and only that',
    async (it) => {
      const url = `${BASE}/Questionnaire/doctor-${it.run}`;
      await put(it, {
        resourceType: 'QuestionnaireResponse',
        id: `${it.run}-q`,
        meta: { tag },
        status: 'entered-in-error',
        questionnaire: `${url}|1.0.0`,
      });
      const [byUrl, byOther] = await it.server.searchAll([
        { type: 'QuestionnaireResponse', params: [['questionnaire', url]] },
        { type: 'QuestionnaireResponse', params: [['questionnaire', `${url}-other`]] },
      ]);
      if ((byOther?.resources.length ?? 0) > 0)
        return {
          found: 'no',
          evidence: 'another questionnaire was returned too',
          consequence: 'falls back: Vincle filters again what it gets',
        };
      return byUrl?.resources.length === 1
        ? { found: 'yes', evidence: 'found by url', consequence: 'works as it should' }
        : {
            found: 'no',
            evidence: 'not found by url without its version',
            consequence: 'falls back: Vincle asks for every version it knows, too',
          };
    },
  ],
];
