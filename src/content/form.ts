import type { QuestionnaireResponse, QuestionnaireResponseItem, QuestionnaireResponseItemAnswer } from 'fhir/r4.js';
import { hasValue } from '../domain/enable-when.ts';
import type { Instrument, ScoredItem } from '../domain/instrument.ts';
import type { Issue } from '../domain/outcome.ts';
import { matchesCanonical, normalizeQuestionnaire } from './canonical.ts';
import type { Form } from './port.ts';
import { whereLinkId } from './questionnaire-tree.ts';
import { issueAt } from './response-issues.ts';

/** The raw value of an answer, or why it is none of the instrument's. */
export type ReadAnswer = (answer: QuestionnaireResponseItemAnswer) => number | undefined;

/** One question of a form: which scored item of the instrument it is, and how its answers are read. */
export interface Question {
  readonly scored: string;
  readonly read: ReadAnswer;
}

export interface FormParts {
  readonly canonical: string;
  readonly instrument: Instrument;
  readonly equivalent: boolean;
  /** By the form's own linkId. */
  readonly questions: ReadonlyMap<string, Question>;
  /** linkId of each stored score, and the measure it states. */
  readonly scores: ReadonlyMap<string, string>;
  /** Other names of this form that a response may carry in `questionnaire`, e.g. a relative reference. */
  readonly aliases: readonly string[];
  readonly baseUrl: string | undefined;
  readonly structure: (response: QuestionnaireResponse) => readonly Issue[];
}

/** Deeper than any Questionnaire that is accepted (questionnaire-tree.ts). */
const DEEPEST = 64;

type Found = (item: QuestionnaireResponseItem, path: string) => void;

/**
 * Every item of a response, however nested, with its FHIRPath where `path` is given. What is no item is passed over: a
 * refused response is walked too, because the safety path reads it.
 */
function eachItem(
  items: readonly QuestionnaireResponseItem[] | undefined,
  found: Found,
  path: string | undefined,
  depth = 0,
): void {
  if (!Array.isArray(items) || depth > DEEPEST) return;
  for (const item of items as readonly (QuestionnaireResponseItem | null)[]) {
    if (typeof item?.linkId !== 'string') continue;
    const here = path === undefined ? undefined : `${path}.item.where(${whereLinkId(item.linkId)})`;
    found(item, here ?? '');
    if (item.item !== undefined) eachItem(item.item, found, here, depth + 1);
    if (!Array.isArray(item.answer)) continue;
    for (let index = 0; index < item.answer.length; index += 1) {
      const below = item.answer[index]?.item;
      if (below !== undefined)
        eachItem(below, found, here === undefined ? undefined : `${here}.answer[${index}]`, depth + 1);
    }
  }
}

/** Makes the Form of a Questionnaire whose questions are known. */
export function makeForm(parts: FormParts): Form {
  const { canonical, instrument, equivalent, questions, scores } = parts;
  const accepted = new Set([canonical, canonical.split('|')[0], ...parts.aliases]);
  const names = (text: string | undefined): boolean => text === undefined || accepted.has(text) || isNamed(text, parts);
  return Object.freeze({
    canonical,
    instrument,
    equivalent,
    validate: (response: QuestionnaireResponse) => {
      const structure = parts.structure(response);
      const version = names(response.questionnaire) ? [] : [OTHER_QUESTIONNAIRE];
      const reading =
        equivalent && !structure.some((it) => it.severity === 'error') ? readingIssues(response, questions) : [];
      return version.length === 0 && reading.length === 0 ? structure : [...version, ...structure, ...reading];
    },
    answers: (response: QuestionnaireResponse) => {
      const raw = new Map<string, number>();
      eachItem(response.item, (item) => readInto(raw, item, questions), undefined);
      return raw;
    },
    storedScores: (response: QuestionnaireResponse) => {
      const stored = new Map<string, number>();
      eachItem(
        response.item,
        (item) => {
          const measure = scores.get(item.linkId);
          const value = measure === undefined ? undefined : numberOf(item.answer?.[0]);
          if (measure !== undefined && value !== undefined) stored.set(measure, value);
        },
        undefined,
      );
      return stored;
    },
    asks: (item: string) =>
      [...questions].flatMap(([linkId, it]) => (it.scored === item ? [{ linkId, read: it.read }] : [])),
  });
}

function isNamed(text: string, { canonical, aliases, baseUrl }: FormParts): boolean {
  const asked = normalizeQuestionnaire(text, baseUrl);
  return [canonical, ...aliases].some((it) => matchesCanonical(asked, it));
}

const OTHER_QUESTIONNAIRE = issueAt(
  'other-questionnaire',
  'QuestionnaireResponse.questionnaire',
  'error',
  'The response names another questionnaire or version than the one it was read by.',
);

function readInto(
  raw: Map<string, number>,
  item: QuestionnaireResponseItem,
  questions: ReadonlyMap<string, Question>,
): void {
  const question = questions.get(item.linkId);
  const answer = item.answer?.[0];
  if (question === undefined || typeof answer !== 'object' || answer === null) return;
  const value = question.read(answer);
  if (value !== undefined) raw.set(question.scored, value);
}

const numberOf = (answer: QuestionnaireResponseItemAnswer | undefined): number | undefined =>
  answer?.valueDecimal ?? answer?.valueInteger ?? answer?.valueQuantity?.value;

/** Answers of another publisher's form that cannot be told for sure: each refuses, in words. */
function readingIssues(response: QuestionnaireResponse, questions: ReadonlyMap<string, Question>): readonly Issue[] {
  const issues: Issue[] = [];
  const seen = new Set<string>();
  eachItem(
    response.item,
    (item, path) => {
      const question = questions.get(item.linkId);
      if (question === undefined) return;
      const given = (item.answer ?? []).filter(hasValue);
      if (given.length === 0) return;
      if (seen.has(question.scored) || given.length > 1)
        issues.push(issueAt('ambiguous-item', path, 'error', AMBIGUOUS));
      seen.add(question.scored);
      if (given.some((it) => question.read(it) === undefined))
        issues.push(issueAt('unmapped-answer', `${path}.answer[0].value`, 'error', UNMAPPED));
    },
    'QuestionnaireResponse',
  );
  return issues;
}

const AMBIGUOUS =
  'The same question of the instrument is answered more than once, so nobody can tell which answer counts.';
const UNMAPPED =
  'The answer cannot be read as one of the answers of the instrument: neither its code nor its weight is one that was declared.';

/** Reads the answers of our own form: a listed coding by its weight, or the number itself. */
export function ownReader(item: ScoredItem): ReadAnswer {
  const { weights, low, high } = item;
  if (weights === undefined)
    return (answer) => {
      const value = answer.valueInteger ?? answer.valueDecimal;
      return value !== undefined && value >= low && value <= high ? value : undefined;
    };
  const byCode = new Map<string, { readonly system: string; readonly weight: number }[]>();
  for (const [key, weight] of weights) {
    const bar = key.lastIndexOf('|');
    const [system, code] = [key.slice(0, bar), key.slice(bar + 1)];
    byCode.set(code, [...(byCode.get(code) ?? []), { system, weight }]);
  }
  return ({ valueCoding }) => {
    if (valueCoding?.code === undefined) return undefined;
    return byCode.get(valueCoding.code)?.find((it) => it.system === valueCoding.system)?.weight;
  };
}
