import type { CodeSystem, CodeSystemConcept, FhirResource } from 'fhir/r4.js';
import { BASE } from '../domain/canonicals.ts';
import type { Issue } from '../domain/outcome.ts';
import { parseCanonical } from './canonical.ts';
import { fault } from './content-error.ts';
import { isRecord, type ResourceFile } from './content-files.ts';

const TYPES =
  'ActivityDefinition|CapabilityStatement|CodeSystem|ConceptMap|ImplementationGuide|Library|Measure|NamingSystem|ObservationDefinition|OperationDefinition|PlanDefinition|Questionnaire|SearchParameter|StructureDefinition|ValueSet';
const OURS = new RegExp(`^${BASE.replace(/[.]/g, '\\.')}/(${TYPES})/[^\\s]+$`);

interface Known {
  /** url to versions; `undefined` stands for a resource without one. */
  readonly versions: ReadonlyMap<string, ReadonlySet<string | undefined>>;
  readonly codes: ReadonlyMap<string, ReadonlySet<string>>;
}

/**
 * Every canonical of Vincle's own that any resource names must be among the resources, in the version named; every code
 * of its own code systems must exist; a ValueSet that a Questionnaire of content names must be at hand.
 */
export function checkCanonicals(files: readonly ResourceFile[], issues: Issue[]): void {
  const known = knownOf(files.map((file) => file.json));
  for (const file of files) visit(file.json, '', { file: file.path, known, issues });
}

function knownOf(resources: readonly FhirResource[]): Known {
  const versions = new Map<string, Set<string | undefined>>();
  const codes = new Map<string, ReadonlySet<string>>();
  for (const resource of resources) {
    const { url, version } = resource as { url?: string; version?: string };
    if (url === undefined) continue;
    versions.set(url, (versions.get(url) ?? new Set()).add(version));
    if (resource.resourceType === 'CodeSystem' && resource.content === 'complete') codes.set(url, codesOf(resource));
  }
  return { versions, codes };
}

function codesOf(codeSystem: CodeSystem): ReadonlySet<string> {
  const flatten = (concepts: readonly CodeSystemConcept[] | undefined): string[] =>
    (concepts ?? []).flatMap((it) => [it.code, ...flatten(it.concept)]);
  return new Set(flatten(codeSystem.concept));
}

interface Visiting {
  readonly file: string;
  readonly known: Known;
  readonly issues: Issue[];
}

function visit(value: unknown, place: string, visiting: Visiting): void {
  if (Array.isArray(value)) {
    for (const [index, it] of value.entries()) visit(it, `${place}[${index}]`, visiting);
  } else if (isRecord(value)) visitObject(value, place, visiting);
  else if (typeof value === 'string') visitText(value, place, visiting);
}

function visitObject(value: Readonly<Record<string, unknown>>, place: string, visiting: Visiting): void {
  const codes = typeof value.system === 'string' ? visiting.known.codes.get(value.system) : undefined;
  const { code } = value;
  if (codes !== undefined && typeof code === 'string' && !codes.has(code))
    visiting.issues.push(fault(visiting.file, place, 'unknown-code', `${String(value.system)} has no code ${code}.`));
  for (const [key, it] of Object.entries(value)) visit(it, place === '' ? key : `${place}.${key}`, visiting);
}

function visitText(text: string, place: string, { file, known, issues }: Visiting): void {
  const needed = OURS.test(text) || (/(^|\.)answerValueSet$/.test(place) && !text.startsWith('#'));
  if (!needed) return;
  const { url, version } = parseCanonical(text.split('#')[0] ?? text);
  const versions = known.versions.get(url);
  if (versions === undefined || (version !== undefined && !versions.has(version)))
    issues.push(fault(file, place, 'unresolved-canonical', `No resource here is ${text}.`));
}
