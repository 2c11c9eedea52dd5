import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirOptions } from '../../src/fhir/options.ts';
import {
  cut,
  failureOf,
  found,
  halfBody,
  halfJson,
  html,
  json,
  type MisbehavingServer,
  misbehave,
  options,
  PATIENT,
  type Reply,
  silence,
  standingClock,
  status,
} from './misbehaving-server.ts';

let server: MisbehavingServer;
afterEach(() => server.stop());

/** Vincle before a server that gives these replies, in a time that stands still. */
async function before(replies: readonly Reply[], more: Partial<FhirOptions> = {}) {
  server = await misbehave(...replies);
  const clock = standingClock();
  return { fhir: connectFhir(options(server.baseUrl, clock, more)), clock };
}

test('a server that is down is asked five times, ever more rarely, and nothing is uncertain', async () => {
  const { fhir, clock } = await before([found]);
  await server.stop();
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, error.uncertain, error.status]).toEqual(['unreachable', false, undefined]);
  expect(error.message).toBe('GET Patient/p1: no connection (ECONNREFUSED)');
  expect(clock.waits).toEqual([100, 200, 400, 800]);
  expect(fhir.traffic.requests).toBe(5);
});

test('a server that says nothing is left after the timeout and asked again', async () => {
  const { fhir } = await before([silence, found], { timeoutMs: 80 });
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
  expect(server.seen).toHaveLength(2);
});

test('a server that never says anything is unreachable: no answer in time', async () => {
  const { fhir } = await before([silence], { timeoutMs: 40, retry: { attempts: 2, baseMs: 1, maxMs: 1 } });
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, error.uncertain]).toEqual(['unreachable', true]);
  expect(error.message).toContain('no answer in time');
});

test('429 waits as long as Retry-After says, in seconds', async () => {
  const { fhir, clock } = await before([status(429, { 'retry-after': '7' }), found]);
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
  expect(clock.waits).toEqual([7_000]);
});

test('429 waits until the HTTP date that Retry-After names', async () => {
  const { fhir, clock } = await before([status(429, { 'retry-after': 'Sun, 01 Mar 2026 00:00:11 GMT' }), found]);
  await fhir.read('Patient', 'p1');
  expect(clock.waits).toEqual([11_000]);
});

test('nobody waits an hour because a server asks for it: the wait has a bound', async () => {
  const { fhir, clock } = await before([status(429, { 'retry-after': '3600' }), found]);
  await fhir.read('Patient', 'p1');
  expect(clock.waits).toEqual([30_000]);
});

test('429 to the end is throttled', async () => {
  const { fhir } = await before([status(429)]);
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, error.status, server.seen.length]).toEqual(['throttled', 429, 5]);
});

test.each([408, 425, 502, 503, 504])('%d passes: the read is asked again', async (code) => {
  const { fhir } = await before([status(code), status(code), found]);
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
  expect(server.seen).toHaveLength(3);
});

test('500 is asked three times and no more', async () => {
  const { fhir } = await before([status(500)]);
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, error.status, server.seen.length]).toEqual(['unreachable', 500, 3]);
});

test.each([400, 403, 422])('%d is final: asked once', async (code) => {
  const { fhir } = await before([status(code)]);
  const error = await failureOf(fhir.read('Patient', 'p1'));
  expect([error.kind, server.seen.length]).toEqual([code === 403 ? 'unauthorized' : 'rejected', 1]);
});

test('a body that breaks off is read again', async () => {
  const { fhir } = await before([halfBody, halfJson, found]);
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
  expect(server.seen).toHaveLength(3);
});

test('a connection that is cut is made again', async () => {
  const { fhir } = await before([cut, found]);
  expect(await fhir.read('Patient', 'p1')).toEqual(PATIENT);
});

test('JSON that stays half is malformed, and so is a page for people', async () => {
  for (const reply of [halfJson, html(200)]) {
    const { fhir } = await before([reply]);
    const error = await failureOf(fhir.read('Patient', 'p1'));
    expect([error.kind, server.seen.length]).toEqual(['malformed', 5]);
    await server.stop();
  }
});

test('an answer larger than the limit is broken off, told with its setting, and not asked for again', async () => {
  server = await misbehave(json(200, { ...PATIENT, text: { status: 'empty', div: 'x'.repeat(200_000) } }));
  const read = promisify(execFile);
  const said = async (largest: number) => {
    const script = join(import.meta.dirname, 'read-patient.ts');
    const { stdout } = await read(process.execPath, [script, server.baseUrl, String(largest)]);
    return JSON.parse(stdout);
  };
  expect(await said(100_000)).toEqual(['malformed', expect.stringContaining('FHIR_MAX_ANSWER_MB')]);
  expect(server.seen).toHaveLength(1);
  expect(await said(300_000)).toEqual(['read', 'p1']);
});

test('another patient than the one asked for is malformed, never handed on', async () => {
  const { fhir } = await before([found]);
  expect((await failureOf(fhir.read('Patient', 'p2'))).kind).toBe('malformed');
});

test('every request is counted, the repeated ones too, and every byte of a body that was sent', async () => {
  const { fhir } = await before([status(503), status(503), found]);
  await fhir.write({ method: 'PUT', resource: PATIENT });
  expect(fhir.traffic.requests).toBe(server.seen.length);
  expect(fhir.traffic.bytesOut).toBe(server.seen.reduce((sum, it) => sum + Buffer.byteLength(it.body), 0));
  expect(fhir.traffic.bytesOut).toBe(3 * Buffer.byteLength(JSON.stringify(PATIENT)));
});
