import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, ResourceType } from '../../src/fhir/port.ts';
import { vincle } from '../faults/vincle.ts';

jest.setTimeout(120_000);

let folder: string;
let embedded: Embedded;
let server: FhirServer;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-shadow-test-'));
  embedded = await startEmbedded();
  server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const cohort = generateCohort({ seed: 11, patients: 12, idPrefix: 'shadow' });
  for (const bundle of [...cohort.first, ...cohort.second]) await server.request('POST', '', bundle);
  env = {
    FHIR_BASE_URL: embedded.baseUrl,
    STUDY: cohort.study,
    EPISODE_TYPE: cohort.episodeType,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    LOG_LEVEL: 'silent',
  };
  expect((await vincle(['job', 'alliance'], env)).code).toBeLessThan(2);
});
afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

const TYPES: readonly ResourceType[] = ['CarePlan', 'Task', 'Flag', 'Provenance', 'Communication', 'List'];
/** Every resource that stepped care could have written, with its version. */
async function standing(): Promise<string[]> {
  const found: string[] = [];
  for (const type of TYPES)
    for await (const page of server.search({ type, params: [['_count', '500']] }))
      found.push(...page.resources.map((it) => `${type}/${it.id}|${it.meta?.versionId}`));
  return found.sort();
}

test('the coordinator sees what two years would have asked, on one page, and nothing is written', async () => {
  const before = await standing();
  const page = join(folder, 'forecast.html');
  const { code, stdout } = await vincle(['shadow', '--weeks', '104', '--json', '--html', page], env);
  expect(code).toBe(0);
  const { forecast, events } = JSON.parse(stdout);
  expect(forecast.weeks).toHaveLength(104);
  expect(forecast.patients).toBeGreaterThanOrEqual(12);
  expect(forecast.inLevels).toBeLessThan(forecast.patients);
  expect(events.length).toBeGreaterThan(0);
  expect(events.every((it: { patient: string }) => it.patient.startsWith('Patient/shadow-'))).toBe(true);
  const html = readFileSync(page, 'utf8');
  expect(html).toContain('<th scope="col">minutes a week</th>');
  expect(html).not.toContain('Patient/');
  expect(await standing()).toEqual(before);
});

test('in shadow mode the steps job proposes nothing to anybody', async () => {
  const before = await standing();
  const { code, stdout } = await vincle(['job', 'steps', '--json'], { ...env, SHADOW: 'on' });
  expect([code, JSON.parse(stdout).dryRun]).toEqual([0, true]);
  expect(await standing()).toEqual(before);
});
