import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { type Published, publishContent } from '../../src/pipeline/publish-content.ts';
import { type FaultProxy, type Passing, startProxy } from '../faults/proxy.ts';

const OPTIONS = { replace: false, dryRun: false } as const;
let embedded: Embedded;
let proxy: FaultProxy;
let resources: readonly FhirResource[];

beforeAll(async () => {
  embedded = await startEmbedded();
  proxy = await startProxy(embedded.baseUrl);
  const content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
  const some = new Set(['SearchParameter', 'PlanDefinition', 'ActivityDefinition', 'CodeSystem']);
  resources = content.resources.filter((it) => some.has(it.resourceType));
});

afterAll(async () => {
  await proxy.stop();
  await embedded.stop();
});

const unsupported = {
  status: 404,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: 'not-supported', diagnostics: 'SearchParameter is not known here' }],
  }),
};
const statesOf = (published: readonly Published[], type: string): string[] => [
  ...new Set(published.filter((it) => it.resource.startsWith(`${type}/`)).map((it) => it.state)),
];

test.each<readonly [string, (it: Passing) => boolean]>([
  ['refuses to store', (it) => it.method !== 'GET' && it.body.startsWith('{"resourceType":"SearchParameter"')],
  [
    'does not even know the type of',
    (it) => it.path.includes('SearchParameter') || it.body.includes('SearchParameter?'),
  ],
])(
  'a server that %s our search parameters gets everything else, and is told that nothing is wrong',
  async (_how, when) => {
    proxy.faults.splice(0, proxy.faults.length, { when, times: 1000, answer: unsupported });
    const published = await publishContent(
      connectFhir({ baseUrl: proxy.baseUrl, auth: { kind: 'none' } }),
      resources,
      OPTIONS,
    );
    expect(published).toHaveLength(resources.length);
    expect(statesOf(published, 'SearchParameter')).toEqual(['left out']);
    for (const type of ['PlanDefinition', 'ActivityDefinition', 'CodeSystem'])
      expect(['new', 'same']).toContain(statesOf(published, type).join());
  },
);

test('a server that takes them has the protocol after the activities that it names, and writes nothing the second time', async () => {
  proxy.faults.splice(0);
  const server = connectFhir({ baseUrl: proxy.baseUrl, auth: { kind: 'none' } });
  expect(statesOf(await publishContent(server, resources, OPTIONS), 'SearchParameter')).toEqual(['new']);
  const again = await publishContent(server, resources, OPTIONS);
  expect(new Set(again.map((it) => it.state))).toEqual(new Set(['same']));
  const types = again.map((it) => it.resource.split('/')[0]);
  expect(types.lastIndexOf('ActivityDefinition')).toBeLessThan(types.indexOf('PlanDefinition'));
});
