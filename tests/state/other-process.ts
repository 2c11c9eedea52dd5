import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A child process whose lines can be awaited one by one. */
export interface OtherProcess {
  readonly pid: number;
  /** The next line that it says. */
  line(): Promise<string>;
  tell(line: string): void;
  /** SIGKILL, and gone when this resolves; what it said before is still read by `line`. */
  kill(): Promise<void>;
}

const started = new Set<ChildProcess>();

/** Starts a TypeScript file in the Node that runs the tests. */
export function otherProcess(file: string, args: readonly string[]): OtherProcess {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  started.add(child);
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    line: async () => {
      const next = await lines.next();
      if (next.done) throw new Error(`${file} ended`);
      return next.value;
    },
    tell: (line) => child.stdin.write(`${line}\n`),
    kill: () => kill(child),
  };
}

/** Ends what a test left running. */
export const killOthers = async (): Promise<void> => {
  await Promise.all([...started].map(kill));
};

async function kill(child: ChildProcess): Promise<void> {
  started.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

/** Asks again and again until there is an answer; fails after `patienceMs`. */
export async function eventually<T>(ask: () => Promise<T | undefined>, patienceMs = 20_000): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`nothing within ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
