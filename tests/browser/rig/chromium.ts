import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/**
 * The Chromium of this machine: the program that `CHROMIUM` names, else the first of the usual names on the path.
 * `undefined` where there is none, or it does not run.
 */
export function chromiumProgram(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const named = process.env.CHROMIUM;
  const candidates =
    named === undefined || named === ''
      ? NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
      : [named];
  return candidates.find((it) => existsSync(it) && spawnSync(it, ['--version']).status === 0);
}

/** What Chromium is started with: as root in a container, and without a word to anybody outside. */
export const CHROMIUM_ARGUMENTS: readonly string[] = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
