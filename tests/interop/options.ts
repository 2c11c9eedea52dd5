import { setTimeout as pause } from 'node:timers/promises';
import { loadContent } from '../../src/content/load.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { openState } from '../../src/state/open.ts';
import type { InteropOptions } from './run-interop.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
let serial = 0;

/** One run against a server of the tests’ own: no need to be polite. */
export async function interopOptions(baseUrl: string): Promise<InteropOptions> {
  serial += 1;
  return {
    server: connectFhir({ baseUrl, auth: { kind: 'none' } }),
    content: await loadContent({ shipped: ROOT, baseUrl }),
    state: await openState('sqlite::memory:'),
    run: `interop-${process.pid}-${serial}`,
    everyMs: 0,
    pause: (ms) => pause(ms),
    signal: new AbortController().signal,
  };
}
