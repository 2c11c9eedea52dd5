import { beforeAll, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { errorLines, judge } from './judge.ts';
import { sample } from './samples.ts';

const FREQUENCY = 'https://w3id.org/vincle/CodeSystem/wai-s-frequency';
const LEVEL = 'https://w3id.org/vincle/CodeSystem/stepped-care-level';
const answer = (linkId: string, code: string) => ({
  linkId,
  answer: [{ valueCoding: { system: FREQUENCY, code } }],
});

/** A good sample with some of its elements replaced, and the words or the rule by which it is refused. */
const FAULTS: readonly (readonly [title: string, from: string, refusedBy: RegExp, change: object])[] = [
  ['a response that names nobody who answered', 'alliance-response', /vin-50/, { source: undefined }],
  ['a response that says not when', 'phq-9-response', /authored: minimum required = 1/, { authored: undefined }],
  ['a response that names no Questionnaire', 'phq-9-response', /questionnaire: minimum/, { questionnaire: undefined }],
  ['a response about nobody', 'alliance-response', /subject: minimum required = 1/, { subject: undefined }],
  [
    'an answer of 8 on the WAI-S',
    'alliance-response',
    /option list|not valid|not in/i,
    { item: [answer('wai-1', '8')] },
  ],
  ['an item that the WAI-S does not have', 'alliance-response', /wai-13/, { item: [answer('wai-13', '4')] }],
  ['a review Task without its reasons', 'review-response-task', /vin-60/, { contained: undefined }],
  ['a review Task about nothing', 'review-response-task', /focus: minimum required = 1/, { focus: undefined }],
  ['a proposal that is no draft', 'stepped-care-plan-proposal', /vin-70/, { status: 'active' }],
  ['a proposal by a person', 'stepped-care-plan-proposal', /vin-70/, { author: { reference: 'Practitioner/x' } }],
  ['a proposal that rests on nothing', 'stepped-care-plan-proposal', /vin-70/, { supportingInfo: undefined }],
  [
    'a plan at two levels',
    'stepped-care-plan-approved',
    /vin-72/,
    { category: ['1-monitoring', '3-peer-support'].map((code) => ({ coding: [{ system: LEVEL, code }] })) },
  ],
  ['a plan that has not begun', 'stepped-care-plan-approved', /vin-71/, { period: undefined }],
  [
    'a plan with details in place of Tasks',
    'stepped-care-plan-approved',
    /detail: max allowed = 0/,
    { activity: [{ detail: { status: 'in-progress' } }] },
  ],
];

let refusals: string[];

beforeAll(async () => {
  const faulty = FAULTS.map(([, from, , change]) => ({ ...sample(from), ...change })) as FhirResource[];
  const verdicts = await judge(faulty);
  refusals = faulty.map((resource, index) => errorLines([resource], [verdicts[index]!]).join('\n'));
}, 120_000);

test.each(FAULTS.map(([title, , refusedBy], index) => [title, refusedBy, index] as const))(
  'the HL7 validator refuses %s',
  (_, refusedBy, index) => {
    expect(refusals[index]).toMatch(refusedBy);
  },
);
