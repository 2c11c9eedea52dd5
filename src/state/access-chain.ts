import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';

/** One line of the log: what was done, and the digest of it with the line before. */
interface Line {
  readonly seq: number;
  readonly previous: string;
  readonly digest: string;
  readonly event: unknown;
}

const FIRST = '0'.repeat(64);
const digestOf = (seq: number, previous: string, event: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([seq, previous, event]))
    .digest('hex');

/** The log was changed by somebody else than this program. */
export class ChainBroken extends Error {
  constructor(line: number) {
    super(`The log of accesses was changed at line ${line}.`);
    this.name = 'ChainBroken';
  }
}

async function readLines(file: string): Promise<readonly Line[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  let previous = FIRST;
  return text
    .split('\n')
    .filter((it) => it !== '')
    .map((it, index) => {
      const line = parsed(it, index);
      if (
        line.seq !== index + 1 ||
        line.previous !== previous ||
        line.digest !== digestOf(line.seq, previous, line.event)
      )
        throw new ChainBroken(index + 1);
      previous = line.digest;
      return line;
    });
}

function parsed(text: string, index: number): Line {
  try {
    return JSON.parse(text) as Line;
  } catch {
    throw new ChainBroken(index + 1);
  }
}

/**
 * An append-only file with a hash chain, one for each process: a line that is changed, moved or taken out is told. What
 * is cut off at its end is told only beside a copy of the last digest.
 */
export function accessChain<T>(file: string): { append(events: readonly T[]): Promise<void>; read(): Promise<T[]> } {
  let last: Promise<{ readonly seq: number; readonly digest: string }> | undefined;
  const tail = async () => {
    const line = (await readLines(file)).at(-1);
    return { seq: line?.seq ?? 0, digest: line?.digest ?? FIRST };
  };
  return {
    append(events) {
      const before = last ?? tail();
      const after = before.then(async (at) => {
        let { seq, digest } = at;
        const lines = events.map((event) => {
          const line: Line = { seq: seq + 1, previous: digest, digest: digestOf(seq + 1, digest, event), event };
          [seq, digest] = [line.seq, line.digest];
          return JSON.stringify(line);
        });
        const handle = await open(file, 'a', 0o600);
        try {
          await handle.appendFile(lines.map((it) => `${it}\n`).join(''));
          await handle.sync();
        } finally {
          await handle.close();
        }
        return { seq, digest };
      });
      last = after.catch(() => before);
      return after.then(() => undefined);
    },
    // Only `append` writes there, and what was changed does not open.
    read: async () => (await readLines(file)).map((it) => it.event as T),
  };
}
