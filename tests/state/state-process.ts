/**
 * Another process on the same state, told what to do by its arguments: MODE URL KEYS_FILE REST…
 * `hold KEY TTL`: says ready, waits for a line, asks for the lease and says `got FENCE` or `refused`.
 * `enqueue STREAM`: puts one entry after the other into the outbox and says each one's number once it is acknowledged.
 * It lives as long as its stdin.
 */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { openState } from '../../src/state/open.ts';
import { PATIENT_TEXT } from './outbox-entry.ts';

const [mode = '', url = '', keysFile = '', ...rest] = process.argv.slice(2);
const say = (line: string) => writeSync(1, `${line}\n`);
const state = await openState(url, keysFile);
process.stdin.once('end', () => process.exit(0));

if (mode === 'hold') {
  const [key = '', ttl = ''] = rest;
  say('ready');
  await once(process.stdin, 'data');
  const lease = await state.acquire([key], `process ${process.pid}`, Number(ttl), Date.now());
  say(lease === undefined ? 'refused' : `got ${lease.fence}`);
  process.stdin.resume();
} else {
  const [stream = ''] = rest;
  process.stdin.resume();
  for (let number = 0; ; number += 1) {
    const at = new Date().toISOString();
    await state.enqueue({
      id: `${stream}/${number}`,
      stream,
      label: `QuestionnaireResponse/${number}`,
      payload: { number, text: PATIENT_TEXT },
      enqueuedAt: at,
      nextAttemptAt: at,
    });
    say(String(number));
  }
}
