import type { QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import type { Instrument, ScoredItem } from '../domain/instrument.ts';
import type { ReadAnswer } from './form.ts';

/** A code of an item or option; without a system it is the code alone. */
export interface DeclaredCode {
  readonly system: string | undefined;
  readonly code: string;
}

/** Which item of another publisher's form is which of ours: by its linkIds, or by its codes. */
export interface DeclaredItem {
  /** linkId of the instrument. */
  readonly item: string;
  readonly linkIds: readonly string[];
  readonly codes: readonly DeclaredCode[];
}

/** Another publisher's forms of one instrument, as `questionnaires/equivalences/*.json` declares them. */
export interface Equivalence {
  readonly file: string;
  readonly instrument: string;
  /** Canonicals (with or without version) and relative references that responses name the form by. */
  readonly questionnaires: readonly string[];
  readonly items: readonly DeclaredItem[];
  /** Answers to raw values of the instrument, beside the instrument's own options. */
  readonly options: readonly (DeclaredCode & { readonly value: number })[];
  readonly scores: readonly { readonly measure: string; readonly linkIds: readonly string[] }[];
  /** Why responses to these forms are not scored, in words; absent where they are. */
  readonly refuse: string | undefined;
}

/** True where the declaration alone tells every scored item, so that the Questionnaire need not be fetched. */
export const isComplete = (equivalence: Equivalence, instrument: Instrument): boolean =>
  instrument.items.every((item) => equivalence.items.some((it) => it.item === item.linkId && it.linkIds.length > 0));

/** Weights that the publisher wrote on the options of one item, by `system|code`. */
export type PublishedWeights = ReadonlyMap<string, number>;

/**
 * Reads an answer to another publisher's form: a coding by the instrument's own options, by those declared, or by the
 * publisher's weight where all its weights are exactly the raw values of the instrument's item; else a number that is a
 * raw value. A coding without a system is read by its code where only one option has that code. `undefined` where
 * nothing tells, or two things tell otherwise.
 */
export function equivalentReader(item: ScoredItem, equivalence: Equivalence, published: PublishedWeights): ReadAnswer {
  const options = optionsOf(item, equivalence);
  const weighted = agrees(published, item) ? entriesOf(published) : [];
  return (answer) => {
    const number = answer.valueInteger ?? answer.valueDecimal ?? codedNumber(answer, options);
    if (number !== undefined) return isRaw(number, item) ? number : undefined;
    const coding = answer.valueCoding;
    if (coding?.code === undefined) return undefined;
    const values = new Set([
      ...find(options, coding.system, coding.code),
      ...find(weighted, coding.system, coding.code),
    ]);
    const [value] = values;
    return values.size === 1 ? value : undefined;
  };
}

type Options = readonly (DeclaredCode & { readonly value: number })[];

const entriesOf = (weights: ReadonlyMap<string, number>): Options =>
  [...weights].map(([key, value]) => ({
    system: key.slice(0, key.lastIndexOf('|')) || undefined,
    code: key.slice(key.lastIndexOf('|') + 1),
    value,
  }));

const optionsOf = (item: ScoredItem, equivalence: Equivalence): Options => [
  ...entriesOf(item.weights ?? new Map()),
  ...equivalence.options,
];

/** Values of the options that a coding names; a coding without a system names those of that code. */
const find = (options: Options, system: string | undefined, code: string): readonly number[] =>
  options.filter((it) => it.code === code && (it.system === system || system === undefined)).map((it) => it.value);

/** A text that is the code of a declared option without a system, as some forms store it. */
function codedNumber({ valueString }: QuestionnaireResponseItemAnswer, options: Options): number | undefined {
  if (valueString === undefined) return undefined;
  return options.find((it) => it.system === undefined && it.code === valueString)?.value;
}

/** Whether a number is one of the raw values of an item. */
function isRaw(value: number, { weights, low, high }: ScoredItem): boolean {
  return weights === undefined ? value >= low && value <= high : [...weights.values()].includes(value);
}

/** Whether a publisher's weights are exactly the raw values of the item, none missing and none more. */
function agrees(published: PublishedWeights, { weights }: ScoredItem): boolean {
  const [theirs, ours] = [new Set(published.values()), new Set(weights?.values() ?? [])];
  return theirs.size === ours.size && [...theirs].every((it) => ours.has(it));
}
