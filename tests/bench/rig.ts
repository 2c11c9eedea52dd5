import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { displayOf } from '../../src/content/display.ts';
import { loadContent } from '../../src/content/load.ts';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import { connectFhir } from '../../src/fhir/connect.ts';
import type { FhirServer, Search, Write } from '../../src/fhir/port.ts';
import type { AllianceRun } from '../../src/pipeline/alliance-run.ts';
import { computeAlliance } from '../../src/pipeline/compute-alliance.ts';
import { openState } from '../../src/state/open.ts';

const ROOT = new URL('../..', import.meta.url).pathname;

export interface BenchCohort {
  readonly prefix: string;
  readonly study: string;
  readonly responses: number;
  readonly resources: readonly FhirResource[];
}

/** A synthetic cohort with exactly so many responses, nothing wrong with any, in a study of its own. */
export function benchCohort(prefix: string, responses: number): BenchCohort {
  const { first, study } = generateCohort({ seed: 7, patients: 2, responses, idPrefix: prefix });
  const resources = first.flatMap((bundle) => (bundle.entry ?? []).flatMap((it) => it.resource ?? []));
  return { prefix, study, responses, resources };
}

const HEADERS = {
  'content-type': 'application/fhir+json',
  accept: 'application/fhir+json',
  'cache-control': 'no-cache',
  // As Vincle asks: to compress costs both sides more than the line saves here.
  'accept-encoding': 'identity',
};

/** One bare request: no retry, no check but the status. */
export async function bare(baseUrl: string, method: string, path: string, body?: unknown): Promise<FhirResource> {
  const url = path.startsWith('http') ? path : `${baseUrl}/${path}`;
  const answer = await fetch(url, {
    method,
    headers: HEADERS,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path.slice(0, 60)}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as FhirResource;
}

export async function inFlight<T>(
  items: readonly T[],
  workers: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let index = next++; index < items.length; index = next++) await work(items[index] as T);
    }),
  );
}

const putBundle = (resources: readonly FhirResource[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  })),
});

export const chunked = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/**
 * Loads a cohort in transactions of a hundred: people one transaction after the other, because HAPI indexes no reference
 * to what is not there yet; then the responses, `workers` in flight (H2 takes one at a time).
 */
export async function load(baseUrl: string, { resources }: BenchCohort, workers: number): Promise<void> {
  const isResponse = (it: FhirResource) => it.resourceType === 'QuestionnaireResponse';
  const send = (chunk: readonly FhirResource[]) => bare(baseUrl, 'POST', '', putBundle(chunk));
  await inFlight(
    chunked(
      resources.filter((it) => !isResponse(it)),
      100,
    ),
    1,
    send,
  );
  await inFlight(chunked(resources.filter(isResponse), 100), workers, send);
}

/** What the job asked and would have written, chunk by chunk: all that a client without a thought of its own needs. */
export interface Recorded {
  readonly listings: readonly Search[];
  readonly chunks: readonly { readonly searches: readonly Search[]; readonly writes: readonly FhirResource[][] }[];
}

/** Runs the job against a server whose writes go nowhere, and keeps what it asked and what it would have written. */
export async function record(baseUrl: string, study: string): Promise<Recorded> {
  const real = connectFhir({ baseUrl, auth: { kind: 'none' } });
  const listings: Search[] = [];
  const chunks: { searches: readonly Search[]; writes: FhirResource[][] }[] = [];
  const chunkOf = new Map<string, number>();
  const server: FhirServer = {
    baseUrl,
    get traffic() {
      return real.traffic;
    },
    capabilities: () => real.capabilities(),
    read: (type, id) => real.read(type, id),
    search: (search) => {
      listings.push(search);
      return real.search(search);
    },
    searchAll: (searches) => {
      const subjects = searches[0]?.params.find(([name]) => name === 'subject')?.[1].split(',') ?? [];
      if (searches.length > 3 && subjects.length > 0) {
        for (const subject of subjects) chunkOf.set(subject, chunks.length);
        chunks.push({ searches, writes: [] });
      }
      return real.searchAll(searches);
    },
    write: () => Promise.reject(new Error('nothing is written while recording')),
    transaction: (writes: readonly Write[]) => {
      const resources = writes.flatMap((it) => ('resource' in it ? [it.resource] : []));
      const [first] = resources;
      const subject = first?.resourceType === 'Observation' ? first.subject?.reference : undefined;
      chunks[chunkOf.get(subject ?? '') ?? 0]?.writes.push(resources);
      return Promise.resolve(writes.map(() => ({ status: 201 })));
    },
    request: (method, path, body) => real.request(method, path, body),
  };
  const state = await openState('sqlite::memory:');
  await computeAlliance({ server, state, context: await contextOf(baseUrl, study) }, runOptions(0));
  await state.close();
  return { listings, chunks };
}

export async function contextOf(baseUrl: string, study: string) {
  const content = await loadContent({ shipped: ROOT, baseUrl });
  return {
    content,
    display: displayOf(content.resources),
    settings: { study, episodeType: undefined, timeZone: 'Europe/Madrid', baseUrl },
  };
}

export const runOptions = (overlapMs: number) => ({
  overlapMs,
  now: Date.now,
  holder: `bench-${process.pid}`,
  pause: async () => {},
});

export interface JobMeasure {
  readonly run: AllianceRun;
  readonly cpuMs: number;
  readonly maxRssMb: number;
  readonly bytesOut: number;
}

/** How `vincle` starts Node: what is measured runs as the command does. */
const NODE_FLAGS = (readFileSync(join(ROOT, 'bin/vincle.js'), 'utf8').split('\n')[0] ?? '')
  .split(' ')
  .filter((it) => it.startsWith('--'));

/** The job alone in a process of its own; its start is not counted. `overlapMs` 0: the commit lag is past. */
export async function job(baseUrl: string, study: string, state: string, all = false): Promise<JobMeasure> {
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, join(import.meta.dirname, 'job-child.ts'), baseUrl, study, state, String(all)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (data) => {
    text += data;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the job ended with ${code}`);
  return JSON.parse(text) as JobMeasure;
}

export const newState = (): string => `sqlite:${join(mkdtempSync(join(tmpdir(), 'vincle-bench-')), 'state.sqlite')}`;

/** The middle value, of an even number the mean of the two in the middle: the better of two rounds is no median. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
