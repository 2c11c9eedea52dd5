import { expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { counted, countsIn, feedbackReport } from '../../src/domain/cds-feedback.ts';
import { errorLines, judge } from './judge.ts';

const RULE = 'https://w3id.org/vincle/PlanDefinition/stepped-psychosocial-care|1.0.0#up-to-2';

test('the HL7 validator finds no error in the report of what became of cards, and it says what was counted', async () => {
  const counts = counted({}, [
    { key: 'level', outcome: 'accepted', month: '2026-11' },
    { key: RULE, outcome: 'overridden', reason: 'later', month: '2026-11' },
    { key: RULE, outcome: 'accepted', month: '2026-11' },
  ]);
  const report: FhirResource = feedbackReport('2026-11', counts, '2026-11-30', '2026-11-30T09:00:00Z');
  expect(countsIn(report)).toEqual({
    level: { accepted: 1, overridden: 0, reasons: {} },
    [RULE]: { accepted: 1, overridden: 1, reasons: { later: 1 } },
  });
  expect(errorLines([report], await judge([report]))).toEqual([]);
}, 180_000);
