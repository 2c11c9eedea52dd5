import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { AuditEvent } from 'fhir/r4.js';
import { type Embedded, startEmbedded } from '../../src/embedded/server/start-embedded.ts';
import { deliverAccesses } from '../../src/pipeline/audit/deliver-accesses.ts';
import { accessChain, ChainBroken } from '../../src/state/access-chain.ts';
import { type FaultProxy, startProxy } from '../faults/proxy.ts';
import { openWard, type Ward } from './rig.ts';

jest.setTimeout(60_000);
let embedded: Embedded;
let proxy: FaultProxy;
let ward: Ward;
let folder: string;
let file: string;

beforeAll(async () => {
  embedded = await startEmbedded();
  proxy = await startProxy(embedded.baseUrl);
  ward = await openWard(proxy.baseUrl, embedded.baseUrl);
});
afterAll(async () => {
  await ward.stop();
  await proxy.stop();
  await embedded.stop();
});
beforeEach(async () => {
  proxy.faults.length = 0;
  folder = await mkdtemp(join(tmpdir(), 'accesses-'));
  file = join(folder, 'accesses.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const deliver = (chain?: ReturnType<typeof accessChain<AuditEvent>>, at = Date.now()) =>
  deliverAccesses(
    { ...ward.vincle.ports, ...(chain === undefined ? {} : { chain }) },
    { holder: randomUUID(), now: () => at },
  );
const look = async () => {
  const maria = await ward.person('Patient/p1');
  expect((await maria.ask('GET', '/api/forms')).status).toBe(200);
};
const OUTCOME = { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-supported' }] };
const answer = (status: number) => ({
  status,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify(OUTCOME),
});

test('accesses that the server takes no AuditEvent of go to the local log, each line sealed by the one before', async () => {
  const chain = accessChain<AuditEvent>(file);
  proxy.faults.push({ when: (it) => it.body.includes('AuditEvent'), times: 1_000, answer: answer(422) });
  for (const _ of [1, 2, 3]) await look();
  expect(await deliver(chain)).toEqual({ delivered: 0, kept: 3, waiting: 0 });
  expect((await chain.read()).map((it) => it.resourceType)).toEqual(['AuditEvent', 'AuditEvent', 'AuditEvent']);
  // Another process, or the same after a restart, goes on where it ended.
  await look();
  await deliver(accessChain<AuditEvent>(file));
  expect(await accessChain<AuditEvent>(file).read()).toHaveLength(4);
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  for (const changed of [
    lines.map((it, index) => (index === 1 ? it.replace('Patient/p1', 'Patient/p2') : it)),
    lines.filter((_, index) => index !== 1),
    [lines[1], lines[0], ...lines.slice(2)],
  ]) {
    await writeFile(file, `${changed.join('\n')}\n`);
    await expect(accessChain<AuditEvent>(file).read()).rejects.toThrow(ChainBroken);
  }
});

test('without a local log they stay as dead letters, and the coordinator sees that they do', async () => {
  proxy.faults.push({ when: (it) => it.body.includes('AuditEvent'), times: 1_000, answer: answer(422) });
  await look();
  await deliver();
  const dead = (await ward.vincle.state.listEntries()).filter((it) => it.state === 'dead');
  expect(dead.map((it) => it.label)).toEqual(['AuditEvent']);
  for (const it of dead) await ward.vincle.state.drop(it.id);
});

test('while the server is away they wait, and arrive once', async () => {
  await look();
  proxy.faults.push({ when: () => true, times: 1_000, cutBefore: true });
  expect(await deliver()).toMatchObject({ delivered: 0, waiting: 1 });
  proxy.faults.length = 0;
  expect(await deliver(undefined, Date.now() + 3_600_000)).toMatchObject({ delivered: 1, waiting: 0 });
  expect(await deliver(undefined, Date.now() + 3_600_000)).toMatchObject({ delivered: 0, waiting: 0 });
});
