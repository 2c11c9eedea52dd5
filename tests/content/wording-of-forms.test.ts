import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Element, QuestionnaireItem } from 'fhir/r4.js';
import { questionnaires } from '../domain/shipped-instruments.ts';

const FOLDER = new URL('../../questionnaires/wording/', import.meta.url);
const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';
const LABEL = 'https://w3id.org/vincle/StructureDefinition/label';

interface WordingFile {
  readonly instrument: string;
  readonly language: string;
  readonly validation: { readonly state: string; readonly source: string };
  readonly instructions?: string;
  readonly items: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
}

const files: readonly (readonly [string, WordingFile])[] = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))]);

/** A text of a form in a language: the element itself in English, else what its extensions say. */
function textIn(language: string, text: string | undefined, element: Element | undefined): string | undefined {
  if (language === 'en') return text;
  const translation = element?.extension
    ?.filter((it) => it.url === TRANSLATION || it.url === LABEL)
    .find((it) =>
      it.extension?.some((part) => (part.valueCode ?? part.valueString) === language && part.url !== 'content'),
    );
  return translation?.extension?.find((it) => it.url === 'content')?.valueString;
}

const choices = (id: string): readonly QuestionnaireItem[] =>
  questionnaires.get(id)!.item!.filter((it) => it.type === 'choice');

test('the free instruments have their words in English, Spanish and Catalan, and no other instrument has any', () => {
  const expected = ['gad-7', 'phq-4', 'phq-9', 'sus'].flatMap((id) =>
    ['ca', 'en', 'es'].map((it) => `${id}.${it}.json`),
  );
  expect(files.map(([name]) => name).sort()).toEqual(expected.sort());
});

describe.each(files)('%s', (name, wording) => {
  const items = choices(wording.instrument);

  test('is named for its instrument and language, and says how far it is validated and by what', () => {
    expect(name).toBe(`${wording.instrument}.${wording.language}.json`);
    expect(['validated', 'unconfirmed', 'unvalidated']).toContain(wording.validation.state);
    expect(wording.validation.source).not.toBe('');
  });

  test('has a text for each question and each answer of the form, and for nothing else', () => {
    const codes = items.flatMap((it) => it.answerOption!.map(({ valueCoding }) => valueCoding!.code!));
    expect(Object.keys(wording.items).sort()).toEqual(items.map((it) => it.linkId).sort());
    expect(Object.keys(wording.options).sort()).toEqual([...new Set(codes)].sort());
  });

  test('says what the Questionnaire itself shows in that language', () => {
    for (const { linkId, text, _text, answerOption } of items) {
      expect([linkId, textIn(wording.language, text, _text)]).toEqual([linkId, wording.items[linkId]]);
      for (const { valueCoding } of answerOption!) {
        const { code, display, _display } = valueCoding!;
        expect([linkId, code, textIn(wording.language, display, _display)]).toEqual([
          linkId,
          code,
          wording.options[code!],
        ]);
      }
    }
    const instructions = questionnaires.get(wording.instrument)!.item!.find((it) => it.linkId === 'instructions');
    expect(textIn(wording.language, instructions?.text, instructions?._text)).toEqual(wording.instructions);
  });
});

test('only an English original is called validated: nobody has compared a Spanish text, and the Catalan ones are ours', () => {
  const states = new Set(files.map(([, { language, validation }]) => `${language} ${validation.state}`));
  expect(states).toEqual(new Set(['en validated', 'es unconfirmed', 'ca unvalidated']));
});
