import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { type GeneratedCohort, generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import type { State } from '../../src/state/port.ts';

/** The numbers come from tests/independent/alliance.py, which reads the contract and nothing of Vincle. */
const PROGRAM = resolve('tests/independent/alliance.py');

let folder: string;
let embedded: Awaited<ReturnType<typeof startEmbedded>>;
let server: FhirServer;
let state: State;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vincle-independent-'));
  embedded = await startEmbedded();
  server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  state = await openState('sqlite::memory:');
});

afterEach(async () => {
  await state.close();
  await embedded.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly output: string;
}

function independent(cohort: GeneratedCohort, ...more: readonly string[]): Promise<Ended> {
  const settings = ['--study', cohort.study, '--episode-type', cohort.episodeType];
  return new Promise((done, failed) => {
    execFile('python3', [PROGRAM, ...settings, ...more], { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      if (error === null) done({ code: 0, output: stdout });
      else if (error.code === 'ENOENT')
        failed(new Error('python3 is not on the PATH: install Python 3.9 or later (Debian: apt-get install python3).'));
      else if (error.code === 1 && stderr === '') done({ code: 1, output: stdout });
      else failed(new Error(`alliance.py: ${stderr}`));
    });
  });
}

/** Sends the Bundles, keeps them where the independent program reads them, and runs the alliance job. */
async function stage(cohort: GeneratedCohort, name: string, bundles: readonly Bundle<FhirResource>[]) {
  await mkdir(join(folder, name));
  for (const [index, bundle] of bundles.entries()) {
    await writeFile(join(folder, name, `${String(index).padStart(4, '0')}.json`), JSON.stringify(bundle));
    await server.request('POST', '', bundle);
  }
  return run(cohort);
}

async function run(cohort: GeneratedCohort, all = false) {
  const content = await loadContent({ shipped: resolve('.'), baseUrl: server.baseUrl });
  const settings = {
    study: cohort.study,
    episodeType: cohort.episodeType,
    timeZone: 'Europe/Madrid',
    baseUrl: server.baseUrl,
  };
  const context = { content, display: displayOf(content.resources), settings };
  return computeAlliance(
    { server, state, context },
    { overlapMs: 60_000, now: Date.now, holder: 'test', pause: async () => undefined, all },
  );
}

/** What stands on the server, a resource a line. */
async function standing(type: 'Observation' | 'Task'): Promise<string> {
  const lines: string[] = [];
  for await (const page of server.search({ type, params: [['_count', '500']] }))
    for (const resource of page.resources) lines.push(JSON.stringify(resource));
  const file = join(folder, `${type}.ndjson`);
  await writeFile(file, lines.join('\n'));
  return file;
}

const difference = async (cohort: GeneratedCohort, ...folders: readonly string[]): Promise<Ended> =>
  independent(cohort, '--against', await standing('Observation'), ...folders.map((it) => join(folder, it)));

const NONE = { code: 0, output: expect.stringMatching(/^[1-9]\d+ Observations, none different\n$/) };

test.each([
  { patients: 12, seed: 7 },
  { patients: 31, seed: 20, otherForms: true },
])(
  'what stands there after each run of a $patients-patient trial is what an independent calculation gives, value by value',
  async (options) => {
    const cohort = generateCohort(options);
    await stage(cohort, 'first', cohort.first);
    expect(await difference(cohort, 'first')).toEqual(NONE);
    await stage(cohort, 'second', cohort.second);
    expect(await difference(cohort, 'first', 'second')).toEqual(NONE);
    const again = await run(cohort, true);
    expect(again.written).toBe(0);
    expect(await difference(cohort, 'first', 'second')).toEqual(NONE);
  },
  60_000,
);

test('a trial that is sent whole and computed once gives what the calculation gives for it', async () => {
  const cohort = generateCohort({ seed: 3, patients: 24 });
  await stage(cohort, 'whole', [...cohort.first, ...cohort.second]);
  expect(await difference(cohort, 'whole')).toEqual(NONE);
}, 60_000);

test('a person is asked about those responses, and those alone, that the independent reading refuses', async () => {
  const cohort = generateCohort({ seed: 5, patients: 24 });
  await stage(cohort, 'whole', [...cohort.first, ...cohort.second]);
  const { output } = await independent(cohort, '--reviews', join(folder, 'whole'));
  const expected = output.trim().split('\n');
  const tasks = (await readFile(await standing('Task'), 'utf8')).split('\n').map((line) => JSON.parse(line));
  const asked = tasks
    .filter((it) => it.status === 'requested')
    .map((it): string => it.focus.reference)
    .filter((it) => it.startsWith('QuestionnaireResponse/'));
  expect(asked.sort()).toEqual(expected.map((line): string => JSON.parse(line).response).sort());
  expect(asked.length).toBeGreaterThan(8);
}, 60_000);

test('one value, status or visit that differs is found and named', async () => {
  const cohort = generateCohort({ seed: 7, patients: 12 });
  await stage(cohort, 'first', cohort.first);
  const file = await standing('Observation');
  const lines = (await readFile(file, 'utf8')).split('\n');
  const tampered = [
    ['valueQuantity', /("valueQuantity":\{"value":)\d+/, '$1998'],
    ['status', /"status":"final"/, '"status":"amended"'],
    ['visit', /"code":"m3"/, '"code":"m6"'],
    ['effective', /("effectiveDateTime":")\d{4}/, '$11999'],
  ] as const;
  for (const [, from, to] of tampered) {
    const index = lines.findIndex((line) => from.test(line));
    const changed = lines.map((line, place) => (place === index ? line.replace(from, to) : line));
    await writeFile(file, changed.join('\n'));
    const { code, output } = await independent(cohort, '--against', file, join(folder, 'first'));
    expect({ code, lines: output.trim().split('\n').length }).toEqual({ code: 1, lines: 1 });
  }
  await writeFile(file, lines.slice(1).join('\n'));
  expect(await independent(cohort, '--against', file, join(folder, 'first'))).toEqual({
    code: 1,
    output: expect.stringMatching(/^[0-9a-f-]{36}: .* is missing\n$/),
  });
}, 60_000);
