import type { Element, Extension } from 'fhir/r4.js';
import type { FormLanguage } from '../../domain/view/form-view.ts';

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';
const LANGUAGES: readonly FormLanguage[] = ['en', 'es', 'ca'];

/** One text of a Questionnaire, and whether it is in the language that was asked for. */
export interface Worded {
  readonly text: string;
  readonly isAsked: boolean;
}

const short = (tag: string | undefined): string => (tag ?? '').toLowerCase().split('-')[0] ?? '';

/** The language of the programme that a tag names; `undefined` for any other. */
export const languageOfTag = (tag: string | undefined): FormLanguage | undefined =>
  LANGUAGES.find((it) => it === short(tag));

const part = (it: Extension, ...urls: string[]): Extension | undefined =>
  it.extension?.find((one) => urls.includes(one.url));

/**
 * A text in a language: its own where the Questionnaire is written in it, else a translation (FHIR’s own extension, or
 * Vincle’s for the languages that its value set does not know), else the text as it stands.
 */
export function wordedIn(
  text: string | undefined,
  element: Element | undefined,
  base: string | undefined,
  language: FormLanguage,
): Worded | undefined {
  if (text === undefined) return undefined;
  if (short(base) === language) return { text, isAsked: true };
  for (const it of element?.extension ?? []) {
    const tag = part(it, 'lang', 'language');
    const content = part(it, 'content');
    const said = content?.valueString ?? content?.valueMarkdown;
    if ((it.url === TRANSLATION || it.url.endsWith('/label')) && said !== undefined)
      if (short(tag?.valueCode ?? tag?.valueString) === language) return { text: said, isAsked: true };
  }
  return { text, isAsked: false };
}
