import type { Element, Extension } from 'fhir/r4.js';
import { structureDefinition } from '../domain/canonicals.ts';
import type { Issue } from '../domain/outcome.ts';
import type { Words } from '../domain/protocol.ts';
import { fault } from './content-error.ts';

/** Where in which file something stands, and where its faults go. */
export interface Place {
  readonly file: string;
  readonly path: string;
  readonly issues: Issue[];
}

export const within = (place: Place, step: string): Place => ({
  ...place,
  path: place.path === '' ? step : `${place.path}.${step}`,
});

export function refuse({ file, path, issues }: Place, reason: string, sentence: string): void {
  issues.push(fault(file, path, reason, sentence));
}

/** One of Vincle's own extensions by its short name. */
export const extensionNamed = (extensions: readonly Extension[] | undefined, name: string): Extension | undefined =>
  extensions?.find((it) => it.url === structureDefinition(name));

/** The parts of an extension, each read as what it must be; what is missing or of another kind is a fault. */
export interface Parts {
  all(name: string): readonly { readonly part: Extension; readonly place: Place }[];
  code(name: string): string;
  codes(name: string): readonly string[];
  optionalCode(name: string): string | undefined;
  text(name: string): string;
  canonical(name: string): string;
  time(name: string): string;
  number(name: string): number;
  boolean(name: string): boolean;
  /** A whole number from `least` up. */
  whole(name: string, least: number): number;
  wholes(name: string, least: number): readonly number[];
}

export function partsOf(extension: Extension, place: Place): Parts {
  const all = (name: string) =>
    (extension.extension ?? []).flatMap((part) => (part.url === name ? [{ part, place: within(place, name) }] : []));
  const missing = (name: string, what: string): void =>
    refuse(within(place, name), 'malformed', `It needs ${name}, ${what}.`);
  function one<T>(name: string, read: (part: Extension) => T | undefined, none: T, what: string): T {
    const value = all(name).map(({ part }) => read(part))[0];
    if (value === undefined) missing(name, what);
    return value ?? none;
  }
  const isWhole = (value: number | undefined, least: number): value is number =>
    value !== undefined && Number.isInteger(value) && value >= least;
  return {
    all,
    code: (name) => one(name, (it) => it.valueCode, '', 'a code'),
    codes: (name) => all(name).flatMap(({ part }) => part.valueCode ?? []),
    optionalCode: (name) => all(name)[0]?.part.valueCode,
    text: (name) => one(name, (it) => it.valueString, '', 'a text'),
    canonical: (name) => one(name, (it) => it.valueCanonical, '', 'a canonical'),
    time: (name) => one(name, (it) => it.valueTime?.slice(0, 5), '', 'a time'),
    number: (name) => one(name, (it) => it.valueDecimal, Number.NaN, 'a number'),
    boolean: (name) => one(name, (it) => it.valueBoolean, false, 'true or false'),
    whole: (name, least) =>
      one(
        name,
        ({ valueInteger }) => (isWhole(valueInteger, least) ? valueInteger : undefined),
        least,
        `a whole number from ${least} up`,
      ),
    wholes: (name, least) => {
      const values = all(name).map(({ part }) => part.valueInteger);
      if (!values.every((it) => isWhole(it, least))) missing(name, `whole numbers from ${least} up`);
      return values.filter((it) => isWhole(it, least));
    },
  };
}

const TRANSLATION = 'http://hl7.org/fhir/StructureDefinition/translation';

const content = (extension: Extension | undefined): string | undefined =>
  extension?.extension?.find((it) => it.url === 'content')?.valueString;

/** A text with its Spanish and Catalan translations; all three are needed. */
export function wordsIn(text: string | undefined, element: Element | undefined, place: Place): Words {
  const isSpanish = (it: Extension): boolean => it.extension?.some((part) => part.valueCode === 'es') ?? false;
  const isCatalan = (it: Extension): boolean => it.extension?.some((part) => part.valueString === 'ca') ?? false;
  const es = content(element?.extension?.find((it) => it.url === TRANSLATION && isSpanish(it)));
  const ca = content(element?.extension?.find((it) => it.url === structureDefinition('label') && isCatalan(it)));
  if (!text || !es || !ca)
    refuse(place, 'words-missing', 'It needs words in English, Spanish (translation) and Catalan (label).');
  return { en: text ?? '', es: es ?? '', ca: ca ?? '' };
}
