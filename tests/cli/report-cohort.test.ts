import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
const APPROVED = ['--purpose', 'the paper', '--approval', 'CEIm 26/123'];
const UNLOCK = ['--unlock-by', 'Dr. Ada Vila', '--reason', 'safety board'];

/** The export with every cell, made once. */
async function wholeExport(): Promise<string> {
  const file = join(folder, 'whole.csv');
  if (!existsSync(file)) await vincle([...EXPORT, file, '--keep-small-cells', ...UNLOCK], env);
  return file;
}

/** The report with every count, made once. */
async function wholeReport(): Promise<string> {
  const file = join(folder, 'whole.json');
  if (!existsSync(file))
    await vincle(['report', 'cohort', '--keep-small-cells', '--out', file, ...APPROVED, ...UNLOCK], env);
  return readFileSync(file, 'utf8');
}

async function recorded(): Promise<string> {
  const found: string[] = [];
  for await (const page of server.search({ type: 'AuditEvent', params: [['_count', '500']] }))
    found.push(...page.resources.map((it) => JSON.stringify(it)));
  return found.join('\n');
}

test('while the study is active the report holds no arm and no score, in its raw text', async () => {
  const { code, stdout } = await vincle(['report', 'cohort', '--keep-small-cells', ...APPROVED], env);
  expect(code).toBe(0);
  for (const word of ['digital', 'usual', '"total"', 'findings', '"mean"', 'Patient/', 'Practitioner/', 'report-'])
    expect([word, stdout.replaceAll(env.STUDY ?? '', '').includes(word)]).toEqual([word, false]);
  const { analysis, manifest } = JSON.parse(stdout);
  expect(manifest.smallCells).toEqual({ threshold: 5, suppressed: false });
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
  expect(csv.trim().split('\r\n')).toHaveLength(1 + manifest.checks.included * 3 * 2);
  expect(createHash('sha256').update(csv).digest('hex')).toBe(manifest.dataDigest);
  expect(manifest.dictionary.map((it: { name: string }) => it.name).join(',')).toBe(csv.split('\r\n')[0]);
  expect(manifest).toMatchObject({ purpose: 'the paper', approval: 'CEIm 26/123', checks: { exposures: 'read' } });
  expect(manifest.reIdentification[0].patients).toBe(manifest.checks.included);
  expect(await recorded()).toContain('CEIm 26/123');
});

test('scores of one to four patients and of single dyads are hidden unless they are asked for', async () => {
  const { stdout } = await vincle(['report', 'cohort', ...UNLOCK], env);
  const { analysis, manifest } = JSON.parse(stdout);
  const shown = JSON.parse(await wholeReport());
  const few = shown.analysis.findings.descriptives.filter((it: { mean: { n: number } }) => it.mean.n < 5);
  // The demonstration's arms are small: without such a cell this would show nothing.
  expect(few.length).toBeGreaterThan(0);
  for (const { arm, visit, rater } of few)
    for (const group of [arm, 'all']) {
      const cell = analysis.findings.descriptives.find(
        (it: { arm: string; visit: string; rater: string }) =>
          it.arm === group && it.visit === visit && it.rater === rater,
      );
      expect([group, cell.mean.estimate, cell.median.estimate]).toEqual([group, undefined, undefined]);
    }
  expect(stdout).not.toContain('"points"');
  expect(JSON.stringify(shown)).toContain('"points"');
  expect([manifest.smallCells.suppressed, shown.manifest.smallCells.suppressed]).toEqual([true, false]);
  // How many took part and rated is told as it is: no estimate can be judged without its n.
  expect(analysis.flow.cells).toEqual(shown.analysis.flow.cells);
});

test('an age that fewer than five share is the middle of its five years, or empty, and the manifest says of how many', async () => {
  const [hidden, kept] = [join(folder, 'data.csv'), await wholeExport()];
  const ages = (file: string): Map<string, string> => {
    const [head = '', ...lines] = readFileSync(file, 'utf8').trim().split('\r\n');
    const [patient, age] = ['patient', 'age'].map((name) => head.split(',').indexOf(name));
    return new Map(lines.map((it) => it.split(',')).map((it) => [it[patient ?? 0] ?? '', it[age ?? 0] ?? '']));
  };
  const before = ages(kept);
  const band = (age: string): number => Math.floor(Number(age) / 5);
  const among = (of: (it: string) => unknown, age: string): number =>
    [...before.values()].filter((it) => of(it) === of(age)).length;
  const writtenFor = (age: string): string => {
    if (among((it) => it, age) >= 5) return age;
    return among(band, age) >= 5 ? String(band(age) * 5 + 2) : '';
  };
  const expected = new Map([...before].map(([patient, age]) => [patient, writtenFor(age)]));
  expect(ages(hidden)).toEqual(expected);
  const { smallCells } = JSON.parse(readFileSync(`${hidden}.manifest.json`, 'utf8'));
  expect(smallCells).toMatchObject({ threshold: 5, suppressed: true });
  expect(smallCells.emptied.age).toBe([...expected.values()].filter((it) => it === '').length);
  const few = [...before.values()].filter((it) => among((one) => one, it) < 5).length;
  expect(smallCells.coarsened.age).toBe(few - smallCells.emptied.age);
});

test('a data set without a purpose or an approval number that says something is not written', async () => {
  const file = join(folder, 'blank.csv');
  const blank = ['report', 'cohort', '--format', 'csv', '--purpose', '', '--approval', ' ', '--out', file, ...UNLOCK];
  const { code, stderr } = await vincle(blank, env);
  expect([code, existsSync(file)]).toEqual([2, false]);
  expect(stderr).toContain('--purpose, --approval');
});

test('the manifest of the data set names each deviation from the plan that the data show, as the analysis does', async () => {
  const [file, { analysis }] = [await wholeExport(), JSON.parse(await wholeReport())];
  const { deviations } = JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8'));
  const ofData = analysis.deviations.filter((it: { code: string }) => !it.code.startsWith('random-intercept'));
  const inOrder = (all: object[]): string[] => all.map((it) => JSON.stringify(it)).sort();
  expect(inOrder(deviations)).toEqual(inOrder(ofData));
  expect(deviations.length).toBeGreaterThan(0);
});

/** A whole export cut in two by patients, each with a manifest of its own: the same data from two sites. */
function cutInTwo(file: string): [string, string] {
  const [head, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\r\n');
  const manifest = JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8'));
  const middle = Math.floor(lines.length / 12) * 6;
  const written = [lines.slice(0, middle), lines.slice(middle)].map((own, i) => {
    const [text, part] = [`${[head, ...own].join('\r\n')}\r\n`, `${file.slice(0, -4)}-${i}.csv`];
    const dataDigest = createHash('sha256').update(text).digest('hex');
    writeFileSync(part, text);
    writeFileSync(`${part}.manifest.json`, JSON.stringify({ ...manifest, dataDigest }));
    return part;
  });
  return [written[0] ?? '', written[1] ?? ''];
}

const changed = (file: string, change: (manifest: Record<string, unknown>) => void): void => {
  const manifest = JSON.parse(readFileSync(`${file}.manifest.json`, 'utf8'));
  change(manifest);
  writeFileSync(`${file}.manifest.json`, JSON.stringify(manifest));
};

test('exports of two sites, pooled, give the numbers of one server that holds the same patients', async () => {
  const direct = JSON.parse(await wholeReport());
  const sites = cutInTwo(await wholeExport());
  // No server is named: pooling asks none. The later half first: the order of the exports is nobody’s.
  const order = [...sites].reverse();
  const pooled = await vincle(['report', 'cohort', '--keep-small-cells', '--input', ...order], { LOG_LEVEL: 'silent' });
  expect([pooled.code, pooled.stderr]).toEqual([0, '']);
  const { analysis, manifest } = JSON.parse(pooled.stdout);
  expect(analysis).toEqual(direct.analysis);
  expect(manifest.dataDigest).toBe(direct.manifest.dataDigest);
  expect(manifest.inputs.map((it: { name: string }) => it.name)).toEqual(['whole-1.csv', 'whole-0.csv']);
  expect(manifest.blinding.unlock.person).toBe('Dr. Ada Vila');

  changed(sites[1], (it) => {
    it.content = 'other';
    it.visitWindows = '9.9.9';
    it.plan = { version: '9', date: '2026-01-01', digest: 'other' };
  });
  const refused = await vincle(['report', 'cohort', '--input', ...sites], { LOG_LEVEL: 'silent' });
  expect([refused.code, refused.stdout]).toEqual([1, '']);
  for (const word of ['other instruments', 'another analysis plan', 'version of the visit windows'])
    expect(refused.stderr).toContain(
      `whole-1.csv was made by ${word.startsWith('version') ? `another ${word}` : word}`,
    );
});

test('an export that was changed, that has no manifest, or that is given twice is refused by its name', async () => {
  const file = join(folder, 'refused.csv');
  for (const end of ['', '.manifest.json']) copyFileSync(`${await wholeExport()}${end}`, `${file}${end}`);
  const twice = await vincle(['report', 'cohort', '--input', file, file], { LOG_LEVEL: 'silent' });
  expect([twice.code, twice.stderr]).toEqual([1, expect.stringContaining('refused.csv is given twice')]);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/digital/, 'usual'));
  const edited = await vincle(['report', 'cohort', '--input', file], { LOG_LEVEL: 'silent' });
  expect([edited.code, edited.stderr]).toEqual([1, expect.stringContaining('is not the file')]);
  rmSync(`${file}.manifest.json`);
  const bare = await vincle(['report', 'cohort', '--input', file], { LOG_LEVEL: 'silent' });
  expect([bare.code, bare.stderr]).toEqual([1, expect.stringContaining('has no manifest')]);
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
