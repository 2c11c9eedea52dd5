import type { CodeSystem, CodeSystemConcept, FhirResource } from 'fhir/r4.js';

const isCodeSystem = (it: FhirResource): it is CodeSystem => it.resourceType === 'CodeSystem';

function* concepts(list: readonly CodeSystemConcept[] | undefined): Iterable<CodeSystemConcept> {
  for (const concept of list ?? []) {
    yield concept;
    yield* concepts(concept.concept);
  }
}

/** Names of codes as the shipped CodeSystems give them, in English; nothing for a code that is not Vincle’s. */
export function displayOf(resources: readonly FhirResource[]): (system: string, code: string) => string | undefined {
  const names = new Map<string, string>();
  for (const system of resources.filter(isCodeSystem))
    for (const { code, display } of concepts(system.concept))
      if (display !== undefined) names.set(`${system.url}|${code}`, display);
  return (system, code) => names.get(`${system}|${code}`);
}
