import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../../config.ts';

/** Names this process to the others that share the state. */
export const holderOf = (): string => `${hostname()}:${process.pid}:${randomUUID()}`;

/** What every run of this process has in common. */
export const runOptions = (config: Config) => ({
  overlapMs: config.FHIR_COMMIT_LAG_SECONDS * 1000,
  now: Date.now,
  holder: holderOf(),
  pause: (ms: number) => pause(ms),
});
