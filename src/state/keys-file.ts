import { randomBytes } from 'node:crypto';
import { link, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { SealingKey } from './seal.ts';
import { StateError } from './state-error.ts';

const KEY_BYTES = 32;
type Keys = readonly [SealingKey, ...SealingKey[]];

/**
 * The keys of a keys file: JSON, `[{ "id": "…", "key": "<32 bytes in base64>" }]`. The first seals, all open.
 * @throws StateError `keys-file` where it is absent, where users other than its owner and group can read it, or where
 * it is not that; never quotes a key.
 */
export async function readKeys(file: string): Promise<Keys> {
  const refuse = (why: string) => new StateError('keys-file', `The keys file ${file} ${why}.`);
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${cause.code})`);
  });
  if (((await stat(file)).mode & 0o007) !== 0) {
    throw refuse('can be reached by every user of this machine: chmod 600, or 640 for a group of its own');
  }
  const entries = parsed(text);
  if (!Array.isArray(entries)) throw refuse('is not a JSON array of {"id", "key"}');
  const keys = entries.map((entry, at) => keyOf(entry) ?? at);
  const wrong = keys.find((it) => typeof it === 'number');
  if (wrong !== undefined) throw refuse(`has no "id" and "key" of ${KEY_BYTES} bytes in base64 at place ${wrong + 1}`);
  const [first, ...rest] = keys.filter((it) => typeof it !== 'number');
  if (first === undefined) throw refuse('holds no key');
  if (new Set([first, ...rest].map(({ id }) => id)).size !== entries.length) throw refuse('uses one id twice');
  return [first, ...rest];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keyOf(entry: unknown): SealingKey | undefined {
  if (typeof entry !== 'object' || entry === null || !('id' in entry) || !('key' in entry)) return undefined;
  const { id, key } = entry;
  if (typeof id !== 'string' || id === '' || typeof key !== 'string') return undefined;
  const bytes = Buffer.from(key, 'base64');
  // Buffer.from skips what is not base64: only the way back shows that nothing was skipped.
  return bytes.length === KEY_BYTES && bytes.toString('base64') === key ? { id, key: bytes } : undefined;
}

/** Keys for a state that lives no longer than the process. */
export const passingKeys = (): Keys => [{ id: 'passing', key: randomBytes(KEY_BYTES) }];

/** Makes a keys file with one new key, for its owner alone. Where another process was first, its file stays. */
export async function makeKeys(file: string): Promise<void> {
  const entry = { id: randomBytes(6).toString('hex'), key: randomBytes(KEY_BYTES).toString('base64') };
  const draft = `${file}.${entry.id}`;
  await writeFile(draft, `${JSON.stringify([entry], undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    // A link fails where the name is taken, and nobody ever sees half a file under it.
    await link(draft, file).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
    });
  } finally {
    await rm(draft);
  }
}
