import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { connectBulkExport } from '../../src/fhir/connect.ts';

const PATIENTS = Array.from({ length: 40 }, (_, i) => JSON.stringify({ resourceType: 'Patient', id: `p${i}` }));
const WHOLE = `${PATIENTS.join('\n')}\n`;

type Answer = (answer: ServerResponse, asked: IncomingMessage) => void;
const servers: Server[] = [];
afterEach(() => {
  for (const it of servers.splice(0)) it.close().closeAllConnections();
});

async function listening(handle: Answer): Promise<string> {
  const server = createServer((asked, answer) => handle(answer, asked));
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A Bulk Data server over real HTTP: two looks until it is done, then its file; what is not as usual is given. */
async function bulkServer(faults: {
  status?: Answer;
  file?: Answer;
  files?: string;
  error?: unknown[];
  begin?: Answer;
}) {
  const log: string[] = [];
  let looks = 0;
  const base = await listening((answer, asked) => {
    log.push(`${asked.method} ${asked.url?.split('?')[0]}`);
    const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    if (asked.method === 'DELETE') return void answer.writeHead(202).end();
    if (asked.url?.includes('$export')) {
      if (faults.begin !== undefined) return faults.begin(answer, asked);
      return void answer.writeHead(202, { 'content-location': `${base}/job` }).end();
    }
    if (asked.url === '/job') {
      looks += 1;
      if (faults.status !== undefined) return faults.status(answer, asked);
      if (looks < 3) return void answer.writeHead(202, { 'retry-after': '1', 'x-progress': 'soon' }).end();
      const url = faults.files ?? `${base}/file`;
      return void json(200, { output: [{ type: 'Patient', url, count: 40 }], error: faults.error ?? [] });
    }
    if (faults.file !== undefined) return faults.file(answer, asked);
    answer.writeHead(200, { 'content-type': 'application/fhir+ndjson' }).end(WHOLE);
  });
  return { base, log };
}

const CLOCK = { now: Date.now, sleep: async () => undefined, random: () => 0.5 };
async function exportedFrom(base: string, limits = {}): Promise<string[]> {
  const auth = { kind: 'bearer', token: 'secret' } as const;
  const options = { baseUrl: base, auth, clock: CLOCK, timeoutMs: 2_000, retry: { attempts: 3 } };
  const found: FhirResource[] = [];
  for await (const it of connectBulkExport(options, limits).exported('Group/a', ['Patient'])) found.push(it);
  return found.map((it) => it.id ?? '');
}
const EVERYBODY = PATIENTS.map((_, i) => `p${i}`);

test('an export is waited for, read line by line and deleted on the server', async () => {
  const { base, log } = await bulkServer({});
  expect(await exportedFrom(base)).toEqual(EVERYBODY);
  expect(log).toEqual(['GET /Group/a/$export', 'GET /job', 'GET /job', 'GET /job', 'GET /file', 'DELETE /job']);
});

const broken: Answer = (answer) => {
  answer.writeHead(200, { 'content-type': 'application/fhir+ndjson' });
  answer.write(WHOLE.slice(0, 500), () => answer.destroy());
};

test('a file that breaks off once is read again whole; one that always does is a failure, and the job is deleted', async () => {
  let reads = 0;
  const once = await bulkServer({
    file: (answer, asked) => {
      reads += 1;
      if (reads === 1) return broken(answer, asked);
      answer.writeHead(200).end(WHOLE);
    },
  });
  expect([...new Set(await exportedFrom(once.base))].sort()).toEqual([...EVERYBODY].sort());
  const always = await bulkServer({ file: broken });
  await expect(exportedFrom(always.base)).rejects.toMatchObject({ name: 'FhirError' });
  expect(always.log.at(-1)).toBe('DELETE /job');
});

test('a file that holds less than the server counted is no whole file', async () => {
  const short = await bulkServer({ file: (answer) => void answer.writeHead(200).end(PATIENTS.slice(0, 9).join('\n')) });
  await expect(exportedFrom(short.base)).rejects.toMatchObject({ kind: 'malformed' });
});

test.each([
  ['has no $export', { begin: (answer: ServerResponse) => void answer.writeHead(404).end() }, 'rejected'],
  [
    'fails in the middle of the job',
    { status: (answer: ServerResponse) => void answer.writeHead(500).end() },
    'unreachable',
  ],
  ['reports errors of its own', { error: [{ type: 'OperationOutcome', url: 'http://127.0.0.1/e' }] }, 'rejected'],
])('a server that %s ends the export with its reason', async (_, faults, kind) => {
  const { base } = await bulkServer(faults);
  await expect(exportedFrom(base)).rejects.toMatchObject({ name: 'FhirError', kind });
});

test('a job that is never done is given up after its time, and deleted', async () => {
  const { base, log } = await bulkServer({ status: (answer) => void answer.writeHead(202).end() });
  await expect(exportedFrom(base, { wholeMs: 0 })).rejects.toMatchObject({ kind: 'unreachable' });
  expect(log.at(-1)).toBe('DELETE /job');
});

test('files on another host are read without the hospital’s token', async () => {
  const tokens: (string | undefined)[] = [];
  const elsewhere = await listening((answer, asked) => {
    tokens.push(asked.headers.authorization);
    answer.writeHead(200).end(WHOLE);
  });
  const { base } = await bulkServer({ files: `${elsewhere}/file` });
  expect(await exportedFrom(base)).toEqual(EVERYBODY);
  expect(tokens).toEqual([undefined]);
});
