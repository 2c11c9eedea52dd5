import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { idsOf, request } from './fhir-request.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vincle-embedded-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function startChild(file: string): Promise<{ child: ChildProcess; base: string }> {
  const script = join(import.meta.dirname, 'child-server.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  if (child.stdout === null) throw new Error('no stdout');
  const [base] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, base: String(base) };
}

/** A patient and its two responses, in one transaction. */
function family(n: number): object {
  const patient = { resourceType: 'Patient', id: `p-${n}` };
  const responses = [1, 2].map((k) => ({
    resourceType: 'QuestionnaireResponse',
    id: `r-${n}-${k}`,
    status: 'completed',
    subject: { reference: `Patient/p-${n}` },
  }));
  const entry = [patient, ...responses].map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  }));
  return { resourceType: 'Bundle', type: 'transaction', entry };
}

test('a server killed while it writes has every acknowledged write after the restart, and no half transaction', async () => {
  const file = join(folder, 'killed.db');
  const acknowledged: number[] = [];
  for (let round = 0; round < 3; round++) {
    const { child, base } = await startChild(file);
    const dead = once(child, 'exit');
    const enough = acknowledged.length + 40;
    const writer = async (first: number) => {
      for (let n = first; ; n += 2) {
        const answer = await request(base, 'POST', family(round * 1_000_000 + n)).catch(() => undefined);
        if (answer === undefined) return;
        expect(answer.status).toBe(200);
        acknowledged.push(round * 1_000_000 + n);
        // Killed while the other writer's request is under way.
        if (acknowledged.length === enough) child.kill('SIGKILL');
      }
    };
    await Promise.all([writer(0), writer(1)]);
    await dead;
  }
  const again = await startEmbedded({ file });
  const patients = new Set(await idsOf(`${again.baseUrl}/Patient?_count=1000`));
  const responses = await idsOf(`${again.baseUrl}/QuestionnaireResponse?_count=1000`);
  await again.stop();
  expect(acknowledged.length).toBeGreaterThanOrEqual(120);
  expect(acknowledged.filter((n) => !patients.has(`p-${n}`))).toEqual([]);
  const whole = [...patients].flatMap((id) => [1, 2].map((k) => id.replace('p-', 'r-').concat(`-${k}`)));
  expect(responses.sort()).toEqual(whole.sort());
}, 60_000);

test('a restart keeps version ids, lastUpdated, history, deletions and what the searches find', async () => {
  const file = join(folder, 'kept.db');
  const first = await startEmbedded({ file });
  const put = (base: string, active: boolean) =>
    request(`${base}/Patient/p`, 'PUT', { resourceType: 'Patient', id: 'p', active, identifier: [{ value: 'i' }] });
  await put(first.baseUrl, true);
  const second = await put(first.baseUrl, false);
  await request(`${first.baseUrl}/Patient/q`, 'PUT', { resourceType: 'Patient', id: 'q' });
  await request(`${first.baseUrl}/Patient/q`, 'DELETE');
  await first.stop();
  const again = await startEmbedded({ file });
  expect((await request(`${again.baseUrl}/Patient/p`)).body).toEqual(second.body);
  expect((await request(`${again.baseUrl}/Patient/p/_history/1`)).body.active).toBe(true);
  expect((await request(`${again.baseUrl}/Patient/q`)).status).toBe(410);
  expect(await idsOf(`${again.baseUrl}/Patient?identifier=i`)).toEqual(['p']);
  expect((await put(again.baseUrl, false)).headers.get('etag')).toBe('W/"2"');
  expect((await put(again.baseUrl, true)).headers.get('etag')).toBe('W/"3"');
  await again.stop();
});

test('a file that one server has open is refused to a second', async () => {
  const file = join(folder, 'shared.db');
  const first = await startEmbedded({ file });
  await expect(startEmbedded({ file })).rejects.toThrow('locked');
  await first.stop();
});

test('two servers started on one port: the second says so and leaves the file usable', async () => {
  const first = await startEmbedded();
  const port = Number(new URL(first.baseUrl).port);
  const file = join(folder, 'port.db');
  await expect(startEmbedded({ file, port })).rejects.toThrow('EADDRINUSE');
  await (await startEmbedded({ file })).stop();
  await first.stop();
});
