import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../../src/config.ts';
import { RegistrationsError, readRegistrations } from '../../src/registrations.ts';
import { makeKeys } from './authority/clients.ts';

let folder: string;
const file = () => join(folder, 'registrations.json');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-registrations-'));
  const keys = await makeKeys();
  writeFileSync(join(folder, 'es384.pem'), keys.ES384.pem);
  writeFileSync(join(folder, 'rs384.pem'), keys.RS384.pem);
  writeFileSync(join(folder, 'secret'), 'the-secret\n');
  writeFileSync(join(folder, 'empty'), '\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const ISS = 'https://hospital.example/fhir';
const PUBLIC = { iss: ISS, clientId: 'vincle', authentication: 'public' };

async function problemsOf(content: unknown): Promise<readonly string[]> {
  writeFileSync(file(), typeof content === 'string' ? content : JSON.stringify(content));
  const error = await readRegistrations(file()).then(
    () => undefined,
    (it: unknown) => it,
  );
  if (!(error instanceof RegistrationsError)) throw new Error(`no RegistrationsError but ${String(error)}`);
  return error.problems;
}

test.each([
  [{}, 'PUBLIC_URL: required by SMART_REGISTRATIONS_FILE'],
  [{ PUBLIC_URL: 'http://vincle.hospital.example' }, 'PUBLIC_URL: must be https'],
])('1 · launches are not configured over an open line, nor to nowhere: %p', (more, problem) => {
  expect(() => readConfig({ SMART_REGISTRATIONS_FILE: 'x', ...more })).toThrow(problem);
  expect(readConfig({ SMART_REGISTRATIONS_FILE: 'x', PUBLIC_URL: 'http://127.0.0.1:3000' }).PORT).toBe(3000);
});

test('each way to authenticate is read, with secrets and keys from files beside this one', async () => {
  const written = [
    PUBLIC,
    { ...PUBLIC, iss: `${ISS}/2`, authentication: 'client_secret_basic', clientSecretFile: 'secret' },
    { ...PUBLIC, iss: `${ISS}/3`, authentication: 'private_key_jwt', privateKeyFile: 'es384.pem', keyId: 'k1' },
    { ...PUBLIC, iss: `${ISS}/4/`, authentication: 'private_key_jwt', privateKeyFile: 'rs384.pem' },
  ];
  writeFileSync(file(), JSON.stringify(written));
  const read = await readRegistrations(file());
  expect(read.map((it) => it.iss)).toEqual([ISS, `${ISS}/2`, `${ISS}/3`, `${ISS}/4`]);
  expect(read.map((it) => it.authentication)).toMatchObject([
    { kind: 'public' },
    { kind: 'secret', secret: 'the-secret' },
    { kind: 'private-key', alg: 'ES384', kid: 'k1' },
    { kind: 'private-key', alg: 'RS384' },
  ]);
});

test('295 · a private key cannot be taken out of the process by what holds it', async () => {
  writeFileSync(
    file(),
    JSON.stringify([{ ...PUBLIC, authentication: 'private_key_jwt', privateKeyFile: 'es384.pem' }]),
  );
  const [registration] = await readRegistrations(file());
  const authentication = registration?.authentication;
  expect(authentication?.kind).toBe('private-key');
  if (authentication?.kind !== 'private-key') return;
  expect(authentication.key.extractable).toBe(false);
  expect(JSON.stringify(authentication)).not.toContain('"d"');
});

test.each<[string, unknown, RegExp]>([
  ['that is no JSON', '{', /^it is not JSON$/],
  ['that is no list', PUBLIC, /^the file: must be array$/],
  ['with nobody on it', [], /^the file: must NOT have fewer than 1 items$/],
  ['without a client id', [{ iss: ISS, authentication: 'public' }], /^\/0: must have required property 'clientId'$/],
  ['with an unknown way to authenticate', [{ ...PUBLIC, authentication: 'secret' }], /^\/0\/authentication: /],
  ['with a misspelt field', [PUBLIC, { ...PUBLIC, iss: `${ISS}/2`, frames: [] }], /^\/1: must NOT have additional/],
  ['with a server twice', [PUBLIC, PUBLIC], /^\/1\/iss: stands there twice$/],
  ['with a server twice, once with a slash', [PUBLIC, { ...PUBLIC, iss: `${ISS}/` }], /^\/1\/iss: stands there twice$/],
  ['with an open line to a hospital', [{ ...PUBLIC, iss: 'http://hospital.example/fhir' }], /^\/0\/iss: must be https/],
  ['with a secret and no file', [{ ...PUBLIC, authentication: 'client_secret_basic' }], /^\/0\/clientSecretFile: /],
  ['with a key and no file', [{ ...PUBLIC, authentication: 'private_key_jwt' }], /^\/0\/privateKeyFile: /],
  ['whose page may be framed by every page', [{ ...PUBLIC, frameAncestors: ['*'] }], /^\/0\/frameAncestors\/0: /],
  [
    'with something else behind an origin',
    [{ ...PUBLIC, frameAncestors: ['https://ehr.example; script-src *'] }],
    /^\/0\/frameAncestors\/0: /,
  ],
  [
    'whose secret is empty',
    [{ ...PUBLIC, authentication: 'client_secret_basic', clientSecretFile: 'empty' }],
    /^\/0: its secret or key: empty$/,
  ],
  [
    'whose key is missing',
    [{ ...PUBLIC, authentication: 'private_key_jwt', privateKeyFile: 'nowhere.pem' }],
    /^\/0: its secret or key: ENOENT$/,
  ],
  [
    'whose key is no key',
    [{ ...PUBLIC, authentication: 'private_key_jwt', privateKeyFile: 'secret' }],
    /^\/0: its secret or key: /,
  ],
])('a list %s is refused, and the place is named', async (_what, content, problem) => {
  const problems = await problemsOf(content);
  expect(problems.some((it) => problem.test(it))).toBe(true);
  expect(problems.join()).not.toContain('the-secret');
});
