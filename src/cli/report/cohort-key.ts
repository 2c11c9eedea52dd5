import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from '../../config.ts';

const KEY_BYTES = 32;

/**
 * The key of the pseudonyms, as its file holds it.
 * @throws ConfigError where it cannot be read, is too short, or every user of the machine can reach it; never quotes it
 */
export async function cohortKey(file: string): Promise<Uint8Array> {
  const refuse = (why: string) => new ConfigError([`COHORT_KEY_FILE: the file ${why}.`]);
  const key = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(`cannot be read (${cause.code})`);
  });
  if (((await stat(file)).mode & 0o007) !== 0)
    throw refuse('can be reached by every user of this machine: chmod 600, or 640 for a group of its own');
  if (key.byteLength < KEY_BYTES) throw refuse(`holds fewer than ${KEY_BYTES} bytes`);
  return key;
}
