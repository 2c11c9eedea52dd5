import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface Ended {
  /** Exit code; -1 for one that was killed. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly pid: number;
  kill(): void;
  /** Asks it to end, as an operator does. */
  end(): void;
  onStderr(listener: (textSoFar: string) => void): void;
  readonly ended: Promise<Ended>;
}

/** Starts a real `vincle` command in a process of its own. */
export function startVincle(args: readonly string[], env: Readonly<Record<string, string>>): Running {
  const child = spawn(process.execPath, [resolve('bin/vincle.js'), ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (data) => {
    text.stdout += data;
  });
  child.stderr.on('data', (data) => {
    text.stderr += data;
  });
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code ?? -1, ...text }));
  return {
    pid: child.pid ?? -1,
    kill: () => child.kill('SIGKILL'),
    end: () => child.kill('SIGTERM'),
    onStderr: (listener) => child.stderr.on('data', () => listener(text.stderr)),
    ended,
  };
}

/** Runs a command to its end. */
export const vincle = (args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
  startVincle(args, env).ended;

/** As if the time had passed after which the locks of a killed process end; `url` is a `sqlite:` state. */
export function locksEnd(url: string): void {
  const file = new DatabaseSync(url.slice('sqlite:'.length));
  file.exec('UPDATE lease SET expires_at = 0');
  file.close();
}
