import { spawn } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');
const START_TIMEOUT_MS = 3_600_000;

export interface Demonstration {
  /** The page with the doors, with a slash at its end. */
  readonly ehr: string;
  stop(): Promise<void>;
}

/** The demonstration as `npm start` runs it, with so many patients; one that runs already where `EHR_URL` names it. */
export async function demonstrate(patients: number): Promise<Demonstration> {
  const running = process.env.EHR_URL;
  if (running !== undefined) return { ehr: running, stop: async () => {} };
  const child = spawn(process.execPath, ['bin/vincle.js', 'demo', '--patients', String(patients)], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ehr = await new Promise<string>((found, failed) => {
    const timer = setTimeout(() => failed(new Error('The demonstration did not start.')), START_TIMEOUT_MS);
    let said = '';
    child.stderr.on('data', (part: Buffer) => {
      said += part.toString('utf8');
      const url = /Open (http:\S+) and choose/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      found(url);
    });
    child.once('exit', () => failed(new Error(said)));
  });
  return {
    ehr,
    stop: () =>
      new Promise((done) => {
        child.once('exit', () => done());
        child.kill('SIGTERM');
      }),
  };
}
