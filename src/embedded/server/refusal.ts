import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';

type IssueCode = OperationOutcomeIssue['code'];

/** A request that is not answered with what it asked for: the HTTP status and the OperationOutcome to send. */
export class Refusal extends Error {
  readonly status: number;
  readonly outcome: OperationOutcome;

  constructor(status: number, code: IssueCode, diagnostics: string, expression?: string) {
    super(diagnostics);
    this.name = 'Refusal';
    this.status = status;
    this.outcome = outcomeOf('error', code, diagnostics, expression);
  }
}

/** An OperationOutcome with one issue. */
export function outcomeOf(
  severity: OperationOutcomeIssue['severity'],
  code: IssueCode,
  diagnostics: string,
  expression?: string,
): OperationOutcome {
  return {
    resourceType: 'OperationOutcome',
    issue: [{ severity, code, diagnostics, ...(expression === undefined ? {} : { expression: [expression] }) }],
  };
}

export const badRequest = (why: string, expression?: string): Refusal => new Refusal(400, 'invalid', why, expression);
export const notFound = (what: string): Refusal => new Refusal(404, 'not-found', `${what} is not known`);
export const gone = (what: string): Refusal => new Refusal(410, 'deleted', `${what} was deleted`);
export const preconditionFailed = (why: string): Refusal => new Refusal(412, 'conflict', why);
