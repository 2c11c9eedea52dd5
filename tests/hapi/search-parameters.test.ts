import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { loadContent } from '../../src/content/load.ts';
import type { Content } from '../../src/content/port.ts';
import type { Query } from '../../src/domain/queries.ts';
import { flagsInForce, tasksDueBefore } from '../../src/domain/worklist-queries.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Resource, ResourceType } from '../../src/fhir/port.ts';
import { publishContent } from '../../src/pipeline/publish-content.ts';
import { type Hapi, startHapi } from './rig/hapi.ts';

let hapi: Hapi;
let server: FhirServer;
let content: Content;

const SAFETY = { system: 'http://terminology.hl7.org/CodeSystem/flag-category', code: 'safety' };
const PATIENT = { reference: 'Patient/found' };

const flag = (id: string, status: 'active' | 'inactive', category: string): FhirResource => ({
  resourceType: 'Flag',
  id,
  status,
  category: [{ coding: [{ ...SAFETY, code: category }] }],
  code: { text: 'synthetic' },
  subject: PATIENT,
});

const task = (id: string, status: 'requested' | 'completed', end: string): FhirResource => ({
  resourceType: 'Task',
  id,
  status,
  intent: 'order',
  for: PATIENT,
  restriction: { period: { start: '2026-01-01T00:00:00Z', end } },
});

beforeAll(async () => {
  content = await loadContent({ shipped: new URL('../..', import.meta.url).pathname });
  hapi = await startHapi({ database: 'h2' });
  server = connectFhir({ baseUrl: hapi.baseUrl, auth: { kind: 'none' } });
  const parameters = content.resources.filter((it) => it.resourceType === 'SearchParameter');
  const published = await publishContent(server, parameters, { replace: false, dryRun: false });
  expect(published.map((it) => it.state)).toEqual(['new', 'new', 'new']);
  await known();
  const resources = [
    { resourceType: 'Patient', id: 'found' } as const,
    flag('stands', 'active', 'safety'),
    flag('closed', 'inactive', 'safety'),
    flag('diet', 'active', 'diet'),
    task('late', 'requested', '2026-03-01T00:00:00Z'),
    task('late-and-done', 'completed', '2026-03-01T00:00:00Z'),
    task('in-time', 'requested', '2026-05-01T00:00:00Z'),
  ];
  await server.transaction(resources.map((resource) => ({ method: 'PUT', resource })));
}, 300_000);

afterAll(async () => hapi?.stop());

/** HAPI takes new parameters into use by itself, some time after they were stored. */
async function known(): Promise<void> {
  for (let tries = 0; tries < 120; tries += 1) {
    const answers = await Promise.all(
      ['Flag?status=active&category=safety', 'Task?restriction-period=eb2026-01-01'].map((it) =>
        fetch(`${hapi.baseUrl}/${it}`),
      ),
    );
    if (answers.every((it) => it.ok)) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  throw new Error('HAPI did not take the search parameters into use');
}

async function idsOf<T extends ResourceType>(query: Query<T>): Promise<(string | undefined)[]> {
  const found: Resource<T>[] = [];
  for await (const page of server.search(query)) found.push(...page.resources);
  return found.map((it) => it.id);
}

test('with our search parameters HAPI finds the safety Flags that stand, and no other', async () => {
  expect(await idsOf(flagsInForce())).toEqual(['stands']);
});

test('with our search parameter HAPI finds the open Tasks whose time is over, and no other', async () => {
  expect(await idsOf(tasksDueBefore('2026-04-01T00:00:00Z'))).toEqual(['late']);
});
