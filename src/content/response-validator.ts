import { createHash } from 'node:crypto';
import type { ErrorObject } from 'ajv';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { LRUCache } from 'lru-cache';
import type { Issue } from '../domain/outcome.ts';
import { responseAjv } from './ajv-keywords.ts';
import type { SchemaSource } from './answer-schema.ts';
import { toIssues } from './response-issues.ts';
import { hasLogic, logicIssues } from './response-logic.ts';
import { responseSchema } from './response-schema.ts';

const NONE: readonly Issue[] = Object.freeze([]);

/** Says what is wrong with a response, place by place; nothing where it fits its Questionnaire. */
export type ResponseValidator = (response: QuestionnaireResponse) => readonly Issue[];

/**
 * Compiles the validator of one Questionnaire's responses. The first pass stops at the first fault and makes no report;
 * only where it says no does a second one, compiled then, find them all.
 */
export function compileValidator(source: SchemaSource): ResponseValidator {
  const { questionnaire } = source;
  const schema = responseSchema(source);
  const fits = responseAjv(false).compile(schema);
  const logic = hasLogic(questionnaire.item ?? []);
  let report: typeof fits | undefined;
  return (response) => {
    if (fits(response)) return logic ? logicIssues(questionnaire, response) : NONE;
    report ??= responseAjv(true).compile(schema);
    report(response);
    const errors: readonly ErrorObject[] = report.errors ?? fits.errors ?? [];
    const issues = toIssues(errors, response);
    report.errors = null;
    fits.errors = null;
    return issues;
  };
}

/** Validators by content: the same Questionnaire compiled once, the longest unused one dropped when `max` is reached. */
export class ValidatorCache {
  readonly #validators: LRUCache<string, ResponseValidator>;
  #compiled = 0;

  constructor(max: number) {
    this.#validators = new LRUCache({ max });
  }

  /** How many are held, and how many were compiled so far. */
  get counts(): { readonly held: number; readonly compiled: number } {
    return { held: this.#validators.size, compiled: this.#compiled };
  }

  validatorOf(source: SchemaSource): ResponseValidator {
    const { questionnaire, systemOptional } = source;
    const key = createHash('sha256')
      .update(JSON.stringify([systemOptional, questionnaire.contained, questionnaire.item]))
      .digest('base64');
    const held = this.#validators.get(key);
    if (held !== undefined) return held;
    const made = compileValidator(source);
    this.#compiled += 1;
    this.#validators.set(key, made);
    return made;
  }
}
