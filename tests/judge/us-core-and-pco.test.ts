import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4';
import { sampleObservation, sampleObservations } from './samples.ts';

/**
 * Every invariant, cardinality and type of the US Core Screening and Assessment Observation (HL7/US-Core, 9.0.0) and
 * of the PCO Patient-Reported Outcome Score (HL7/pco-ig, 1.0.0), each asserted, or inherited from R4 (which the HL7
 * validator asserts), or said to contradict the contract, with the reason and what is asserted in its place.
 */
interface Rule {
  readonly id: string;
  readonly source: string;
  readonly rule: string;
  readonly expression?: string;
  readonly verdict: 'asserted' | 'inherited' | 'contradicts';
  readonly because?: string;
  readonly insteadExpression?: string;
}

const rules: readonly Rule[] = JSON.parse(
  readFileSync(join(import.meta.dirname, 'us-core-and-pco.invariants.json'), 'utf8'),
);

/** What is broken in a good sample so that the rule of this id must fail; the sample is a PHQ-9 score. */
const BREAKS: Record<string, (it: Observation) => unknown> = {
  'us-core-1': (it) => Object.assign(it, { effectiveDateTime: '2026-04' }),
  'us-core-2': (it) => Object.assign(it, { valueQuantity: undefined, component: undefined }),
  'us-core-3': (it) => Object.assign(it.valueQuantity!, { system: 'urn:example:units' }),
  'us-core status 1..1': (it) => Object.assign(it, { status: undefined }),
  'us-core category 1..*': (it) => Object.assign(it, { category: undefined }),
  'us-core category:survey 1..1': (it) => it.category!.push(it.category![0]!),
  'us-core category:screening-assessment': (it) => it.category!.push({ coding: [{ system: 'urn:x', code: 'y' }] }),
  'us-core code 1..1': (it) => Object.assign(it, { code: undefined }),
  'us-core subject 1..1': (it) => Object.assign(it, { subject: undefined }),
  'us-core subject types': (it) => Object.assign(it.subject!, { reference: 'Practitioner/x' }),
  'us-core performer types': (it) => Object.assign(it.performer![0]!, { reference: 'Device/x' }),
  'us-core hasMember types': (it) => Object.assign(it, { hasMember: [{ reference: 'Patient/x' }] }),
  'us-core derivedFrom types': (it) => Object.assign(it.derivedFrom![0]!, { reference: 'Questionnaire/phq-9' }),
  'pco effective 1..1': (it) => Object.assign(it, { effectiveDateTime: undefined }),
  'pco effective types': (it) =>
    Object.assign(it, { effectiveDateTime: undefined, effectiveInstant: '2026-04-11T10:00:00Z' }),
  'pco code binding': (it) => it.code.coding!.pop(),
  'pco focus 0..1': (it) => Object.assign(it, { focus: [{ reference: 'Goal/a' }, { reference: 'Goal/b' }] }),
  'pco focus types': (it) => Object.assign(it, { focus: [{ reference: 'Practitioner/x' }] }),
  'pco value 1..1': (it) => Object.assign(it, { valueQuantity: undefined }),
  'pco value types': (it) => Object.assign(it, { valueQuantity: undefined, valueString: '11' }),
};

function holds(expression: string, observation: Observation): boolean {
  const plain = JSON.parse(JSON.stringify(observation));
  const answer = fhirpath.evaluate(plain, expression, {}, r4, { async: false });
  return answer.length === 1 && answer[0] === true;
}

const asserted = rules.flatMap((rule) => {
  const expression = rule.expression ?? rule.insteadExpression;
  return expression === undefined ? [] : [{ ...rule, expression }];
});

describe.each(asserted)('$id ($source): $rule', ({ id, expression, verdict }) => {
  const title = verdict === 'asserted' ? 'every sample keeps it' : 'every sample keeps what stands in its place';
  test(title, () => {
    const broken = sampleObservations.filter((observation) => !holds(expression, observation));
    expect(broken.map((it) => it.id)).toEqual([]);
  });

  test('an Observation that breaks it is noticed', () => {
    const observation = sampleObservation('phq-9-score');
    BREAKS[id]!(observation);
    expect(holds(expression, observation)).toBe(false);
  });
});

test('every rule is asserted, or says why it is not', () => {
  expect(sampleObservations.length).toBeGreaterThanOrEqual(20);
  expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length);
  const silent = rules.filter((rule) => (rule.verdict === 'asserted' ? !rule.expression : !rule.because));
  expect(silent).toEqual([]);
});

test('a score that cannot be had, which PCO does not allow, is among the samples, and so is an alliance focus', () => {
  expect(sampleObservations.some((it) => it.dataAbsentReason !== undefined)).toBe(true);
  expect(sampleObservations.some((it) => it.focus?.[0]?.reference?.startsWith('Practitioner/'))).toBe(true);
});
