import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { publicKeyOf, readSigningKey } from './fhir/backend-services.ts';
import type { ClientAuthentication, Registration } from './http/smart/registration.ts';

/** The file of registrations cannot be used; each problem names the place. Exit code 2. */
export class RegistrationsError extends Error {
  readonly problems: readonly string[];
  constructor(file: string, problems: readonly string[]) {
    super(`SMART_REGISTRATIONS_FILE ${file} cannot be used:\n${problems.map((it) => `  ${it}`).join('\n')}`);
    this.name = 'RegistrationsError';
    this.problems = problems;
  }
}

interface Written {
  readonly iss: string;
  readonly clientId: string;
  readonly authentication: 'public' | 'client_secret_basic' | 'private_key_jwt';
  readonly clientSecretFile?: string;
  readonly privateKeyFile?: string;
  readonly keyId?: string;
  readonly frameAncestors?: readonly string[];
  readonly extraScopes?: readonly string[];
}

const text = { type: 'string', minLength: 1 } as const;
const texts = { type: 'array', items: text, uniqueItems: true } as const;
const check = new Ajv({ allErrors: true }).compile<readonly Written[]>({
  type: 'array',
  minItems: 1,
  items: {
    type: 'object',
    required: ['iss', 'clientId', 'authentication'],
    additionalProperties: false,
    properties: {
      iss: { type: 'string', pattern: '^https?://[^?#]+$' },
      clientId: text,
      authentication: { enum: ['public', 'client_secret_basic', 'private_key_jwt'] },
      clientSecretFile: text,
      privateKeyFile: text,
      keyId: text,
      frameAncestors: {
        type: 'array',
        items: { type: 'string', pattern: '^https?://[^/?#\\s;,]+$' },
        uniqueItems: true,
      },
      extraScopes: texts,
    },
  },
});

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** The servers from which Vincle may be launched, with their keys and secrets. @throws RegistrationsError */
export async function readRegistrations(file: string): Promise<readonly Registration[]> {
  const json = await parsed(file);
  if (!check(json))
    throw new RegistrationsError(
      file,
      (check.errors ?? []).map((it) => `${it.instancePath === '' ? 'the file' : it.instancePath}: ${it.message ?? ''}`),
    );
  const problems = json.flatMap((it, index) => problemsOf(it, json, `/${index}`));
  if (problems.length > 0) throw new RegistrationsError(file, problems);
  return Promise.all(
    json.map(async (it, index): Promise<Registration> => {
      const authentication = await authenticationOf(it, dirname(file)).catch((error: unknown) => {
        // Never what the error says: parsers quote what they read.
        const why = typeof error === 'object' && error !== null && 'code' in error ? `${error.code}` : 'cannot be read';
        throw new RegistrationsError(file, [`/${index}: its secret or key: ${why}`]);
      });
      return {
        iss: withoutSlash(it.iss),
        clientId: it.clientId,
        authentication,
        frameAncestors: it.frameAncestors ?? [],
        extraScopes: it.extraScopes ?? [],
      };
    }),
  );
}

async function parsed(file: string): Promise<unknown> {
  const content = await readFile(file, 'utf8').catch(() => {
    throw new RegistrationsError(file, ['the file cannot be read']);
  });
  try {
    return JSON.parse(content);
  } catch {
    throw new RegistrationsError(file, ['it is not JSON']);
  }
}

function problemsOf(it: Written, all: readonly Written[], place: string): string[] {
  const problems: string[] = [];
  const url = new URL(it.iss);
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
    problems.push(`${place}/iss: must be https off loopback`);
  if (all.findIndex((one) => withoutSlash(one.iss) === withoutSlash(it.iss)) !== all.indexOf(it))
    problems.push(`${place}/iss: stands there twice`);
  if (it.authentication === 'client_secret_basic' && it.clientSecretFile === undefined)
    problems.push(`${place}/clientSecretFile: client_secret_basic needs it`);
  if (it.authentication === 'private_key_jwt' && it.privateKeyFile === undefined)
    problems.push(`${place}/privateKeyFile: private_key_jwt needs it`);
  return problems;
}

async function authenticationOf(it: Written, folder: string): Promise<ClientAuthentication> {
  if (it.authentication === 'client_secret_basic') {
    const secret = (await readFile(resolve(folder, it.clientSecretFile ?? ''), 'utf8')).trim();
    if (secret === '') throw Object.assign(new Error('empty'), { code: 'empty' });
    return { kind: 'secret', secret };
  }
  if (it.authentication === 'public') return { kind: 'public' };
  const { keyId } = it;
  const privateKeyFile = resolve(folder, it.privateKeyFile ?? '');
  const named = { privateKeyFile, ...(keyId === undefined ? {} : { keyId }) };
  const { key, alg, kid } = await readSigningKey(named);
  if (key instanceof Uint8Array) throw new Error('not a private key');
  return { kind: 'private-key', key, alg, kid, publicKey: await publicKeyOf(named) };
}
