import type { CodeSystem, CodeSystemConcept, FhirResource } from 'fhir/r4.js';

type Language = 'en' | 'es' | 'ca';

const catalan = ({ _display }: CodeSystemConcept): string | undefined =>
  _display?.extension
    ?.find((it) => it.extension?.some((part) => part.valueString === 'ca'))
    ?.extension?.find((part) => part.url === 'content')?.valueString;

/** Names of codes in the languages of the programme, as the shipped CodeSystems give them. */
export function wordsOf(
  resources: readonly FhirResource[],
): (system: string, code: string, language: Language) => string | undefined {
  const names = new Map<string, string>();
  const note = (system: string, code: string, language: Language, name: string | undefined) => {
    if (name !== undefined) names.set(`${system}|${code}|${language}`, name);
  };
  for (const system of resources.filter((it): it is CodeSystem => it.resourceType === 'CodeSystem'))
    for (const concept of system.concept ?? []) {
      const url = system.url ?? '';
      note(url, concept.code, 'en', concept.display);
      note(url, concept.code, 'es', concept.designation?.find((it) => it.language === 'es')?.value);
      note(url, concept.code, 'ca', catalan(concept));
    }
  return (system, code, language) => names.get(`${system}|${code}|${language}`);
}
