import type {
  QuestionnaireItem,
  QuestionnaireItemEnableWhen,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from 'fhir/r4.js';

type Answer = QuestionnaireResponseItemAnswer;

/** The lists of items around a place, innermost first: where the question of an `enableWhen` is looked for. */
export type Scopes = readonly (readonly QuestionnaireResponseItem[])[];

/**
 * Whether an item is enabled (R4 `enableWhen`, `enableBehavior`; `any` where it is absent, as most systems read it).
 * Where the standard and its implementations differ — `!=` on a question without an answer, or with several — the item
 * counts as enabled: an answer is refused only where no reading enables it.
 */
export function isEnabled(item: QuestionnaireItem, scopes: Scopes): boolean {
  const conditions = item.enableWhen ?? [];
  if (conditions.length === 0) return true;
  const holds = (it: QuestionnaireItemEnableWhen): boolean => conditionHolds(it, answersOf(it.question, scopes));
  return item.enableBehavior === 'all' ? conditions.every(holds) : conditions.some(holds);
}

/** The answers to a question, from the nearest place that has it: beside the item first, then further out. */
function answersOf(linkId: string, scopes: Scopes): readonly Answer[] {
  for (const items of scopes) {
    const found = indexOf(items).get(linkId);
    if (found !== undefined) return found.flatMap((it) => it.answer ?? []).filter(hasValue);
  }
  return [];
}

type Index = ReadonlyMap<string, readonly QuestionnaireResponseItem[]>;

/** What stands in and under a list of items, by linkId: made once a list, or thousands of repeats would each be walked anew. */
const indexes = new WeakMap<readonly QuestionnaireResponseItem[], Index>();

function indexOf(items: readonly QuestionnaireResponseItem[]): Index {
  let index = indexes.get(items);
  if (index === undefined) {
    const made = new Map<string, QuestionnaireResponseItem[]>();
    collect(items, made, 0);
    indexes.set(items, made);
    index = made;
  }
  return index;
}

/** Deeper than any Questionnaire that is accepted (questionnaire-tree.ts). */
const DEEPEST = 64;

function collect(
  items: readonly QuestionnaireResponseItem[],
  index: Map<string, QuestionnaireResponseItem[]>,
  depth: number,
): void {
  if (depth > DEEPEST) return;
  for (const item of items) {
    const same = index.get(item.linkId);
    if (same === undefined) index.set(item.linkId, [item]);
    else same.push(item);
    collect(item.item ?? [], index, depth + 1);
    for (const answer of item.answer ?? []) collect(answer.item ?? [], index, depth + 1);
  }
}

/** The name of the value element of an answer or condition, `valueCoding` or `answerCoding`. */
const valueName = (of: object, prefix: string): string | undefined =>
  Object.keys(of).find((it) => it.startsWith(prefix));

/** True where an answer carries a value, not only an extension that says why there is none. */
export const hasValue = (answer: Answer): boolean => valueName(answer, 'value') !== undefined;

function conditionHolds(condition: QuestionnaireItemEnableWhen, answers: readonly Answer[]): boolean {
  if (condition.operator === 'exists') return answers.length > 0 === (condition.answerBoolean ?? true);
  const name = valueName(condition, 'answer');
  if (name === undefined) return true;
  const expected: unknown = Reflect.get(condition, name);
  const compared = answers.map((it) => compare(Reflect.get(it, `value${name.slice('answer'.length)}`), expected));
  switch (condition.operator) {
    case '=':
      return compared.some((it) => it === 0);
    case '!=':
      return compared.length === 0 || compared.some((it) => it !== 0);
    case '>':
      return compared.some((it) => it !== undefined && it > 0);
    case '<':
      return compared.some((it) => it !== undefined && it < 0);
    case '>=':
      return compared.some((it) => it !== undefined && it >= 0);
    case '<=':
      return compared.some((it) => it !== undefined && it <= 0);
    default:
      return true;
  }
}

/** Order of two values, 0 where they are the same; `undefined` where they cannot be put in order or differ in kind. */
function compare(actual: unknown, expected: unknown): number | undefined {
  if (typeof actual === 'number' && typeof expected === 'number') return actual - expected;
  if (typeof actual === 'string' && typeof expected === 'string') return compareText(actual, expected);
  if (typeof actual === 'boolean') return actual === expected ? 0 : undefined;
  if (!isRecord(actual) || !isRecord(expected)) return undefined;
  if (expected.value !== undefined) return compareQuantity(actual, expected);
  if (expected.reference !== undefined) return actual.reference === expected.reference ? 0 : undefined;
  return actual.code === expected.code && (expected.system === undefined || actual.system === expected.system)
    ? 0
    : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Instants by time, so that two zones agree; everything else by text, which is the order of ISO dates and times. */
function compareText(a: string, b: string): number {
  if (a.length > 10 && b.length > 10 && !Number.isNaN(Date.parse(a)) && !Number.isNaN(Date.parse(b)))
    return Date.parse(a) - Date.parse(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareQuantity(
  actual: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
): number | undefined {
  const sameUnit = (actual.code ?? actual.unit) === (expected.code ?? expected.unit);
  return sameUnit && typeof actual.value === 'number' && typeof expected.value === 'number'
    ? actual.value - expected.value
    : undefined;
}
