import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
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
  folder = mkdtempSync(join(tmpdir(), 'vincle-report-test-'));
  embedded = await startEmbedded();
  server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const cohort = generateCohort({ seed: 11, patients: 16, idPrefix: 'report' });
  for (const bundle of [...cohort.first, ...cohort.second]) await server.request('POST', '', bundle);
  const key = join(folder, 'key');
  writeFileSync(key, 'k'.repeat(40), { mode: 0o600 });
  env = {
    FHIR_BASE_URL: embedded.baseUrl,
    STUDY: cohort.study,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    LOG_LEVEL: 'silent',
    COHORT_KEY_FILE: key,
  };
  expect((await vincle(['job', 'alliance'], env)).code).toBeLessThan(2);
});
afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});

const EXPORT = ['report', 'cohort', '--format', 'csv', '--purpose', 'the paper', '--approval', 'CEIm 26/123', '--out'];
const UNLOCK = ['--unlock-by', 'Dr. Ada Vila', '--reason', 'safety board'];

async function recorded(): Promise<string> {
  const found: string[] = [];
  for await (const page of server.search({ type: 'AuditEvent', params: [['_count', '500']] }))
    found.push(...page.resources.map((it) => JSON.stringify(it)));
  return found.join('\n');
}

test('while the study is active the report holds no arm and no score, in its raw text', async () => {
  const { code, stdout } = await vincle(['report', 'cohort'], env);
  expect(code).toBe(0);
  for (const word of ['digital', 'usual', '"total"', 'findings', '"mean"', 'Patient/', 'Practitioner/', 'report-'])
    expect([word, stdout.replaceAll(env.STUDY ?? '', '').includes(word)]).toEqual([word, false]);
  const { analysis, manifest } = JSON.parse(stdout);
  expect(manifest.blinding).toEqual({ masked: true, because: 'study-not-finished' });
  expect(analysis.flow.included).toEqual([{ arm: 'masked', n: manifest.checks.included }]);
  expect(manifest.checks.included + Object.values<number>(manifest.checks.leftOut).reduce((a, b) => a + b, 0)).toBe(
    manifest.checks.participants,
  );
  expect(manifest.plan).toEqual({
    version: '1.0.0',
    date: '2026-11-23',
    digest: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
});

test('while the study is active the data set is refused, and no file is left', async () => {
  const file = join(folder, 'masked.csv');
  const { code, stderr } = await vincle([...EXPORT, file], env);
  expect([code, existsSync(file), existsSync(`${file}.part`)]).toEqual([1, false, false]);
  expect(stderr).toContain('study-not-finished');
});

test('a data set needs a key, a file, a purpose and an approval, and an unlock its reason', async () => {
  const { COHORT_KEY_FILE: _none, ...withoutKey } = env;
  const bare = await vincle(['report', 'cohort', '--format', 'csv'], withoutKey);
  expect(bare.code).toBe(2);
  for (const word of ['COHORT_KEY_FILE', '--out', '--purpose', '--approval']) expect(bare.stderr).toContain(word);
  expect((await vincle(['report', 'cohort', '--unlock-by', 'Dr. Ada Vila'], env)).code).toBe(2);
});

test('a study that compares arms is not declared something else', async () => {
  const { code, stdout, stderr } = await vincle(['report', 'cohort', '--not-a-trial'], env);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain('it is a trial');
});

test('an unlock by a named person with a reason is printed and recorded, and compares the arms', async () => {
  const { code, stdout } = await vincle(['report', 'cohort', ...UNLOCK], env);
  expect(code).toBe(0);
  const { analysis, manifest } = JSON.parse(stdout);
  expect(manifest.blinding.unlock).toEqual({ person: 'Dr. Ada Vila', reason: 'safety board' });
  expect(manifest.deviations).toEqual(analysis.deviations);
  expect(analysis.findings.descriptives.length).toBeGreaterThan(0);
  expect(stdout).not.toMatch(/NaN|Infinity|Patient\/|Practitioner\//);
  expect(await recorded()).toMatch(/Dr\. Ada Vila.*safety board/);
});

test('the data set is pseudonymised, its manifest says what it is, and its export is recorded', async () => {
  const file = join(folder, 'data.csv');
  const { code } = await vincle([...EXPORT, file, ...UNLOCK], env);
  expect(code).toBe(0);
  const [csv, manifest] = [readFileSync(file, 'utf8'), JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8'))];
  expect(statSync(file).mode & 0o077).toBe(0);
  expect(csv).not.toMatch(/report-|Patient|Practitioner|Synthetic|\d{4}-\d\d-\d\d/);
  expect(csv.trim().split('\r\n')).toHaveLength(1 + manifest.checks.ratings);
  expect(createHash('sha256').update(csv).digest('hex')).toBe(manifest.dataDigest);
  expect(manifest.dictionary.map((it: { name: string }) => it.name).join(',')).toBe(csv.split('\r\n')[0]);
  expect(manifest).toMatchObject({ purpose: 'the paper', approval: 'CEIm 26/123', checks: { exposures: 'read' } });
  expect(manifest.reIdentification[0].patients).toBe(manifest.checks.included);
  expect(await recorded()).toContain('CEIm 26/123');
});

/** Exports through a proxy that breaks off, or refuses, what the pattern names. */
async function exportPast(pattern: RegExp, fate: 'break' | 'refuse', file: string): Promise<number> {
  const behind = new URL(embedded.baseUrl);
  const proxy = createServer(async (asked, answer) => {
    const body = Buffer.concat(await asked.toArray());
    const { url: path = '', method, headers } = asked;
    if (!pattern.test(`${method} ${path} ${body.toString()}`))
      request({ host: behind.hostname, port: behind.port, path, method, headers }, (got) =>
        got.pipe(answer.writeHead(got.statusCode ?? 500, got.headers)),
      ).end(body);
    else if (fate === 'break') asked.socket.destroy();
    else answer.writeHead(403).end();
  });
  await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
  const { port } = proxy.address() as AddressInfo;
  const base = `http://127.0.0.1:${port}${behind.pathname}`.replace(/\/$/, '');
  const { code } = await vincle([...EXPORT, file, ...UNLOCK], { ...env, FHIR_BASE_URL: base, FHIR_ATTEMPTS: '1' });
  await new Promise((closed) => proxy.close(closed));
  return code;
}

test.each([
  ['takes no record of it', /^POST \S*AuditEvent/, 'refuse'],
  ['stops after the participants were told', /QuestionnaireResponse\?subject/, 'break'],
] as const)('where the server %s nothing is handed out', async (_, pattern, fate) => {
  const file = join(folder, `${fate}.csv`);
  const code = await exportPast(pattern, fate, file);
  const left = [file, `${file}.part`, `${file}.manifest.json`].filter((it) => existsSync(it));
  expect([code, left]).toEqual([3, []]);
});

test('a server that is not there ends with its own code', async () => {
  const { code } = await vincle(['report', 'cohort'], {
    ...env,
    FHIR_BASE_URL: 'http://127.0.0.1:9',
    FHIR_ATTEMPTS: '1',
  });
  expect(code).toBe(3);
});
