import type { Bundle, FhirResource } from 'fhir/r4.js';
import { searchUrl } from '../../src/fhir/addresses.ts';
import type { Search } from '../../src/fhir/port.ts';
import { bare, inFlight, type Recorded } from './rig.ts';

const isBundle = (it: FhirResource): it is Bundle => it.resourceType === 'Bundle';

async function listing(baseUrl: string, search: Search): Promise<void> {
  for (let next: string | undefined = searchUrl(search); next !== undefined; ) {
    const page = await bare(baseUrl, 'GET', next);
    next = isBundle(page) ? page.link?.find((it) => it.relation === 'next')?.url : undefined;
  }
}

const batch = (searches: readonly Search[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: searches.map((it) => ({ request: { method: 'GET', url: searchUrl(it) } })),
});

const transaction = (resources: readonly FhirResource[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: resources.map((resource) => ({
    resource,
    request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
  })),
});

/** What a bare client took: wall time, and the processor time of its own process. */
export interface FloorMeasure {
  readonly ms: number;
  readonly cpuMs: number;
}

/** A client that reads the same pages and writes the same resources in the same batches, two in flight, without a thought. */
export async function floor(baseUrl: string, recorded: Recorded): Promise<FloorMeasure> {
  const [started, before] = [performance.now(), process.cpuUsage()];
  for (const search of recorded.listings) await listing(baseUrl, search);
  await inFlight(recorded.chunks, 2, async ({ searches, writes }) => {
    await bare(baseUrl, 'POST', '', batch(searches));
    for (const resources of writes) await bare(baseUrl, 'POST', '', transaction(resources));
  });
  const { user, system } = process.cpuUsage(before);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1000 };
}

/** What a resource says, in an order that does not depend on who wrote it down. */
const said = (it: FhirResource): string =>
  it.resourceType === 'Observation' ? JSON.stringify([it.status, it.valueQuantity, it.component, it.derivedFrom]) : '';

/** A client that reads the same pages and compares what it finds with what it would write; it writes nothing. */
export async function comparingFloor(baseUrl: string, recorded: Recorded): Promise<number> {
  const started = performance.now();
  let same = 0;
  let wanted = 0;
  for (const search of recorded.listings) await listing(baseUrl, search);
  await inFlight(recorded.chunks, 2, async ({ searches, writes }) => {
    const answer = await bare(baseUrl, 'POST', '', batch(searches));
    const entries = isBundle(answer) ? (answer.entry ?? []) : [];
    const found = new Map<string, string>();
    for (const { resource } of entries)
      for (let page = resource as FhirResource | undefined; page !== undefined && isBundle(page); ) {
        for (const it of (page as Bundle<FhirResource>).entry ?? [])
          if (it.resource !== undefined) found.set(`${it.resource.resourceType}/${it.resource.id}`, said(it.resource));
        const next = page.link?.find((it) => it.relation === 'next')?.url;
        page = next === undefined ? undefined : await bare(baseUrl, 'GET', next);
      }
    for (const resource of writes.flat().filter((it) => it.resourceType === 'Observation')) {
      wanted += 1;
      if (found.get(`${resource.resourceType}/${resource.id}`) === said(resource)) same += 1;
    }
  });
  // The one response that was amended since is another now.
  if (wanted === 0 || same < 0.99 * wanted)
    throw new Error(`of ${wanted} Observations the floor found ${same} as they were written`);
  return performance.now() - started;
}

/**
 * The same resources under other ids and in another code system, so that a floor can be run again and again beside the
 * job without either seeing what the other wrote. Sizes stay the same.
 */
export function varied(recorded: Recorded, turn: number): Recorded {
  const digit = (turn % 16).toString(16);
  const rename = (text: string): string =>
    text
      .replaceAll('/CodeSystem/measure', `/CodeSystem/measur${digit}`)
      .replaceAll('/CodeSystem/task', `/CodeSystem/tas${digit}`)
      .replaceAll('/identifier/derived', `/identifier/derive${digit}`)
      .replace(/\b[0-9a-f]([0-9a-f]{7}-[0-9a-f]{4})-5([0-9a-f]{3}-)/g, `${digit}$1-8$2`);
  return {
    listings: recorded.listings,
    chunks: recorded.chunks.map(({ searches, writes }) => ({
      searches,
      writes: writes.map((it) => JSON.parse(rename(JSON.stringify(it))) as FhirResource[]),
    })),
  };
}

/** Every Observation of Vincle's with the version it is in: the same text means that nothing has a new version. */
export async function versions(baseUrl: string): Promise<string> {
  const all: string[] = [];
  const search: Search = {
    type: 'Observation',
    params: [
      ['code', 'https://w3id.org/vincle/CodeSystem/measure|'],
      ['_elements', 'status'],
      ['_count', '1000'],
    ],
  };
  for (let next: string | undefined = searchUrl(search); next !== undefined; ) {
    const page = await bare(baseUrl, 'GET', next);
    if (!isBundle(page)) throw new Error('a search was not answered with a Bundle');
    for (const { resource } of page.entry ?? []) all.push(`${resource?.id}|${resource?.meta?.versionId}`);
    next = page.link?.find((it) => it.relation === 'next')?.url;
  }
  return all.sort().join(' ');
}
