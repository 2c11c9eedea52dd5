import type { ErrorObject } from 'ajv';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import type { Issue } from '../domain/outcome.ts';
import { whereLinkId } from './questionnaire-tree.ts';

/** No response is reported on at greater length: a person reads it. */
export const MAX_ISSUES = 100;

const SENTENCES: Readonly<Record<string, string>> = {
  'unknown-item': 'The questionnaire has no such item at this place.',
  'repeated-item': 'The item stands more than once and may stand only once.',
  'item-without-linkid': 'An item does not say which question it answers.',
  'repeated-answer': 'The question takes fewer answers than were given.',
  'wrong-type': 'The answer is not of the type that the question asks for.',
  'out-of-range': 'The answer lies outside the range of the question.',
  'wrong-length': 'The answer is longer or shorter than the question allows.',
  'too-many-decimals': 'The answer has more decimal places than the question allows.',
  'not-an-option': 'The answer is none of those that the question offers.',
  'answer-without-question': 'A group or a text to read carries an answer.',
  'misplaced-item': 'Items stand where the questionnaire has none.',
  'modifier-extension': 'It carries a modifier extension that is not understood, so it may mean something else.',
  'unknown-element': 'It carries an element that an answer does not have.',
};

const OF_KEYWORD: Readonly<Record<string, string>> = {
  minimum: 'out-of-range',
  maximum: 'out-of-range',
  within: 'out-of-range',
  minLength: 'wrong-length',
  maxLength: 'wrong-length',
  decimalPlaces: 'too-many-decimals',
  enum: 'not-an-option',
  const: 'not-an-option',
  codingAmong: 'not-an-option',
  required: 'not-an-option',
  maxItems: 'repeated-answer',
  oneValue: 'wrong-type',
};

const OF_ELEMENT: Readonly<Record<string, string>> = {
  answer: 'answer-without-question',
  item: 'misplaced-item',
  modifierExtension: 'modifier-extension',
};

/** What ajv found, as issues that name the item and the answer, each place and reason once. */
export function toIssues(errors: readonly ErrorObject[], response: QuestionnaireResponse): readonly Issue[] {
  const issues = new Map<string, Issue>();
  for (const error of errors) {
    const issue = toIssue(error, response);
    issues.set(`${issue.reason}@${issue.expression}`, issue);
    if (issues.size >= MAX_ISSUES) break;
  }
  return [...issues.values()];
}

function toIssue(error: ErrorObject, response: QuestionnaireResponse): Issue {
  const path = error.instancePath.split('/').slice(1);
  if (error.keyword === 'itemsByLinkId') {
    const { reason, index } = error.params as { reason: string; index: number };
    return issueAt(reason, expressionOf([...path, String(index)], response));
  }
  const last = path.at(-1) ?? '';
  if (error.keyword === 'additionalProperties') {
    const name = String(error.params.additionalProperty);
    return issueAt(/^_?value[A-Z]/.test(name) ? 'wrong-type' : 'unknown-element', expressionOf(path, response));
  }
  if (error.keyword === 'false schema')
    return issueAt(OF_ELEMENT[last] ?? 'unknown-element', expressionOf(path, response));
  return issueAt(OF_KEYWORD[error.keyword] ?? 'wrong-type', expressionOf(path, response));
}

/** An error at a place of the response. */
export function issueAt(
  reason: string,
  expression: string,
  severity: Issue['severity'] = 'error',
  sentence?: string,
): Issue {
  return {
    severity,
    code:
      reason === 'required-missing'
        ? 'required'
        : reason === 'wrong-type' || reason === 'unknown-item'
          ? 'structure'
          : 'value',
    reason,
    diagnostics: sentence ?? SENTENCES[reason] ?? 'The response does not fit its questionnaire.',
    expression,
  };
}

/** FHIRPath of a JSON pointer's steps: items by linkId (and by position among equals), `value[x]` as `value`. */
function expressionOf(path: readonly string[], response: QuestionnaireResponse): string {
  let expression = 'QuestionnaireResponse';
  let at: unknown = response;
  for (let step = 0; step < path.length; step += 1) {
    const name = path[step] ?? '';
    const index = path[step + 1];
    at = property(at, name);
    if (name.startsWith('value')) return `${expression}.value`;
    if (index === undefined || !/^\d+$/.test(index)) {
      expression += `.${name}`;
      continue;
    }
    expression += name === 'item' ? itemStep(at, Number(index)) : `.${name}[${index}]`;
    at = property(at, index);
    step += 1;
  }
  return expression;
}

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

function itemStep(items: unknown, index: number): string {
  const linkIdAt = (at: number): unknown => property(property(items, String(at)), 'linkId');
  const linkId = linkIdAt(index);
  if (typeof linkId !== 'string') return `.item[${index}]`;
  let earlier = 0;
  for (let other = 0; other < index; other += 1) if (linkIdAt(other) === linkId) earlier += 1;
  return `.item.where(${whereLinkId(linkId)})${earlier === 0 ? '' : `[${earlier}]`}`;
}
