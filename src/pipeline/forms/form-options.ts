import type { CodeSystem, CodeSystemConcept, Coding, Questionnaire, QuestionnaireItem, ValueSet } from 'fhir/r4.js';
import { terminologyOf } from '../../content/answer-options.ts';
import type { FormOption, OptionValue } from '../../domain/view/form-item.ts';
import type { FormLanguage } from '../../domain/view/form-view.ts';
import { wordedIn } from './form-words.ts';

/** Where options are looked up, and in which language they are read. */
export interface OptionSource {
  readonly questionnaire: Questionnaire;
  /** ValueSets and CodeSystems at hand: what ships, and what the hospital’s server gave. */
  readonly resources: readonly { readonly resourceType: string }[];
  readonly language: FormLanguage;
  /** Words of the options by code, where a wording file has them. */
  readonly words: Readonly<Record<string, unknown>>;
}

const said = (words: Readonly<Record<string, unknown>>, code: string | undefined): string | undefined => {
  const own = code === undefined ? undefined : words[code];
  return typeof own === 'string' ? own : undefined;
};

/** Options of a choice, worded; `undefined` where nobody here holds its ValueSet. */
export function formOptions(item: QuestionnaireItem, source: OptionSource): readonly FormOption[] | undefined {
  if (item.answerOption !== undefined) return item.answerOption.flatMap((it) => optionOf(it, source));
  if (item.answerValueSet === undefined) return undefined;
  const { valueSet } = terminologyOf([...(source.questionnaire.contained ?? []), ...source.resources]);
  const id = item.answerValueSet.startsWith('#') ? item.answerValueSet.slice(1) : undefined;
  const found =
    id === undefined
      ? valueSet(item.answerValueSet)
      : source.questionnaire.contained?.find((it): it is ValueSet => it.resourceType === 'ValueSet' && it.id === id);
  return found === undefined ? undefined : expanded(found, source);
}

function optionOf(it: NonNullable<QuestionnaireItem['answerOption']>[number], source: OptionSource): FormOption[] {
  const { valueCoding } = it;
  if (valueCoding !== undefined) return [codingOption(valueCoding, source)];
  const value: OptionValue | undefined =
    it.valueString !== undefined
      ? { valueString: it.valueString }
      : it.valueInteger !== undefined
        ? { valueInteger: it.valueInteger }
        : it.valueDate !== undefined
          ? { valueDate: it.valueDate }
          : it.valueTime !== undefined
            ? { valueTime: it.valueTime }
            : undefined;
  if (value === undefined) return [];
  const text = String(Object.values(value)[0]);
  const element = it.valueString === undefined ? undefined : it._valueString;
  return [{ value, label: wordedIn(text, element, source.questionnaire.language, source.language)?.text ?? text }];
}

/** What is stored is the code alone with its display: weights stay in the Questionnaire. */
function codingOption(coding: Coding, { questionnaire, language, words }: OptionSource): FormOption {
  const { system, code, display, version } = coding;
  const label =
    said(words, code) ?? wordedIn(display, coding._display, questionnaire.language, language)?.text ?? code ?? '';
  return { value: { valueCoding: coded({ system, code, display, version }) }, label };
}

const coded = (it: {
  readonly system?: string | undefined;
  readonly code?: string | undefined;
  readonly display?: string | undefined;
  readonly version?: string | undefined;
}): Coding => ({
  ...(it.system === undefined ? {} : { system: it.system }),
  ...(it.version === undefined ? {} : { version: it.version }),
  ...(it.code === undefined ? {} : { code: it.code }),
  ...(it.display === undefined ? {} : { display: it.display }),
});

interface Named {
  readonly code: string;
  readonly display?: string | undefined;
  readonly designation?: CodeSystemConcept['designation'];
}

function expanded(valueSet: ValueSet, source: OptionSource): readonly FormOption[] | undefined {
  const contains = valueSet.expansion?.contains;
  if (contains !== undefined)
    return contains.flatMap((it) =>
      it.code === undefined || it.abstract === true ? [] : [named(it.system, { ...it, code: it.code }, source)],
    );
  const options: FormOption[] = [];
  for (const include of valueSet.compose?.include ?? []) {
    if (include.filter !== undefined || include.valueSet !== undefined) return undefined;
    const concepts: readonly Named[] | undefined = include.concept ?? conceptsOf(include.system, source);
    if (concepts === undefined) return undefined;
    for (const it of concepts) options.push(named(include.system, withWords(include.system, it, source), source));
  }
  return options.length === 0 ? undefined : options;
}

function conceptsOf(system: string | undefined, { questionnaire, resources }: OptionSource): Named[] | undefined {
  if (system === undefined) return undefined;
  const { codeSystem } = terminologyOf([...(questionnaire.contained ?? []), ...resources]);
  const found: CodeSystem | undefined = codeSystem(system);
  if (found === undefined || found.content !== 'complete') return undefined;
  const flat = (list: readonly CodeSystemConcept[]): CodeSystemConcept[] =>
    list.flatMap((it) => [it, ...flat(it.concept ?? [])]);
  return flat(found.concept ?? []);
}

/** A ValueSet may list codes and leave their names to the CodeSystem. */
function withWords(system: string | undefined, it: Named, source: OptionSource): Named {
  if (it.display !== undefined) return it;
  return conceptsOf(system, source)?.find((one) => one.code === it.code) ?? it;
}

function named(system: string | undefined, it: Named, { language, words }: OptionSource): FormOption {
  const translated = it.designation?.find((one) => one.language?.toLowerCase().split('-')[0] === language)?.value;
  return {
    value: { valueCoding: coded({ system, code: it.code, display: it.display }) },
    label: said(words, it.code) ?? translated ?? it.display ?? it.code,
  };
}
