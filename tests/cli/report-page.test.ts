import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { MeasureReport } from 'fhir/r4.js';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { vincle } from '../faults/vincle.ts';

jest.setTimeout(180_000);

let folder: string;
let embedded: Embedded;
let server: FhirServer;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-page-test-'));
  embedded = await startEmbedded();
  server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const cohort = generateCohort({ seed: 11, patients: 24, idPrefix: 'paged' });
  for (const bundle of [...cohort.first, ...cohort.second]) await server.request('POST', '', bundle);
  env = {
    FHIR_BASE_URL: embedded.baseUrl,
    STUDY: cohort.study,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    LOG_LEVEL: 'silent',
  };
  expect((await vincle(['job', 'alliance'], env)).code).toBeLessThan(2);
});
afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

const report = (...rest: string[]) => vincle(['report', 'cohort', ...rest], env);
const UNLOCK = ['--unlock-by', 'Dr. Ada Vila', '--reason', 'safety board'];

async function reports(): Promise<MeasureReport[]> {
  const found: MeasureReport[] = [];
  for await (const { resources } of server.search({ type: 'MeasureReport', params: [['_count', '100']] }))
    found.push(...resources);
  return found;
}

test('while the study is active the page shows recruitment and completeness, and no arm and no rating', async () => {
  const { code, stdout } = await report('--format', 'html', '--language', 'es');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^<!doctype html>\s*<html lang="es">/);
  expect(stdout).toContain('Este estudio está cegado');
  expect(stdout).not.toMatch(/Atención digital|ICC\(|Bland|Kenward|paged-(?!study)/);
});

test('an unlock by a named person stands on the page, which is a file of its owner’s alone', async () => {
  const file = join(folder, 'cohort.html');
  const { code, stdout } = await report('--format', 'html', '--out', file, ...UNLOCK);
  const page = readFileSync(file, 'utf8');
  expect([code, stdout, statSync(file).mode & 0o077]).toEqual([0, '', 0]);
  expect(page).toContain('Unlocked by Dr. Ada Vila. Reason: safety board.');
  expect(page).not.toMatch(/NaN|undefined|paged-(?!study)|Practitioner\/|<script/);
});

test('a language that the report is not written in is refused', async () => {
  expect((await report('--format', 'html', '--language', 'fr')).code).toBe(2);
});

test('the measures are a transaction that is only written where that is asked for, and written twice is written once', async () => {
  const { code, stdout } = await report('--format', 'fhir', ...UNLOCK);
  const bundle = JSON.parse(stdout);
  expect([code, bundle.type, await reports()]).toEqual([0, 'transaction', []]);
  for (let times = 0; times < 2; times += 1)
    expect((await report('--format', 'fhir', '--publish', ...UNLOCK)).code).toBe(0);
  const written = await reports();
  expect(written.map((it) => it.measure).sort()).toEqual(
    ['agreement', 'both-raters', 'reliable-change', 'response-rate'].map(
      (it) => `https://w3id.org/vincle/Measure/alliance-${it}|1.0.0`,
    ),
  );
  const named = written.flatMap((it) => it.evaluatedResource ?? []).map((it) => it.reference ?? '');
  expect(named.length).toBeGreaterThan(0);
  for (const reference of named) {
    const [type, id = ''] = reference.split('/');
    expect([type, (await server.read('Observation', id))?.id]).toEqual(['Observation', id]);
  }
});

test('only measures are published', async () => {
  const { code, stderr } = await report('--format', 'html', '--publish');
  expect([code, stderr.includes('--format fhir')]).toEqual([2, true]);
});
