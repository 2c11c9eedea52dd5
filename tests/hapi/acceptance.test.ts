import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { vincle } from '../faults/vincle.ts';
import { judge } from '../judge/judge.ts';
import { type Hapi, startHapi } from './rig/hapi.ts';
import { newDatabase } from './rig/shared.ts';

const cohort = generateCohort({ seed: 11, patients: 14, otherForms: true });
let folder: string;
let database: Awaited<ReturnType<typeof newDatabase>>;
let hapi: Hapi;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-acceptance-'));
  database = await newDatabase();
  hapi = await startHapi({ database: { postgres: database.url } });
  env = {
    FHIR_BASE_URL: hapi.baseUrl,
    STUDY: cohort.study,
    EPISODE_TYPE: cohort.episodeType,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
  };
}, 300_000);

afterAll(async () => {
  await hapi.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

function filesOf(part: string, bundles: readonly Bundle<FhirResource>[]): string[] {
  mkdirSync(join(folder, part));
  return bundles.map((bundle, index) => {
    const file = join(folder, part, `${String(index).padStart(4, '0')}.json`);
    writeFileSync(file, JSON.stringify(bundle));
    return file;
  });
}

const standing = async (type: 'Observation' | 'Task'): Promise<FhirResource[]> => {
  const found: FhirResource[] = [];
  const server = connectFhir({ baseUrl: hapi.baseUrl, auth: { kind: 'none' } });
  for await (const page of server.search({ type, params: [['_count', '500']] })) found.push(...page.resources);
  return found;
};

/** What tests/independent/alliance.py, which reads the contract and nothing of Vincle, finds different. */
async function differences(...parts: readonly string[]): Promise<string> {
  const file = join(folder, 'observations.ndjson');
  writeFileSync(file, (await standing('Observation')).map((it) => JSON.stringify(it)).join('\n'));
  const settings = ['--study', cohort.study, '--episode-type', cohort.episodeType, '--against', file];
  return execFileSync(
    'python3',
    [resolve('tests/independent/alliance.py'), ...settings, ...parts.map((it) => join(folder, it))],
    { encoding: 'utf8' },
  );
}

const EQUAL = expect.stringMatching(/^[1-9]\d+ Observations, none different\n$/);
const run = async (...flags: string[]) => {
  const { code, stdout } = await vincle(['job', 'alliance', '--json', ...flags], env);
  return { code, result: JSON.parse(stdout) };
};

test('on HAPI with PostgreSQL: publish, load half, run, load the rest, run; what stands there equals an independent calculation, value by value', async () => {
  const published = await vincle(['publish', '--json'], env);
  expect([published.code, JSON.parse(published.stdout).new]).toEqual([0, expect.any(Number)]);

  expect((await vincle(['load', ...filesOf('first', cohort.first)], env)).code).toBe(0);
  const first = await run();
  expect(first.result).toMatchObject({ full: true, failed: 0, dryRun: false });
  expect(first.code).toBe(first.result.refused > 0 ? 1 : 0);
  expect(await differences('first')).toEqual(EQUAL);

  expect((await vincle(['load', ...filesOf('second', cohort.second)], env)).code).toBe(0);
  const second = await run();
  expect(second.result).toMatchObject({ full: false, failed: 0 });
  expect(await differences('first', 'second')).toEqual(EQUAL);
}, 300_000);

test('a second run with nothing new sends one request and writes nothing; --all over everything writes nothing', async () => {
  expect((await run()).result).toMatchObject({ read: 0, written: 0, requests: 1 });
  expect((await run('--all')).result).toMatchObject({ full: true, written: 0, withdrawn: 0 });
}, 120_000);

test('publishing again replaces nothing and says that everything is the same', async () => {
  const again = await vincle(['publish', '--json'], env);
  const { resources: _all, ...counts } = JSON.parse(again.stdout);
  expect([again.code, Object.keys(counts)]).toEqual([0, ['same']]);
}, 120_000);

test('the HL7 validator finds no error in what the job wrote', async () => {
  const written = [...(await standing('Observation')), ...(await standing('Task'))];
  const verdicts = await judge(written);
  const errors = verdicts.flat().filter((it) => it.severity === 'error' || it.severity === 'fatal');
  expect(written.length).toBeGreaterThan(300);
  expect(errors).toEqual([]);
}, 300_000);

test('doctor finds nothing essential missing on HAPI, and deletes what it wrote', async () => {
  const { code, stdout } = await vincle(['doctor', '--write', '--json'], env);
  const { findings } = JSON.parse(stdout);
  expect(code).toBe(0);
  // What the site itself has not set here, and no server could have: the safety path says each by name.
  const missing = findings.flatMap((it: { found: string; ability: string }) => (it.found === 'no' ? [it.ability] : []));
  expect(missing).toEqual([
    'a sign of danger can be told to somebody (delivery channel)',
    'items on thoughts of death may be asked (PHQ-9 item 9)',
    'the site names whom to tell when the record names nobody, or the server is down',
    'old answers are told from new ones (SAFETY_FROM)',
    'patients are told by when answers are read, and whom to call',
    'patients in stepped care outside the study’s arms are asked for screenings',
  ]);
  expect(findings.at(-1)).toMatchObject({ found: 'yes', consequence: 'nothing is left behind' });
}, 120_000);
