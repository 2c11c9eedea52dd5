import type { OperationOutcome, OperationOutcomeIssue } from 'fhir/r4.js';

/** One thing wrong with what came in, for a person to read. Never carries an answer or a name. */
export interface Issue {
  readonly severity: 'error' | 'warning' | 'information';
  readonly code: OperationOutcomeIssue['code'];
  /** A sentence that says what is wrong and where. */
  readonly diagnostics: string;
  /** FHIRPath of the place, e.g. `QuestionnaireResponse.item.where(linkId='wai-4').answer[0]`. */
  readonly expression?: string;
  /** A stable word for counting and for tests: `out-of-range`, `unknown-item`, `wrong-rater` … */
  readonly reason: string;
}

/** The issues as the FHIR resource that reports them; one informational issue where there are none. */
export function operationOutcome(issues: readonly Issue[]): OperationOutcome {
  if (issues.length === 0) {
    return {
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'information', code: 'informational', diagnostics: 'Nothing to report' }],
    };
  }
  return {
    resourceType: 'OperationOutcome',
    issue: issues.map((issue) => ({
      severity: issue.severity,
      code: issue.code,
      details: { text: issue.reason },
      diagnostics: issue.diagnostics,
      ...(issue.expression === undefined ? {} : { expression: [issue.expression] }),
    })),
  };
}
