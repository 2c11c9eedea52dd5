import type { OperationOutcome } from 'fhir/r4.js';
import { type Issue, operationOutcome } from '../domain/outcome.ts';

/** An answer that says no. What it carries may leave the house: never an answer, a name or a cause. */
export class Refusal extends Error {
  readonly status: number;
  readonly issues: readonly Issue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, issues: readonly Issue[], headers: Readonly<Record<string, string>> = {}) {
    super(issues.map((it) => it.reason).join(', '));
    this.name = 'Refusal';
    this.status = status;
    this.issues = issues;
    this.headers = headers;
  }

  get outcome(): OperationOutcome {
    return operationOutcome(this.issues);
  }
}

export const refusal = (
  status: number,
  code: Issue['code'],
  reason: string,
  diagnostics: string,
  headers?: Readonly<Record<string, string>>,
): Refusal => new Refusal(status, [{ severity: 'error', code, reason, diagnostics }], headers);

/** 401 as RFC 6750 asks for it. */
export const unauthenticated = (reason: string, diagnostics: string): Refusal =>
  refusal(401, 'login', reason, diagnostics, {
    'WWW-Authenticate':
      reason === 'no-token' ? 'Bearer realm="vincle"' : `Bearer realm="vincle", error="invalid_token"`,
  });

/** 403 of a good token that does not reach this far. */
export const insufficient = (reason: string, diagnostics: string): Refusal =>
  refusal(403, 'forbidden', reason, diagnostics, {
    'WWW-Authenticate': 'Bearer realm="vincle", error="insufficient_scope"',
  });
