import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import { interopOptions } from './options.ts';
import { runInterop, testReport } from './run-interop.ts';
import { TaggedServer } from './tagged-server.ts';

let embedded: Embedded;
beforeAll(async () => {
  embedded = await startEmbedded();
});
afterAll(() => embedded.stop());

test('every step passes on the embedded server, and nothing of the run is left', async () => {
  const options = await interopOptions(embedded.baseUrl);
  const results = await runInterop(options);
  expect(results.filter((it) => it.result !== 'pass')).toEqual([]);
  const [left] = await options.server.searchAll([{ type: 'Observation', params: [['_count', '10']] }]);
  expect(left?.resources).toEqual([]);
  expect(testReport(results, embedded.baseUrl, '2026-01-01T00:00:00Z')).toMatchObject({
    resourceType: 'TestReport',
    result: 'pass',
    score: 100,
  });
});

test('a run that is stopped half way deletes what it made', async () => {
  const stop = new AbortController();
  const options = { ...(await interopOptions(embedded.baseUrl)), signal: stop.signal };
  const results = await runInterop({
    ...options,
    onStep: (it) => it.step.startsWith('compute: every') && stop.abort(),
  });
  expect(results.some((it) => it.result === 'skip')).toBe(true);
  expect(results.at(-1)).toMatchObject({ step: 'delete everything that the run made', result: 'pass' });
  const [left] = await options.server.searchAll([{ type: 'Observation', params: [['_count', '10']] }]);
  expect(left?.resources).toEqual([]);
});

test('a resource that does not carry the run’s tag is neither written over nor shown', async () => {
  const plain = connectFhir({ baseUrl: embedded.baseUrl, auth: { kind: 'none' } });
  const theirs: Observation = {
    resourceType: 'Observation',
    id: 'theirs',
    status: 'final',
    code: { text: 'of the hospital' },
  };
  await plain.write({ method: 'PUT', resource: theirs });
  const { server: _server, ...options } = await interopOptions(embedded.baseUrl);
  const tagged = new TaggedServer(plain, options);
  await expect(tagged.write({ method: 'PUT', resource: { ...theirs, status: 'amended' } })).rejects.toMatchObject({
    kind: 'conflict',
  });
  expect(await tagged.read('Observation', 'theirs')).toBeUndefined();
  expect((await plain.read('Observation', 'theirs'))?.status).toBe('final');
});
