import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type { AuditEvent, Consent, MeasureReport } from 'fhir/r4.js';
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
/** The same patients by their episodes, where no study is configured. */
let byEpisodes: Record<string, string>;

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
  const { STUDY: _none, ...others } = env;
  byEpisodes = { ...others, EPISODE_TYPE: cohort.episodeType };
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

async function exportsRecorded(): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for await (const { resources } of server.search({ type: 'AuditEvent', params: [['_count', '500']] }))
    found.push(...resources.filter((it) => it.type.code === '110106'));
  return found;
}

test('every report that tells findings of a study that has ended is recorded, with purpose and approval where given', async () => {
  const study = await server.read('ResearchStudy', (env.STUDY ?? '').replace('ResearchStudy/', ''));
  if (study === undefined) throw new Error('no study');
  const masked = await exportsRecorded();
  expect((await report()).code).toBe(0);
  // Of a study that runs nothing is told that would have to be recorded.
  expect(await exportsRecorded()).toHaveLength(masked.length);
  await server.write({ method: 'PUT', resource: { ...study, status: 'completed' } });
  const asked = [
    ['json', '--purpose', 'the paper', '--approval', 'CEIm 26/123'],
    ['json', '--purpose', 'the paper', '--approval', 'CEIm 26/123', '--keep-small-cells'],
    ['html'],
    ['fhir', '--publish'],
  ];
  for (const [format = '', ...more] of asked) expect((await report('--format', format, ...more)).code).toBe(0);
  const made = (await exportsRecorded()).filter((it) => !masked.some((one) => one.id === it.id));
  await server.write({ method: 'PUT', resource: study });
  const said = made.map((it) => JSON.stringify([it.purposeOfEvent, it.entity]));
  expect(said).toHaveLength(asked.length);
  expect(said.filter((it) => it.includes('the paper') && it.includes('CEIm 26/123'))).toHaveLength(2);
  for (const word of ['"kept"', '"published"', '"html"', '"fhir"'])
    expect([word, said.filter((it) => it.includes(word)).length]).toEqual([word, 1]);
  for (const it of said) expect(it).toContain('study-finished');
});

test('values of few patients are told only for a purpose that was approved', async () => {
  const { code, stdout, stderr } = await report('--keep-small-cells', '--purpose', 'the paper');
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('--approval');
  expect(stderr).not.toContain('--purpose,');
});

test.each([
  [
    'en',
    'No study is configured',
    'Nobody is in the analysis. Left out, and why: no consent to research (',
    'could not be read. Arms',
  ],
  [
    'es',
    'No hay ningún estudio configurado',
    'No hay nadie en el análisis. Excluidas, y por qué: sin consentimiento',
    'No se pudo leer si',
  ],
  [
    'ca',
    'No hi ha cap estudi configurat',
    'No hi ha ningú a l’anàlisi. Excloses, i per què: sense consentiment',
    'No s’ha pogut llegir si',
  ],
])('without a study the page in %s says so, that nobody is included, and why', async (language, none, why, unread) => {
  const { code, stdout } = await vincle(['report', 'cohort', '--format', 'html', '--language', language], byEpisodes);
  expect(code).toBe(0);
  const [, answer = ''] = /<div class="answer">(.*?)<\/div>/s.exec(stdout) ?? [];
  expect(stdout).toContain(none);
  expect(answer).toContain(why);
  expect(stdout).not.toContain(unread);
  // Nobody is there of whom a visit could be due.
  expect(answer.match(/<p>/g)).toHaveLength(2);
});

const agrees = (patient: string): Consent => ({
  resourceType: 'Consent',
  id: `agrees-${patient.replace('Patient/', '')}`,
  status: 'active',
  scope: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'research' }] },
  category: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/consent-purpose', code: 'research' }] }],
  patient: { reference: patient },
  policyRule: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'OPTIN' }] },
  provision: { type: 'permit' },
});

test('a cohort without a study is declared no trial, but not where ResearchSubjects tell two arms', async () => {
  const inArm = new Map<string, string[]>();
  for await (const { resources } of server.search({ type: 'ResearchSubject', params: [['_count', '500']] }))
    for (const { assignedArm = '', individual } of resources)
      inArm.set(assignedArm, [...(inArm.get(assignedArm) ?? []), individual.reference ?? '']);
  const declared = () => vincle(['report', 'cohort', '--not-a-trial'], byEpisodes);
  for (const patient of inArm.get('digital') ?? []) await server.write({ method: 'PUT', resource: agrees(patient) });
  const one = await declared();
  const { manifest, analysis } = JSON.parse(one.stdout);
  expect([one.code, manifest.blinding.because, analysis.findings === undefined]).toEqual([0, 'not-a-trial', false]);
  expect(manifest.checks.included).toBeGreaterThan(0);
  expect(JSON.stringify(await exportsRecorded())).toContain('not-a-trial');
  for (const patient of inArm.get('usual') ?? []) await server.write({ method: 'PUT', resource: agrees(patient) });
  const two = await declared();
  expect([two.code, two.stdout]).toEqual([2, '']);
  expect(two.stderr).toContain('it is a trial');
});
