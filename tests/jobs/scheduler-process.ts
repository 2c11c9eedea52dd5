/**
 * A process that runs one job every second: URL LOG. Each run takes longer than that, and writes when it begins and
 * ends into the log. It lives as long as its stdin.
 */
import { appendFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { schedule } from '../../src/jobs/schedule.ts';
import { openState } from '../../src/state/open.ts';

const [url = '', log = ''] = process.argv.slice(2);
const state = await openState(url);
const note = (what: string) => appendFileSync(log, `${JSON.stringify({ pid: process.pid, what, at: Date.now() })}\n`);
process.stdin.resume().once('end', () => process.exit(0));

schedule({
  state,
  job: 'alliance',
  holder: `process ${process.pid}`,
  cron: '* * * * * *',
  ttlMs: 4_000,
  run: async () => {
    note('begin');
    await pause(1_200);
    note('end');
  },
});
