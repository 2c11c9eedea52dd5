import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FhirResource, Observation } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { errorLines, type Issue, judge } from './judge.ts';
import { shippedResources } from './shipped-content.ts';

/** A trial big enough that every kind of derived Observation and every status occurs in it. */
const COHORT = { patients: 20, seed: 1 };
/** An example of what a site states, so that verdicts occur; it is no published reliability. */
const RELIABILITY = ['wai-s-p', 'wai-s-t'].flatMap((instrument) =>
  ['es', 'ca', 'en'].map((language) => ({
    instrument,
    language,
    sd: 8,
    reliability: 0.9,
    reliabilityKind: 'alpha',
    population: 'made up for this test',
    source: 'made up for this test',
  })),
);

const site = mkdtempSync(join(tmpdir(), 'vincle-site-'));
let written: FhirResource[];
let verdicts: Issue[][];

beforeAll(async () => {
  mkdirSync(join(site, 'profiles', 'programme'), { recursive: true });
  const file = join(site, 'profiles', 'programme', 'reliable-change.json');
  writeFileSync(file, JSON.stringify({ version: 'test', parameters: RELIABILITY }));
  const embedded = await startEmbedded();
  try {
    written = await runBothHalves(connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } }));
  } finally {
    await embedded.stop();
  }
  verdicts = await judge(written);
}, 300_000);

afterAll(() => rmSync(site, { recursive: true }));

/** Sends a trial in two parts, computes after each, and reads back all Observations and Tasks. */
async function runBothHalves(server: FhirServer): Promise<FhirResource[]> {
  const cohort = generateCohort(COHORT);
  const content = await loadContent({ shipped: join(import.meta.dirname, '..', '..'), site, baseUrl: server.baseUrl });
  const settings = { ...cohort, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl };
  const context = { content, display: displayOf(content.resources), settings };
  const state = await openState('sqlite::memory:');
  try {
    for (const bundles of [cohort.first, cohort.second]) {
      for (const bundle of bundles) await server.request('POST', '', bundle);
      const how = { overlapMs: 60_000, now: Date.now, holder: 'test', pause: async () => undefined, all: false };
      await computeAlliance({ server, state, context }, how);
    }
  } finally {
    await state.close();
  }
  return [...(await all(server, 'Observation')), ...(await all(server, 'Task'))];
}

async function all(server: FhirServer, type: 'Observation' | 'Task'): Promise<FhirResource[]> {
  const found: FhirResource[] = [];
  for await (const page of server.search({ type, params: [['_count', '500']] })) found.push(...page.resources);
  return found;
}

const observations = (): Observation[] => written.filter((it): it is Observation => it.resourceType === 'Observation');
const distinct = (values: readonly (string | undefined)[]): string[] =>
  [...new Set(values.filter((it) => it !== undefined))].sort();

test('the HL7 validator finds no error in anything that the alliance job writes', () => {
  expect(written.length).toBeGreaterThan(500);
  expect(errorLines(written, verdicts)).toEqual([]);
});

test('among it are all thirteen kinds of derived Observation, by their profiles, and review Tasks', () => {
  const profiles = shippedResources()
    .flatMap((it) => (it.resourceType === 'StructureDefinition' ? [it.url] : []))
    .filter((url) => /-(score|dyad|change)$/.test(url));
  expect(distinct(observations().map((it) => it.meta?.profile?.[0]))).toEqual(profiles.sort());
  expect(written.some((it) => it.resourceType === 'Task')).toBe(true);
});

test('among it are every status, absent totals, missing partners, changed therapists and all three verdicts', () => {
  expect(distinct(observations().map((it) => it.status))).toEqual([
    'amended',
    'entered-in-error',
    'final',
    'preliminary',
  ]);
  expect(distinct(observations().map((it) => it.dataAbsentReason?.coding?.[1]?.code))).toEqual([
    'partner-missing',
    'therapist-changed',
    'too-few-answered',
  ]);
  expect(distinct(observations().map((it) => it.interpretation?.[0]?.coding?.[0]?.code))).toEqual([
    'no-reliable-change',
    'reliable-decrease',
    'reliable-increase',
  ]);
});
