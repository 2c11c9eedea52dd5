import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';
import { type Hapi, startHapi } from './rig/hapi.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Requests, resources and bytes of a run: counts are the same on every machine, times are not. */
async function counted(server: FhirServer, responses: number) {
  const { first, study } = generateCohort({ seed: 3, patients: 2, responses, idPrefix: `counts${responses}` });
  for (const bundle of first) await server.request('POST', '', bundle);
  const content = await loadContent({ shipped: ROOT, baseUrl: server.baseUrl });
  const settings = { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl: server.baseUrl };
  const state = await openState('sqlite::memory:');
  // No commit lag: what was read is not asked for again, as it is once the lag has passed.
  const run = async () => {
    const bytes = server.traffic.bytesOut;
    const result = await computeAlliance(
      { server, state, context: { content, display: displayOf(content.resources), settings } },
      { overlapMs: 0, now: Date.now, holder: 'counts', pause: async () => {} },
    );
    return { ...result, bytesOut: server.traffic.bytesOut - bytes };
  };
  const whole = await run();
  // The server tells the time of its answer; what was stored within that instant is asked for once more.
  await run();
  const quiet = await run();
  const one = first
    .flatMap((it) => it.entry ?? [])
    .find(
      (it) =>
        it.resource?.resourceType === 'QuestionnaireResponse' && it.resource.subject?.reference?.startsWith('Patient/'),
    );
  await server.write({ method: 'PUT', resource: { ...(one?.resource as QuestionnaireResponse), status: 'amended' } });
  const after = await run();
  await state.close();
  return { whole, quiet, after };
}

let hapi: Hapi;
let small: Awaited<ReturnType<typeof counted>>;
let large: Awaited<ReturnType<typeof counted>>;
beforeAll(async () => {
  hapi = await startHapi({ database: 'h2' });
  const server = connectFhir({ baseUrl: hapi.baseUrl, auth: { kind: 'none' } });
  small = await counted(server, 120);
  large = await counted(server, 600);
}, 300_000);
afterAll(() => hapi.stop());

test('a first run over 600 responses takes one request for about sixty resources, and sends them once', () => {
  expect(large.whole.read).toBeGreaterThanOrEqual(600);
  expect(large.whole.written).toBeGreaterThan(600);
  expect(large.whole.requests).toBeLessThanOrEqual(Math.ceil(large.whole.written / 60) + 8);
  expect(large.whole.bytesOut / large.whole.written).toBeLessThan(3_500);
});

test('with nothing new a run is one request, whatever stands there', () => {
  expect([small.quiet.requests, large.quiet.requests]).toEqual([1, 1]);
});

test('after one changed response a run is at most eight requests, as many among 600 as among 120', () => {
  expect(small.after.requests).toBeLessThanOrEqual(8);
  expect(large.after.requests).toBe(small.after.requests);
  expect([small.after.written > 0, large.after.written > 0]).toEqual([true, true]);
});
