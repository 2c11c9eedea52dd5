import type { CodeableConcept, Coding, Observation, ObservationComponent, Quantity } from 'fhir/r4.js';
import { codeSystem, DERIVED_IDENTIFIER, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { roundStored } from './decimal.ts';

export const MEASURE = codeSystem('measure');
export const VISIT = codeSystem('visit');
export const ABSENT_REASON = codeSystem('absent-reason');
export const TAG = codeSystem('tag');
export const RATING_USE = codeSystem('rating-use');
export const RELEASE = codeSystem('release');
const HL7_ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const CONFIDENTIALITY = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';

/** Human names of codes, from the shipped CodeSystems: `display(system, code)`. */
export type Display = (system: string, code: string) => string | undefined;

export const coding = (system: string, code: string, display: Display): Coding => {
  const name = display(system, code);
  return { system, code, ...(name === undefined ? {} : { display: name }) };
};

export const measure = (code: string, display: Display): CodeableConcept => ({
  coding: [coding(MEASURE, code, display)],
});

/** Score points, exact to six decimals. */
export const scorePoints = (value: number): Quantity => ({
  value: roundStored(value),
  unit: '{score}',
  system: 'http://unitsofmeasure.org',
  code: '{score}',
});

/** Why there is no value: HL7's word, and Vincle's own where it says more. */
export function absent(
  hl7: 'unknown' | 'not-applicable' | 'not-asked' | 'error',
  own: string | undefined,
  display: Display,
): CodeableConcept {
  const codings = [
    { system: HL7_ABSENT, code: hl7 },
    ...(own === undefined ? [] : [coding(ABSENT_REASON, own, display)]),
  ];
  return { coding: codings };
}

export function scoreComponent(
  code: string,
  value: number | undefined,
  display: Display,
  why = 'too-few-answered',
): ObservationComponent {
  return value === undefined
    ? { code: measure(code, display), dataAbsentReason: absent('unknown', why, display) }
    : { code: measure(code, display), valueQuantity: scorePoints(value) };
}

export const visitComponent = (
  code: 'visit' | 'from-visit',
  visit: string,
  display: Display,
): ObservationComponent => ({
  code: measure(code, display),
  valueCodeableConcept: { coding: [coding(VISIT, visit, display)] },
});

/** What any derived Observation has; the builders of each kind add the rest. */
export interface Common {
  readonly id: string;
  readonly code: string;
  readonly profile: string;
  readonly totalCodes: readonly Coding[];
  readonly subject: string;
  readonly focus: string | undefined;
  readonly performers: readonly string[];
  readonly effective: string;
  readonly status: 'final' | 'amended' | 'preliminary';
  readonly method: string;
  readonly derivedFrom: readonly string[];
  readonly blinded: readonly ('blinded-from-therapist' | 'blinded-from-patient')[];
  readonly tags: readonly Coding[];
}

/** The frame of a derived Observation: identity, category, who, when, from what, for whose eyes. */
export function frame(common: Common, display: Display): Observation {
  const security =
    common.blinded.length === 0
      ? []
      : [{ system: CONFIDENTIALITY, code: 'R' }, ...common.blinded.map((code) => coding(RELEASE, code, display))];
  return {
    resourceType: 'Observation',
    id: common.id,
    meta: {
      profile: [structureDefinition(common.profile)],
      ...(security.length === 0 ? {} : { security }),
      ...(common.tags.length === 0 ? {} : { tag: [...common.tags] }),
    },
    identifier: [{ system: DERIVED_IDENTIFIER, value: common.id }],
    status: common.status,
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey', display: 'Survey' },
        ],
      },
    ],
    code: { coding: [coding(MEASURE, common.code, display), ...common.totalCodes] },
    subject: { reference: common.subject },
    ...(common.focus === undefined ? {} : { focus: [{ reference: common.focus }] }),
    effectiveDateTime: common.effective,
    performer: common.performers.map((reference) => ({ reference })),
    method: { coding: [coding(MEASURE, common.code, display)], text: common.method },
    device: { reference: `Device/${DEVICE_ID}` },
    derivedFrom: common.derivedFrom.map((reference) => ({ reference })),
  };
}
