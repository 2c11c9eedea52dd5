import type {
  Coding,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from 'fhir/r4.js';
import { readAuthored } from './instant.ts';
import type { SafetyItem } from './protocol.ts';

/** One question of a form that asks a safety item. `undefined` for an answer that it cannot read. */
export interface SafetyQuestion {
  readonly linkId: string;
  readonly read: (answer: QuestionnaireResponseItemAnswer) => number | undefined;
}

/** How the form of a response asks one safety item. */
export interface AskedItem {
  readonly item: SafetyItem;
  /** None where the form, or how it asks, is not known: then linkIds and LOINC codes alone tell. */
  readonly questions: readonly SafetyQuestion[];
  /** The instrument’s own options, `system|code` to raw value. */
  readonly options: ReadonlyMap<string, number>;
  /** The form is the instrument’s own, in whatever version: its linkIds mean what the instrument’s mean. */
  readonly ours: boolean;
  /** The form belongs to the item’s instrument but nobody can tell its questions: any answer at all cannot be read. */
  readonly illegible: boolean;
}

/** An answer that must reach a person. */
export interface SafetySign {
  readonly item: SafetyItem;
  /** The highest raw value that was given; `unreadable` where no answer could be told for sure to be harmless. */
  readonly answer: number | 'unreadable';
}

/** Deeper than any response that intake takes. */
const DEEPEST = 64;

/**
 * The signs of danger in a response, whatever its status, whether or not its form refuses it (clinical rule: PHQ-9 item
 * 9 above 0, evaluated on every saved item, never by the total). An answer that cannot be read is a sign; a question
 * without an answer is none. One for each safety item.
 */
export function signsIn(response: QuestionnaireResponse, asked: readonly AskedItem[]): readonly SafetySign[] {
  const items = allItems(response.item);
  return asked.flatMap((it) => {
    const found = items.filter((item) => isAbout(item, it)).flatMap((item) => answersTo(item, it));
    if (found.length === 0 && it.illegible && items.some((item) => answersOf(item).length > 0))
      found.push('unreadable');
    const dangerous = found.filter((answer) => answer === 'unreadable' || answer >= it.item.atLeast);
    return dangerous.length === 0 ? [] : [{ item: it.item, answer: worst(dangerous) }];
  });
}

/** An answer that cannot be told could be the worst one, but a number says more to whoever reads it. */
const worst = (answers: readonly SafetySign['answer'][]): SafetySign['answer'] => {
  const numbers = answers.filter((it) => it !== 'unreadable');
  return numbers.length === 0 ? 'unreadable' : Math.max(...numbers);
};

/** Every item however nested, under items and under answers. What is no item is passed over, never trusted. */
function allItems(items: unknown, depth = 0): QuestionnaireResponseItem[] {
  if (!Array.isArray(items) || depth > DEEPEST) return [];
  return items.flatMap((item: QuestionnaireResponseItem | null): QuestionnaireResponseItem[] => {
    if (typeof item !== 'object' || item === null) return [];
    const answers = Array.isArray(item.answer) ? item.answer : [];
    return [item, ...allItems(item.item, depth + 1), ...answers.flatMap((it) => allItems(it?.item, depth + 1))];
  });
}

function isAbout({ linkId, definition }: QuestionnaireResponseItem, asked: AskedItem): boolean {
  const { item, questions } = asked;
  if (typeof linkId === 'string') {
    if (questions.some((it) => it.linkId === linkId)) return true;
    if (linkId === item.linkId && asked.ours) return true;
  }
  return item.codes.some((code) => names(linkId, code) || names(definition, code));
}

/** Whether a linkId or definition carries a LOINC code as a word of its own: `/44260-8`, `phq.44260-8`. */
function names(text: unknown, code: string): boolean {
  if (typeof text !== 'string') return false;
  for (let at = text.indexOf(code); at >= 0; at = text.indexOf(code, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + code.length] ?? ' '];
    if (!/[0-9A-Za-z-]/.test(before) && !/[0-9A-Za-z-]/.test(after)) return true;
  }
  return false;
}

/** What was given as an answer; a malformed one counts as given. */
function answersOf({ answer }: QuestionnaireResponseItem): readonly unknown[] {
  if (answer === undefined || answer === null) return [];
  const given: readonly unknown[] = Array.isArray(answer) ? answer : [answer];
  return given.filter((it) => it !== null && it !== undefined && (typeof it !== 'object' || hasValue(it)));
}

const hasValue = (answer: object): boolean =>
  Object.entries(answer).some(([key, value]) => key.startsWith('value') && value !== undefined && value !== null);

function answersTo(item: QuestionnaireResponseItem, asked: AskedItem): SafetySign['answer'][] {
  return answersOf(item).map((answer) =>
    typeof answer === 'object' ? readAnswer(item, answer ?? {}, asked) : 'unreadable',
  );
}

/** Reads by the form where it can, else by the instrument’s own options, else as a plain number; else not at all. */
function readAnswer(
  { linkId }: QuestionnaireResponseItem,
  answer: QuestionnaireResponseItemAnswer,
  { questions, options, item }: AskedItem,
): SafetySign['answer'] {
  const own = questions.filter((it) => it.linkId === linkId);
  for (const question of own.length > 0 ? own : questions) {
    const value = question.read(answer);
    if (value !== undefined) return value;
  }
  const { valueCoding } = answer;
  if (valueCoding !== undefined) return optionOf(valueCoding, options) ?? 'unreadable';
  const plain = plainNumber(answer);
  if (plain === undefined) return 'unreadable';
  // A number that is no raw value of the item is believed only where it is a sign anyway.
  return plain >= item.atLeast || [...options.values()].includes(plain) ? plain : 'unreadable';
}

/** A coding without a system is one of the instrument’s options where its code is. */
function optionOf({ system, code }: Coding, options: ReadonlyMap<string, number>): number | undefined {
  if (system !== undefined) return options.get(`${system}|${code}`);
  const named = [...options].filter(([key]) => key.slice(key.lastIndexOf('|') + 1) === code);
  return named.length === 1 ? named[0]?.[1] : undefined;
}

function plainNumber({ valueInteger, valueDecimal, valueString, valueQuantity }: QuestionnaireResponseItemAnswer) {
  const number: unknown = valueInteger ?? valueDecimal ?? valueQuantity?.value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  return typeof valueString === 'string' && /^\s*\d{1,3}\s*$/.test(valueString) ? Number(valueString) : undefined;
}

/** Half a day, and half a month: what a date without a time or a day may be late by. */
const SLACK_MS = { instant: 0, day: 12 * 3_600_000 - 1, month: 16 * 86_400_000 } as const;

/**
 * Whether an answer is from before the instant from which signs are raised (`SAFETY_FROM`). One that does not say when it
 * was given counts by when the server got it; one that says neither is never too old.
 */
export function isBefore(response: QuestionnaireResponse, fromMs: number | undefined, zone: string): boolean {
  if (fromMs === undefined) return false;
  const authored = readAuthored(response.authored, zone);
  if (authored !== undefined) return authored.epochMs + SLACK_MS[authored.precision] < fromMs;
  return Date.parse(response.meta?.lastUpdated ?? '') < fromMs;
}
