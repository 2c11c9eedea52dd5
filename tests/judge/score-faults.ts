import type { Observation, ObservationComponent } from 'fhir/r4.js';

function component(observation: Observation, code: string): ObservationComponent {
  return observation.component!.find((it) => it.code.coding?.[0]?.code === code)!;
}

export const score = (value: number) => ({
  value,
  unit: '{score}',
  system: 'http://unitsofmeasure.org',
  code: '{score}',
});
const UNKNOWN = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
};

/** One fault put into one good sample, and the rule or the words by which the validator refuses it. */
export interface Fault {
  readonly title: string;
  readonly from: string;
  readonly refusedBy: RegExp;
  readonly put: (it: Observation) => void;
}

/** Faults of the score of one response. */
export const SCORE_FAULTS: readonly Fault[] = [
  {
    title: 'a code of another instrument',
    from: 'wai-s-p-score',
    refusedBy: /wai-s-p/,
    put: (it) => {
      it.code.coding![0]!.code = 'sus';
    },
  },
  {
    title: 'a PHQ-9 total without its LOINC code',
    from: 'phq-9-score',
    refusedBy: /code: Expected 2/,
    put: (it) => it.code.coding!.pop(),
  },
  {
    title: 'a WAI-S total of 85',
    from: 'wai-s-p-score',
    refusedBy: /vin-10/,
    put: (it) => {
      it.valueQuantity = score(85);
    },
  },
  {
    title: 'a HADS total of 43',
    from: 'hads-score',
    refusedBy: /vin-10/,
    put: (it) => {
      it.valueQuantity = score(43);
    },
  },
  {
    title: 'a WAI-S task subscale of 3',
    from: 'wai-s-t-score',
    refusedBy: /vin-11/,
    put: (it) => {
      component(it, 'task').valueQuantity = score(3);
    },
  },
  {
    title: 'a WAI-S total that is not the sum of its subscales',
    from: 'wai-s-p-score',
    refusedBy: /vin-25/,
    put: (it) => {
      it.valueQuantity = score(67);
    },
  },
  {
    title: 'half a point on the PHQ-9',
    from: 'phq-9-score',
    refusedBy: /vin-24/,
    put: (it) => {
      it.valueQuantity = score(11.5);
    },
  },
  {
    title: 'a SUS of 73',
    from: 'sus-score',
    refusedBy: /vin-24/,
    put: (it) => {
      it.valueQuantity = score(73);
    },
  },
  {
    title: 'a PHQ-9 total out of eight answers',
    from: 'phq-9-score',
    refusedBy: /vin-23/,
    put: (it) => {
      component(it, 'answered').valueInteger = 8;
    },
  },
  {
    title: 'a WAI-S total of eleven answers that does not say it is prorated',
    from: 'wai-s-p-score',
    refusedBy: /vin-26/,
    put: (it) => {
      component(it, 'answered').valueInteger = 11;
    },
  },
  {
    title: 'a value and a reason for its absence at once',
    from: 'sus-score',
    refusedBy: /vin-1\b/,
    put: (it) => {
      it.dataAbsentReason = UNKNOWN;
    },
  },
  {
    title: 'neither a value nor a reason',
    from: 'sus-score',
    refusedBy: /vin-1\b/,
    put: (it) => {
      delete it.valueQuantity;
    },
  },
  {
    title: 'an absent score that does not say why in the contract’s words',
    from: 'phq-9-score-absent-total',
    refusedBy: /vin-22/,
    put: (it) => {
      it.dataAbsentReason = UNKNOWN;
    },
  },
  {
    title: 'a subscale with a value and a reason',
    from: 'hads-score-absent-subscale',
    refusedBy: /vin-2\b/,
    put: (it) => {
      component(it, 'anxiety').dataAbsentReason = UNKNOWN;
    },
  },
  {
    title: 'a score that derives from nothing',
    from: 'gad-7-score',
    refusedBy: /derivedFrom: minimum required = 1/,
    put: (it) => {
      delete it.derivedFrom;
    },
  },
  {
    title: 'a score without its instrument (method)',
    from: 'gad-7-score',
    refusedBy: /method: minimum required = 1/,
    put: (it) => {
      delete it.method;
    },
  },
  {
    title: 'a score in another unit',
    from: 'vas-app-score',
    refusedBy: /\{score\}/,
    put: (it) => {
      it.valueQuantity!.code = '%';
    },
  },
  {
    title: 'a score that is a string',
    from: 'vas-app-score',
    refusedBy: /valueString|string/,
    put: (it) => {
      delete it.valueQuantity;
      it.valueString = '80';
    },
  },
  {
    title: 'a component that the contract does not know',
    from: 'sus-score',
    refusedBy: /does not match any known slice/,
    put: (it) => {
      it.component!.push({
        code: { coding: [{ system: 'https://w3id.org/vincle/CodeSystem/measure', code: 'bond' }] },
        valueQuantity: score(4),
      });
    },
  },
  {
    title: 'a visit that the programme does not know',
    from: 'sus-score',
    refusedBy: /ValueSet\/visit/,
    put: (it) => {
      component(it, 'visit').valueCodeableConcept!.coding![0]!.code = 'm9';
    },
  },
  {
    title: 'a category other than survey',
    from: 'sus-score',
    refusedBy: /survey/,
    put: (it) => {
      it.category![0]!.coding![0]!.code = 'vital-signs';
    },
  },
  {
    title: 'no identifier',
    from: 'sus-score',
    refusedBy: /identifier: minimum required = 1/,
    put: (it) => {
      delete it.identifier;
    },
  },
  {
    title: 'an alliance score that is withheld but not restricted',
    from: 'wai-s-t-score',
    refusedBy: /vin-4/,
    put: (it) => it.meta!.security!.shift(),
  },
  {
    title: 'a score that is preliminary',
    from: 'wai-s-p-score',
    refusedBy: /vin-21/,
    put: (it) => {
      it.status = 'preliminary';
    },
  },
];
