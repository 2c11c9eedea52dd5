import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { list } from 'tar';
import { writePackage } from '../../scripts/package-archive.ts';
import { errorLines, judge } from './judge.ts';
import { sample, sampleNames, sampleObservation } from './samples.ts';
import { shippedResources } from './shipped-content.ts';

interface Entry {
  readonly path: string;
  readonly mtime: Date | undefined;
  readonly text: string;
}

const folders = [mkdtempSync(join(tmpdir(), 'vincle-pack-')), mkdtempSync(join(tmpdir(), 'vincle-pack-'))];
let archives: string[];
let entries: Entry[];

beforeAll(async () => {
  archives = await Promise.all(folders.map((folder) => writePackage(folder)));
  entries = await entriesOf(archives[0]!);
});

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function entriesOf(file: string): Promise<Entry[]> {
  const found: Promise<Entry>[] = [];
  await list({
    file,
    onReadEntry: (entry) => {
      const { path, mtime } = entry;
      found.push(entry.concat().then((data) => ({ path, mtime, text: data.toString('utf8') })));
    },
  });
  return Promise.all(found);
}

const json = (path: string) => JSON.parse(entries.find((it) => it.path === path)!.text);
const sha256 = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

test('the package is the same to the byte whenever it is made from the same content', () => {
  expect(archives[0]).toMatch(/vincle-fhir-1\.0\.0\.tgz$/);
  expect(sha256(archives[1]!)).toBe(sha256(archives[0]!));
  expect(new Set(entries.map((it) => it.mtime?.toISOString()))).toEqual(new Set(['2026-11-23T00:00:00.000Z']));
});

test('its manifest names it, FHIR 4.0.1, and the core package it depends on', () => {
  expect(entries.slice(0, 2).map((it) => it.path)).toEqual(['package/package.json', 'package/.index.json']);
  expect(json('package/package.json')).toMatchObject({
    name: 'vincle.fhir',
    version: '1.0.0',
    canonical: 'https://w3id.org/vincle',
    fhirVersions: ['4.0.1'],
    dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
  });
});

test('every shipped resource is in it once and in its index, the ten Questionnaires included', () => {
  const expected = shippedResources()
    .map((it) => `${it.resourceType}-${it.id}.json`)
    .sort();
  const packed = entries.slice(2).map((it) => it.path.replace('package/', ''));
  expect(packed).toEqual(expected);
  expect(packed.filter((name) => name.startsWith('Questionnaire-'))).toHaveLength(10);
  const { files } = json('package/.index.json') as { files: { filename: string; resourceType: string }[] };
  expect(files.map((it) => it.filename)).toEqual(packed);
});

test('the package alone is enough for the HL7 validator to accept the samples and to refuse a fault', async () => {
  const fault = Object.assign(sampleObservation('sus-score'), { valueQuantity: undefined });
  const resources = [...sampleNames.map(sample), fault];
  const verdicts = await judge(resources, { content: [archives[0]!], shipped: false });
  expect(errorLines(resources.slice(0, -1), verdicts.slice(0, -1))).toEqual([]);
  expect(errorLines([fault], [verdicts.at(-1)!]).join()).toMatch(/vin-1\b/);
}, 180_000);
