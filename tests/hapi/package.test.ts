import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Bundle, FhirResource, Observation, OperationOutcome } from 'fhir/r4.js';
import { writePackage } from '../../scripts/package-archive.ts';
import { sampleObservation } from '../judge/samples.ts';
import { shippedResources } from '../judge/shipped-content.ts';
import { type Hapi, startHapi } from './rig/hapi.ts';

const INSTALLED = ['CodeSystem', 'ValueSet', 'StructureDefinition', 'Questionnaire'];
const folder = mkdtempSync(join(tmpdir(), 'vincle-pack-'));
let hapi: Hapi;

beforeAll(async () => {
  hapi = await startHapi({ database: 'h2', igs: [await writePackage(folder)] });
}, 300_000);

afterAll(async () => {
  await hapi?.stop();
  rmSync(folder, { recursive: true });
});

const canonicals = shippedResources().flatMap((it): [string, string, FhirResource][] =>
  INSTALLED.includes(it.resourceType) && 'url' in it && it.url ? [[it.resourceType, it.url, it]] : [],
);

test('a HAPI that is given the package has all its profiles, terminology and Questionnaires', async () => {
  const missing: string[] = [];
  for (const [type, url] of canonicals) {
    const found = (await search(`${type}?url=${encodeURIComponent(url)}&_elements=url`)).length;
    if (found !== 1) missing.push(`${url}: ${found}`);
  }
  expect(canonicals.filter(([type]) => type === 'Questionnaire')).toHaveLength(10);
  expect(missing).toEqual([]);
}, 120_000);

test('what it has of a Questionnaire is what was shipped, item for item', async () => {
  const [, url, shipped] = canonicals.find(([type, it]) => type === 'Questionnaire' && it.endsWith('/wai-s-p'))!;
  const [stored] = await search(`Questionnaire?url=${encodeURIComponent(url)}`);
  expect(stored).toMatchObject({ version: '1.0.0', item: 'item' in shipped ? shipped.item : [] });
});

test('that HAPI validates by the installed profiles: it accepts a dyad, and refuses one with a wrong difference', async () => {
  const good = sampleObservation('wai-s-dyad');
  const wrong = sampleObservation('wai-s-dyad');
  wrong.valueQuantity!.value = 7;
  expect(await errors(good)).toEqual([]);
  expect((await errors(wrong)).join('\n')).toMatch(/vin-32/);
}, 180_000);

async function errors(observation: Observation): Promise<string[]> {
  const answer = await fetch(`${hapi.baseUrl}/Observation/$validate`, {
    method: 'POST',
    headers: { 'content-type': 'application/fhir+json' },
    body: JSON.stringify(observation),
  });
  const outcome: OperationOutcome = JSON.parse(await answer.text());
  return outcome.issue
    .filter((issue) => issue.severity === 'error' || issue.severity === 'fatal')
    .map((issue) => issue.diagnostics ?? '');
}

async function search(query: string): Promise<FhirResource[]> {
  const answer = await fetch(`${hapi.baseUrl}/${query}`);
  const bundle: Bundle<FhirResource> = JSON.parse(await answer.text());
  return (bundle.entry ?? []).flatMap((entry) => (entry.resource === undefined ? [] : [entry.resource]));
}
