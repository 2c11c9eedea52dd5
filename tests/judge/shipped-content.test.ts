import { beforeAll, expect, test } from '@jest/globals';
import type { CodeSystem, Element, FhirResource, ImplementationGuide, Questionnaire } from 'fhir/r4.js';
import { errorLines, type Issue, judge } from './judge.ts';
import { shippedResources } from './shipped-content.ts';

const BASE = 'https://w3id.org/vincle';
const shipped = shippedResources();
let verdicts: Issue[][];

beforeAll(async () => {
  const { status: _, ...broken } = shipped.find((it): it is Questionnaire => it.resourceType === 'Questionnaire')!;
  verdicts = await judge([...shipped, broken as FhirResource]);
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

test('the ImplementationGuide lists every other shipped resource, and nothing else', () => {
  const guide = shipped.find((it): it is ImplementationGuide => it.resourceType === 'ImplementationGuide')!;
  const listed = guide.definition!.resource.map((it) => it.reference.reference).sort();
  const others = shipped.filter((it) => it !== guide).map((it) => `${it.resourceType}/${it.id}`);
  expect(listed).toEqual(others.sort());
});

test('every code that a person reads has a name in English, Spanish and Catalan', () => {
  const systems = shipped.filter((it): it is CodeSystem => it.resourceType === 'CodeSystem');
  const nameless = systems.flatMap((system) =>
    (system.concept ?? [])
      .filter(({ display, _display, designation }) => {
        const catalan = _display?.extension?.some((it) => it.extension?.some((part) => part.valueString === 'ca'));
        return !(display && catalan && designation?.some((it) => it.language === 'es'));
      })
      .map((concept) => `${system.id}#${concept.code}`),
  );
  expect(systems.length).toBeGreaterThanOrEqual(14);
  expect(nameless).toEqual([]);
});

test('every profile, code system, value set and Questionnaire has a title in English, Spanish and Catalan', () => {
  const titled = shipped.filter((it) =>
    ['StructureDefinition', 'CodeSystem', 'ValueSet', 'Questionnaire'].includes(it.resourceType),
  );
  const untitled = titled.filter((it) => {
    const { title, _title } = it as { title?: string; _title?: Element };
    const languages = (_title?.extension ?? []).flatMap((label) =>
      (label.extension ?? []).map((part) => part.valueCode ?? part.valueString),
    );
    return !(title && languages.includes('es') && languages.includes('ca'));
  });
  expect(untitled.map((it) => `${it.resourceType}/${it.id}`)).toEqual([]);
});

test('the judge does refuse: a Questionnaire without a status is an error', () => {
  expect(verdicts.at(-1)?.map((issue) => issue.severity)).toContain('error');
});

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
