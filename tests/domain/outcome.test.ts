import { describe, expect, test } from '@jest/globals';
import { operationOutcome } from '../../src/domain/outcome.ts';

describe('OperationOutcome of issues', () => {
  test('no issue is one informational issue, because FHIR asks for at least one', () => {
    expect(operationOutcome([]).issue).toEqual([
      { severity: 'information', code: 'informational', diagnostics: 'Nothing to report' },
    ]);
  });
  test('an issue names its place as expression and its reason as details', () => {
    const outcome = operationOutcome([
      {
        severity: 'error',
        code: 'value',
        reason: 'out-of-range',
        diagnostics: 'Item dt-1 takes 0 to 10.',
        expression: "QuestionnaireResponse.item.where(linkId='dt-1').answer[0]",
      },
    ]);
    expect(outcome.issue[0]).toEqual({
      severity: 'error',
      code: 'value',
      details: { text: 'out-of-range' },
      diagnostics: 'Item dt-1 takes 0 to 10.',
      expression: ["QuestionnaireResponse.item.where(linkId='dt-1').answer[0]"],
    });
  });
});
