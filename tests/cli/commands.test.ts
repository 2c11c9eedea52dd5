import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { startVincle, vincle } from '../faults/vincle.ts';

jest.setTimeout(60_000);

let folder: string;
let embedded: Embedded;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-cli-'));
  embedded = await startEmbedded();
});
afterAll(async () => {
  await embedded.stop();
  rmSync(folder, { recursive: true, force: true });
});
const env = (more: Record<string, string> = {}) => ({
  FHIR_BASE_URL: embedded.baseUrl,
  STUDY: 'none',
  STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
  ...more,
});

describe('usage and configuration end with 2, and name what is wrong', () => {
  test.each([
    ['an unknown command', ['frobnicate'], {}, 'frobnicate'],
    ['an unknown job', ['job', 'frobnicate'], {}, 'alliance'],
    ['no server', ['job', 'alliance'], {}, 'FHIR_BASE_URL'],
    [
      'a server and no programme',
      ['job', 'alliance'],
      { FHIR_BASE_URL: 'http://127.0.0.1:1/fhir' },
      'STUDY or EPISODE_TYPE',
    ],
    [
      'a number that is none',
      ['doctor'],
      { FHIR_BASE_URL: 'http://127.0.0.1:1/fhir', FHIR_TIMEOUT_MS: 'soon' },
      'FHIR_TIMEOUT_MS',
    ],
    [
      'a bearer token that is not there',
      ['doctor'],
      { FHIR_BASE_URL: 'http://127.0.0.1:1/fhir', FHIR_AUTH: 'bearer' },
      'FHIR_TOKEN',
    ],
    [
      'a zone that does not exist',
      ['doctor'],
      { FHIR_BASE_URL: 'http://127.0.0.1:1/fhir', TIME_ZONE: 'Europe/Atlantis' },
      'TIME_ZONE',
    ],
    ['PostgreSQL without keys', ['outbox', 'list'], { STATE_URL: 'postgres://localhost/none' }, 'STATE_KEYS_FILE'],
    [
      'an instant without a zone',
      ['job', 'alliance', '--since', '2025-01-01T00:00:00'],
      { FHIR_BASE_URL: 'http://127.0.0.1:1/fhir', STUDY: 's' },
      'instant',
    ],
    ['the demonstration beside a hospital’s settings', ['demo'], { STUDY: 's' }, 'STUDY'],
    ['the demonstration off loopback', ['demo'], { HOST: '0.0.0.0' }, 'loopback'],
    [
      'listening off loopback without an issuer',
      ['serve'],
      { FHIR_BASE_URL: 'http://127.0.0.1:1/fhir', STUDY: 's', HOST: '0.0.0.0' },
      'ISSUER',
    ],
  ])('%s', async (_what, args, given, names) => {
    const { code, stdout, stderr } = await vincle(args, given as unknown as Record<string, string>);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(names);
  });
});

test('the demonstration computes a synthetic trial and prints one object with --json', async () => {
  const { code, stdout } = await vincle(['demo', '--exit', '--json', '--patients', '8'], {});
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    full: true,
    failed: 0,
    withdrawn: 0,
    fhir: expect.stringContaining('127.0.0.1'),
    checkpoint: expect.stringMatching(/Z$/),
  });
});

test('serve answers on loopback while it lives, and ends in order when it is asked to', async () => {
  const serving = startVincle(['serve'], env({ PORT: '0', LOG_LEVEL: 'info', ALLIANCE_CRON: '0 0 1 1 *' }));
  const { promise: listening, resolve } = Promise.withResolvers<string>();
  serving.onStderr((text) => {
    const port = /listens on 127\.0\.0\.1:(\d+)/.exec(text)?.[1];
    if (port !== undefined) resolve(port);
  });
  const health = await fetch(`http://127.0.0.1:${await listening}/health`).then((it) => it.json());
  expect(health).toMatchObject({ status: 'alive' });
  serving.end();
  expect((await serving.ended).code).toBe(0);
});

test('load sends a Bundle and a line of NDJSON as they are, and says what the server refused', async () => {
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [{ resource: { resourceType: 'Patient', id: 'cli-a' }, request: { method: 'PUT', url: 'Patient/cli-a' } }],
  };
  writeFileSync(join(folder, 'bundle.json'), JSON.stringify(bundle));
  writeFileSync(
    join(folder, 'lines.ndjson'),
    `${JSON.stringify({ resourceType: 'Patient', id: 'cli-b' })}\n\n${JSON.stringify({ resourceType: 'Patient', id: '12345' })}\n`,
  );
  const { code, stdout, stderr } = await vincle(
    ['load', '--json', join(folder, 'bundle.json'), join(folder, 'lines.ndjson')],
    env(),
  );
  expect([code, JSON.parse(stdout)]).toEqual([1, { files: 2, bundles: 1, resources: 2, failed: 1 }]);
  expect(stderr).toContain('lines.ndjson:3');
  const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  expect([(await server.read('Patient', 'cli-a'))?.id, (await server.read('Patient', 'cli-b'))?.id]).toEqual([
    'cli-a',
    'cli-b',
  ]);
});

test('a file that is no JSON stops the load and is named', async () => {
  writeFileSync(join(folder, 'broken.json'), '{"resourceType":');
  const { code, stderr } = await vincle(['load', join(folder, 'broken.json')], env());
  expect([code, stderr.includes('broken.json: not JSON')]).toEqual([1, true]);
});

test('a dry run counts, writes nothing and leaves the checkpoint', async () => {
  const { code, stdout } = await vincle(['job', 'alliance', '--dry-run', '--json'], env());
  expect([code, JSON.parse(stdout)]).toEqual([0, expect.objectContaining({ dryRun: true, checkpoint: '' })]);
});

test('publish says what it would replace, and replaces only when told', async () => {
  expect((await vincle(['publish', '--json'], env())).code).toBe(0);
  const server = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const theirs = await server.read('Questionnaire', 'sus');
  await server.write({ method: 'PUT', resource: { ...theirs, resourceType: 'Questionnaire', status: 'retired' } });
  const asked = await vincle(['publish', '--json'], env());
  expect([asked.code, JSON.parse(asked.stdout)['would replace']]).toEqual([1, 1]);
  expect((await server.read('Questionnaire', 'sus'))?.status).toBe('retired');
  const told = await vincle(['publish', '--json', '--replace'], env());
  expect([told.code, JSON.parse(told.stdout).replaced]).toEqual([0, 1]);
  expect((await server.read('Questionnaire', 'sus'))?.status).toBe('active');
});

test('an empty outbox says so, and dropping without naming anything is refused', async () => {
  expect((await vincle(['outbox', 'list'], env())).stdout).toBe('The outbox is empty.\n');
  expect((await vincle(['outbox', 'drop'], env())).code).toBe(2);
});
