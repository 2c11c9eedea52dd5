import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { openState } from '../../src/state/open.ts';
import { eventually, killOthers, otherProcess } from '../state/other-process.ts';

const PROCESS = join(import.meta.dirname, 'scheduler-process.ts');
const folder = mkdtempSync(join(tmpdir(), 'vincle-jobs-'));
const log = join(folder, 'runs');
const url = `sqlite:${join(folder, 'vincle.sqlite')}`;
afterEach(async () => {
  await killOthers();
  rmSync(folder, { recursive: true });
});

interface Note {
  readonly pid: number;
  readonly what: 'begin' | 'end' | 'killed';
  readonly at: number;
}
const notes = (): Note[] =>
  existsSync(log)
    ? readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [];

test('two processes with a job every second run it one at a time; when one is killed at it, the other takes over', async () => {
  const processes = [otherProcess(PROCESS, [url, log]), otherProcess(PROCESS, [url, log])];
  await eventually(async () => notes().filter((it) => it.what === 'end').length >= 4 || undefined);

  const running = await eventually(async () => {
    const last = notes().at(-1);
    return last?.what === 'begin' && Date.now() - last.at < 500 ? last : undefined;
  });
  const victim = processes.find((it) => it.pid === running.pid);
  await victim?.kill();
  const killed: Note = { pid: running.pid, what: 'killed', at: Date.now() };
  const after = await eventually(async () => notes().find((it) => it.what === 'begin' && it.at > killed.at));
  expect(after.pid).not.toBe(killed.pid);
  await eventually(async () => notes().find((it) => it.what === 'end' && it.pid === after.pid && it.at > after.at));
  await killOthers();

  // In the order of time, each begin is followed by its own end, but for the last, which the end of the test cut off.
  const story = [...notes(), killed].sort((a, b) => a.at - b.at);
  const begins = story.filter((it) => it.what === 'begin');
  expect(begins.length).toBeGreaterThanOrEqual(6);
  for (const [at, note] of story.entries()) {
    const next = story[at + 1];
    if (note.what === 'begin' && next !== undefined)
      expect([next.pid, next.what === 'begin']).toEqual([note.pid, false]);
  }

  const state = await openState(url);
  const kept = await state.lastRuns('alliance', 100);
  await state.close();
  expect(kept.every((it) => it.ok)).toBe(true);
  expect(kept.length).toBeGreaterThanOrEqual(5);
}, 60_000);
