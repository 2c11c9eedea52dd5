import type { Questionnaire, QuestionnaireItem, ValueSet } from 'fhir/r4.js';
import { questionnaireByUrl } from '../../domain/queries.ts';
import { FhirError, type FhirServer } from '../../fhir/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';

/** The Questionnaire of a canonical on the hospital’s server: the version named, else the last that is active. */
export async function fetchQuestionnaire(server: FhirServer, canonical: string): Promise<Questionnaire | undefined> {
  const [url = '', version] = canonical.split('|');
  const [page] = await ask(server, [questionnaireByUrl(url)]);
  const found = resourcesOf(page, 'Questionnaire').filter((it) => it.url === url);
  if (version !== undefined) return found.find((it) => it.version === version);
  return found.findLast((it) => it.status === 'active') ?? found.at(-1);
}

const walk = (items: readonly QuestionnaireItem[] | undefined): QuestionnaireItem[] =>
  (items ?? []).flatMap((it) => [it, ...walk(it.item)]);

/** Item 9 of the PHQ-9 in LOINC: thoughts of death. */
const SUICIDALITY = '44260-8';

/** Whether a form asks for thoughts of death in LOINC’s own code. */
export const asksForDeath = ({ item }: Questionnaire): boolean =>
  walk(item).some((it) => it.code?.some((code) => code.code === SUICIDALITY));

/** Canonicals of the ValueSets that its choices name and do not contain. */
const namedValueSets = ({ item }: Questionnaire): string[] => [
  ...new Set(walk(item).flatMap((it) => (it.answerValueSet?.startsWith('#') === false ? it.answerValueSet : []))),
];

const MOST = 40;

/** The ValueSets that a hospital’s own form names, expanded by the hospital’s server where it can. */
export async function fetchValueSets(server: FhirServer, questionnaire: Questionnaire): Promise<readonly ValueSet[]> {
  const found: ValueSet[] = [];
  for (const canonical of namedValueSets(questionnaire).slice(0, MOST)) {
    const valueSet = (await expanded(server, canonical)) ?? (await stored(server, canonical));
    // Whatever version the server gave stands for the one that was named.
    if (valueSet !== undefined) found.push({ ...valueSet, url: canonical.split('|')[0] ?? canonical });
  }
  return found;
}

async function expanded(server: FhirServer, canonical: string): Promise<ValueSet | undefined> {
  try {
    const answer = await server.request('GET', `ValueSet/$expand?url=${encodeURIComponent(canonical)}`);
    return answer.resourceType === 'ValueSet' && answer.expansion?.contains !== undefined ? answer : undefined;
  } catch (error) {
    if (error instanceof FhirError && error.kind !== 'unreachable') return undefined;
    throw error;
  }
}

async function stored(server: FhirServer, canonical: string): Promise<ValueSet | undefined> {
  const [page] = await ask(server, [{ type: 'ValueSet', params: [['url', canonical.split('|')[0] ?? canonical]] }]);
  return resourcesOf(page, 'ValueSet').at(-1);
}
