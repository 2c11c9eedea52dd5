import { beforeAll, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { errorLines, type Issue, judge } from './judge.ts';
import { shippedResources } from './shipped-content.ts';

const BASE = 'https://w3id.org/vincle';
const shipped = shippedResources();
let verdicts: Issue[][];

beforeAll(async () => {
  verdicts = await judge(shipped);
}, 180_000);

test('the HL7 validator finds no error in any shipped profile, terminology or Questionnaire', () => {
  expect(shipped.length).toBeGreaterThan(50);
  expect(errorLines(shipped, verdicts)).toEqual([]);
});

test('every extension of Vincle that a shipped resource uses is defined', () => {
  const defined = new Set(urls('StructureDefinition'));
  const used = shipped.flatMap((resource) => ownExtensions(resource));
  expect(used.length).toBeGreaterThan(0);
  expect([...new Set(used)].filter((url) => !defined.has(url))).toEqual([]);
});

test('every canonical of Vincle that a shipped resource names is shipped', () => {
  const known = new Set(shipped.flatMap((resource) => ('url' in resource && resource.url ? [resource.url] : [])));
  const named = shipped.flatMap((resource) => canonicalsNamed(resource));
  expect([...new Set(named)].filter((url) => !known.has(url))).toEqual([]);
});

test('the judge does refuse: a Questionnaire without a status is an error', async () => {
  const broken = [{ ...shipped.find((it) => it.resourceType === 'Questionnaire')!, status: undefined }];
  const [issues] = await judge(broken as unknown as FhirResource[]);
  expect(issues?.map((issue) => issue.severity)).toContain('error');
}, 120_000);

function urls(type: FhirResource['resourceType']): string[] {
  return shipped.flatMap((it) => (it.resourceType === type && 'url' in it && it.url ? [it.url] : []));
}

function ownExtensions(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(ownExtensions);
  if (node === null || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([key, value]) => {
    const here =
      (key === 'extension' || key === 'modifierExtension') && Array.isArray(value)
        ? value.map((it) => String(it.url)).filter((url) => url.startsWith(BASE))
        : [];
    return [...here, ...ownExtensions(value)];
  });
}

/** Canonicals under Vincle's base that stand anywhere as a whole string, without the version after `|`. */
function canonicalsNamed(node: unknown): string[] {
  if (typeof node === 'string')
    return /^https:\/\/w3id\.org\/vincle\/[A-Z]\w+\//.test(node) ? [node.split('|')[0]!] : [];
  if (node === null || typeof node !== 'object') return [];
  return Object.values(node).flatMap(canonicalsNamed);
}
