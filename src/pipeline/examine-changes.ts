import type { Subscription } from 'fhir/r4.js';
import { FhirError } from '../fhir/port.ts';
import { type NamedProbe, PROBE, probe, putProbe } from './examine-probe.ts';
import { WORKS } from './finding.ts';

/** Nobody listens there (RFC 2606), and nothing matches the criteria: a server that takes it has nothing to send. */
const NOWHERE = 'https://vincle-doctor.invalid/hooks';

/** How the server tells of changes, and how it takes them. */
export const CHANGE_PROBES: readonly NamedProbe[] = [
  [
    'updates by condition (PUT by identifier)',
    async (it) => {
      const { id: _own, ...body } = probe(`${it.run}-e`, 1);
      const where = `Observation?identifier=${PROBE}|${it.run}-e`;
      const ids = new Set<string | undefined>();
      for (const valueInteger of [1, 2]) {
        const { id } = await it.server.write({ method: 'PUT', resource: { ...body, valueInteger }, where });
        if (id !== undefined) it.made.add(`Observation/${id}`);
        ids.add(id);
      }
      return ids.size === 1 && !ids.has(undefined)
        ? { found: 'yes', evidence: 'the second PUT changed what the first had made', consequence: WORKS }
        : {
            found: 'no',
            evidence: `${ids.size} resources came of two PUTs`,
            consequence:
              'needed where the server gives its own ids: without either of the two nothing can be kept once',
          };
    },
  ],
  [
    'finds what changed since an instant, in that order',
    async (it) => {
      await putProbe(it, probe(`${it.run}-f`, 1));
      await putProbe(it, probe(`${it.run}-g`, 1));
      const written = async (id: string) => (await it.server.read('Observation', id))?.meta?.lastUpdated;
      const [first, second] = [await written(`${it.run}-f`), await written(`${it.run}-g`)];
      if (first === undefined || second === undefined)
        return {
          found: 'no',
          evidence: 'no meta.lastUpdated',
          consequence: 'cannot be done: the job would not know what is new',
        };
      const later = new Date(Date.parse(second) + 3_600_000).toISOString();
      const since = (instant: string) => ({
        type: 'Observation' as const,
        params: [
          ['identifier', `${PROBE}|${it.run}-f,${PROBE}|${it.run}-g`],
          ['_lastUpdated', `ge${instant}`],
          ['_sort', '_lastUpdated,_id'],
        ] as const,
      });
      const pages = await it.server.searchAll([since(first), since(later)]);
      const [found = [], none = []] = pages.map(({ resources }) => resources.map(({ id }) => id));
      const expected = [`${it.run}-f`, `${it.run}-g`];
      if (none.length > 0)
        return {
          found: 'no',
          evidence: '_lastUpdated is not searched by',
          consequence: 'falls back: every run reads everything, and drops what it has seen',
        };
      return found.join() === expected.join()
        ? { found: 'yes', evidence: 'the instant itself is included, the earlier comes first', consequence: WORKS }
        : {
            found: 'no',
            evidence: `${found.length} of 2 found, or in another order`,
            consequence: 'raise FHIR_COMMIT_LAG_SECONDS to the time its index needs; the order alone does no harm',
          };
    },
  ],
  [
    'takes a rest-hook Subscription',
    async (it) => {
      const wanted: Subscription = {
        resourceType: 'Subscription',
        id: `${it.run}-s`,
        status: 'requested',
        reason: 'Vincle doctor: a probe of this server, deleted at once',
        criteria: `QuestionnaireResponse?identifier=${PROBE}|${it.run}-none`,
        channel: { type: 'rest-hook', endpoint: NOWHERE, payload: 'application/fhir+json' },
      };
      try {
        await putProbe(it, wanted);
        return {
          found: 'yes',
          evidence: 'it was stored',
          consequence: 'with PUBLIC_URL and HOOKS_SECRET scores follow within seconds of an answer',
        };
      } catch (error) {
        if (!(error instanceof FhirError) || error.kind === 'unreachable') throw error;
        return {
          found: 'no',
          evidence: error.message,
          consequence:
            'falls back: the cron alone finds what is new (on HAPI: hapi.fhir.subscription.resthook_enabled)',
        };
      }
    },
  ],
];
