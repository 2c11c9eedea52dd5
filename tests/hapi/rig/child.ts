import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** A program that says on its stdout when it is ready. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where its stderr goes. */
  readonly log: string;
  readonly isReady: (line: string) => boolean;
  readonly timeoutMs: number;
}

/**
 * Starts a program and waits for the line that says it is ready. Its stdin stays open as long as this process lives:
 * a program that ends when stdin ends cannot outlive a test run that was killed.
 */
export async function startUntilReady(program: Program): Promise<ChildProcess> {
  const log = openSync(program.log, 'a');
  const stdio: StdioOptions = ['pipe', 'pipe', log];
  const child = spawn(program.command, program.args, { env: { ...process.env, ...program.env }, stdio });
  closeSync(log);
  const deadline = AbortSignal.timeout(program.timeoutMs);
  const ready = readyLine(child, program.isReady);
  const ended = once(child, 'exit', { signal: deadline }).then(([code, signal]) => {
    throw new Error(`${program.command} ended (${code ?? signal}):\n${tail(program.log)}`);
  });
  try {
    await Promise.race([ready, ended]);
  } catch (cause) {
    child.kill('SIGKILL');
    const late = deadline.aborted ? `\nnot ready after ${program.timeoutMs} ms\n${tail(program.log)}` : '';
    throw new Error(`${program.command} did not start${late}`, { cause });
  }
  ended.catch(() => {});
  return child;
}

/** Asks the process to end, and ends it where it does not within `patienceMs`. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM', patienceMs = 20_000): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
}

async function readyLine(child: ChildProcess, isReady: (line: string) => boolean): Promise<void> {
  if (child.stdout === null) throw new Error('stdout is not a pipe');
  for await (const line of createInterface({ input: child.stdout })) {
    if (isReady(line)) {
      child.stdout.resume();
      return;
    }
  }
  // stdout ended: the exit that follows says why.
  await once(child, 'close');
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n');
}
