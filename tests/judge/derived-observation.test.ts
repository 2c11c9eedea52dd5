import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { errorLines, judge } from './judge.ts';
import { PAIR_FAULTS } from './pair-faults.ts';
import { sample, sampleNames, sampleObservation } from './samples.ts';
import { SCORE_FAULTS } from './score-faults.ts';

/*
 * The shape that every derived Observation has, and that the samples in fixtures/ were written to by hand:
 *
 *   meta.profile        https://w3id.org/vincle/StructureDefinition/<instrument>-score, wai-s-dyad, wai-s-p-change …
 *   meta.security       alliance only: v3-Confidentiality R and CodeSystem/release
 *   meta.tag            CodeSystem/tag key-unconfirmed, CodeSystem/rating-use not-counted, where they apply
 *   identifier          exactly one, system …/identifier/derived, the same UUIDv5 as the id
 *   status              final | amended | entered-in-error; preliminary for a dyad that waits for a partner
 *   category            survey
 *   code                CodeSystem/measure, and LOINC for PHQ-9, GAD-7, PHQ-4
 *   subject, focus      the patient (vas-platform: the platform’s Device); the rated therapist
 *   effectiveDateTime   as authored; performer the rater, or both raters of a dyad
 *   value or reason     valueQuantity in {score}, or dataAbsentReason with CodeSystem/absent-reason; never both
 *   method              the code, with canonical|version of the Questionnaire as text; device Device/vincle
 *   derivedFrom         the QuestionnaireResponse, or the score Observations
 *   component           the closed list of the contract, each with a value or a reason
 */

const FAULTS = [...SCORE_FAULTS, ...PAIR_FAULTS];
const samples: readonly FhirResource[] = sampleNames.map(sample);
const faulty = FAULTS.map(({ from, put }) => {
  const observation = sampleObservation(from);
  put(observation);
  return observation;
});
let refusals: string[][];

beforeAll(async () => {
  const all = [...samples, ...faulty];
  const verdicts = await judge(all);
  refusals = all.map((resource, index) => errorLines([resource], [verdicts[index]!]));
}, 180_000);

describe('the HL7 validator accepts', () => {
  test.each(sampleNames.map((name, index) => [name, index] as const))('%s', (_, index) => {
    expect(refusals[index]).toEqual([]);
  });

  test('at least one sample of every profile that Vincle derives Observations by', () => {
    const profiles = readdirSync(join(import.meta.dirname, '..', '..', 'profiles'))
      .map((name) => /^StructureDefinition-(.+-(?:score|dyad|change))\.json$/.exec(name)?.[1])
      .filter((name) => name !== undefined);
    const sampled = samples.map((it) => it.meta?.profile?.[0]?.split('/').at(-1));
    expect(profiles).toHaveLength(13);
    expect(profiles.filter((name) => !sampled.includes(name))).toEqual([]);
  });
});

describe('the HL7 validator refuses', () => {
  test.each(FAULTS.map((fault, index) => [fault.title, fault.refusedBy, sampleNames.length + index] as const))(
    '%s',
    (_, refusedBy, index) => {
      expect(refusals[index]!.join('\n')).toMatch(refusedBy);
    },
  );
});
