import type { Observation, ObservationComponent } from 'fhir/r4.js';
import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { AgreementCell, Findings } from '../../analysis/result.ts';
import { DERIVED_IDENTIFIER, DEVICE_ID } from '../../domain/canonicals.ts';
import { identify } from '../../domain/derived-identity.ts';
import { armConcept, coded, rounded, visitConcept } from './coded.ts';

/** What every Observation of a cohort says beside its numbers. */
export interface About {
  /** `ResearchStudy/…`, or `cohort` where there is none: part of the identity. */
  readonly cohort: string;
  readonly at: string;
  readonly study: string | undefined;
}

const ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';
const SCORE = { unit: '{score}', system: 'http://unitsofmeasure.org', code: '{score}' } as const;
const ONE = { unit: '1', system: 'http://unitsofmeasure.org', code: '1' } as const;

function observation(
  code: string,
  key: string,
  { cohort, at, study }: About,
  component: ObservationComponent[],
): Observation {
  const value = identify(`cohort-${code}|${cohort}|${key}`);
  return {
    resourceType: 'Observation',
    identifier: [{ system: DERIVED_IDENTIFIER, value }],
    status: 'final',
    category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'survey' }] }],
    code: coded(code),
    ...(study === undefined ? {} : { focus: [{ reference: study }] }),
    effectiveDateTime: at,
    device: { reference: `Device/${DEVICE_ID}` },
    component,
  };
}

type Unit = typeof SCORE | typeof ONE;

/** A statistic and its interval, or why there is none. */
function statistic(code: string, it: Estimate, unit: Unit): ObservationComponent[] {
  if (!isEstimated(it))
    return [
      { code: coded(code), dataAbsentReason: { coding: [{ system: ABSENT, code: 'unknown' }], text: it.reason } },
    ];
  const { interval } = it;
  const quantity = (value: number) => ({ value: rounded(value), ...unit });
  return [
    { code: coded(code), valueQuantity: quantity(it.estimate) },
    ...(interval === undefined
      ? []
      : [
          {
            code: coded(`${code}-interval`),
            valueRange: { low: quantity(interval.low), high: quantity(interval.high) },
          },
        ]),
  ];
}

const concept = (code: string, value: ReturnType<typeof coded>): ObservationComponent => ({
  code: coded(code),
  valueCodeableConcept: value,
});

/** Coefficients of each arm and visit of which they may be told. */
export function agreementObservations({ agreement }: Findings, about: About): Observation[] {
  return agreement
    .filter((it) => isEstimated(it.meanDifference))
    .map((it) =>
      observation('agreement', `${it.arm}|${it.visit}`, about, [
        concept('arm', armConcept(it.arm)),
        concept('visit', visitConcept(it.visit)),
        { code: coded('dyads'), valueInteger: it.dyads },
        ...statistic('icc-absolute', it.iccA1, ONE),
        ...statistic('icc-consistency', it.iccC1, ONE),
        ...statistic('mean-difference', it.meanDifference, SCORE),
        ...limits(it),
      ]),
    );
}

function limits({ lowerLimit, upperLimit }: AgreementCell): ObservationComponent[] {
  if (!isEstimated(lowerLimit) || !isEstimated(upperLimit)) return [];
  const [low, high] = [lowerLimit, upperLimit].map((it) => ({ value: rounded(it.estimate), ...SCORE }));
  return low === undefined || high === undefined
    ? []
    : [{ code: coded('limits-of-agreement'), valueRange: { low, high } }];
}

/** Mean change of each rater, arm and pair of visits that may be told. */
export const changeObservations = ({ change }: Findings, about: About): Observation[] =>
  change.flatMap(({ rater, cells, parameters }) =>
    cells
      .filter((it) => isEstimated(it.mean))
      .map((it) => ({
        ...observation('change', `${rater}|${it.arm}|${it.from}|${it.to}`, about, [
          concept('rater', coded(rater)),
          concept('arm', armConcept(it.arm)),
          concept('from-visit', visitConcept(it.from)),
          concept('visit', visitConcept(it.to)),
          { code: coded('pairs'), valueInteger: it.mean.n },
          ...statistic('mean-change', it.mean, SCORE),
        ]),
        ...(parameters.length === 0
          ? {}
          : {
              method: {
                text: parameters
                  .map(
                    (one) =>
                      `Jacobson–Truax, SD ${rounded(one.sd)}, reliability ${rounded(one.reliability)}, ${one.from}`,
                  )
                  .join('; '),
              },
            }),
      })),
  );
