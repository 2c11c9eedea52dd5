import type { CodeSystem, CodeSystemConcept, Extension, Questionnaire, QuestionnaireItem, ValueSet } from 'fhir/r4.js';
import { parseCanonical } from './canonical.ts';

/** One answer that a choice item offers. */
export type Option =
  | {
      readonly kind: 'Coding';
      readonly system: string | undefined;
      readonly code: string;
      readonly weight: number | undefined;
    }
  | { readonly kind: 'Integer'; readonly value: number; readonly weight: number | undefined }
  | {
      readonly kind: 'String' | 'Date' | 'Time' | 'Reference';
      readonly value: string;
      readonly weight: number | undefined;
    };

/** Finds a ValueSet or CodeSystem that content ships, by canonical. */
export interface Terminology {
  readonly valueSet: (canonical: string) => ValueSet | undefined;
  readonly codeSystem: (canonical: string) => CodeSystem | undefined;
}

export const NO_TERMINOLOGY: Terminology = { valueSet: () => undefined, codeSystem: () => undefined };

const WEIGHTS: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/StructureDefinition/itemWeight',
  'http://hl7.org/fhir/StructureDefinition/ordinalValue',
  'http://hl7.org/fhir/StructureDefinition/questionnaire-ordinalValue',
]);

interface Extended {
  readonly extension?: Extension[] | undefined;
}

/** The weight that a publisher wrote on an option, by any of the extensions in use; none where two disagree. */
export function weightOf(...elements: readonly (Extended | undefined)[]): number | undefined {
  const weights = elements.flatMap((it) => it?.extension ?? []).filter((it) => WEIGHTS.has(it.url));
  const values = new Set(weights.flatMap((it) => it.valueDecimal ?? it.valueInteger ?? []));
  return values.size === 1 ? [...values][0] : undefined;
}

/**
 * The options of a choice item: its own, or those of its contained or shipped ValueSet. `undefined` where the item
 * offers none, or names a ValueSet that nobody here holds.
 */
export function optionsOf(
  item: QuestionnaireItem,
  questionnaire: Questionnaire,
  terminology: Terminology,
): readonly Option[] | undefined {
  if (item.answerOption !== undefined && item.answerOption.length > 0) return item.answerOption.flatMap(optionOf);
  if (item.answerValueSet === undefined) return undefined;
  const contained = item.answerValueSet.startsWith('#');
  const valueSet = contained
    ? questionnaire.contained?.find(
        (it): it is ValueSet => it.resourceType === 'ValueSet' && `#${it.id}` === item.answerValueSet,
      )
    : terminology.valueSet(item.answerValueSet);
  return valueSet === undefined ? undefined : expand(valueSet, terminology);
}

function optionOf(option: NonNullable<QuestionnaireItem['answerOption']>[number]): Option[] {
  const weight = weightOf(option, option.valueCoding);
  const { valueCoding } = option;
  if (valueCoding?.code !== undefined)
    return [{ kind: 'Coding', system: valueCoding.system, code: valueCoding.code, weight }];
  if (option.valueInteger !== undefined) return [{ kind: 'Integer', value: option.valueInteger, weight }];
  if (option.valueString !== undefined) return [{ kind: 'String', value: option.valueString, weight }];
  if (option.valueDate !== undefined) return [{ kind: 'Date', value: option.valueDate, weight }];
  if (option.valueTime !== undefined) return [{ kind: 'Time', value: option.valueTime, weight }];
  const reference = option.valueReference?.reference;
  return reference === undefined ? [] : [{ kind: 'Reference', value: reference, weight }];
}

/** The codes of a ValueSet; `undefined` where it cannot be told without a terminology server. */
function expand(valueSet: ValueSet, terminology: Terminology): readonly Option[] | undefined {
  const expansion = valueSet.expansion?.contains;
  if (expansion !== undefined && expansion.length > 0)
    return expansion.flatMap((it) => (it.code === undefined ? [] : [coding(it.system, it.code, weightOf(it))]));
  if (valueSet.compose?.exclude !== undefined) return undefined;
  const options: Option[] = [];
  for (const include of valueSet.compose?.include ?? []) {
    if (include.filter !== undefined || include.valueSet !== undefined) return undefined;
    const concepts = include.concept ?? allConcepts(include.system, terminology);
    if (concepts === undefined) return undefined;
    for (const concept of concepts) options.push(coding(include.system, concept.code, weightOf(concept)));
  }
  return options.length === 0 ? undefined : options;
}

const coding = (system: string | undefined, code: string, weight: number | undefined): Option => ({
  kind: 'Coding',
  system,
  code,
  weight,
});

function allConcepts(system: string | undefined, terminology: Terminology): readonly CodeSystemConcept[] | undefined {
  if (system === undefined) return undefined;
  const found = terminology.codeSystem(system);
  if (found === undefined || found.content !== 'complete') return undefined;
  const flatten = (concepts: readonly CodeSystemConcept[]): CodeSystemConcept[] =>
    concepts.flatMap((it) => [it, ...flatten(it.concept ?? [])]);
  return flatten(found.concept ?? []);
}

/** Looks ValueSets and CodeSystems up among resources; a canonical without version finds the first. */
export function terminologyOf(resources: readonly { readonly resourceType: string }[]): Terminology {
  const find =
    <T extends ValueSet | CodeSystem>(type: T['resourceType']) =>
    (canonical: string): T | undefined => {
      const { url, version } = parseCanonical(canonical);
      return resources.find((it): it is T => {
        const candidate = it as T;
        return (
          candidate.resourceType === type &&
          candidate.url === url &&
          (version === undefined || candidate.version === version)
        );
      });
    };
  return { valueSet: find<ValueSet>('ValueSet'), codeSystem: find<CodeSystem>('CodeSystem') };
}
