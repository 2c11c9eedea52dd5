import type {
  MeasureReportGroup,
  MeasureReportGroupPopulation,
  MeasureReportGroupStratifierStratum,
  Quantity,
} from 'fhir/r4.js';
import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { CohortAnalysis, Findings, Flow } from '../../analysis/result.ts';
import { absent, armConcept, coded, rounded, visitConcept } from './coded.ts';

const POPULATION = 'http://terminology.hl7.org/CodeSystem/measure-population';

/** A part of a whole; `masked` where it is that of a few. */
interface Part {
  readonly numerator: number | 'masked';
  readonly denominator: number | 'masked';
}

/** Counts of one arm, at one visit where it is about one. */
interface Stratum extends Part {
  readonly arm: string;
  readonly visit?: string;
}

const population = (code: string, count: number | 'masked'): MeasureReportGroupPopulation => ({
  code: { coding: [{ system: POPULATION, code }] },
  ...(count === 'masked' ? { _count: absent('masked') } : { count }),
});

const proportion = ({ numerator, denominator }: Part) => ({
  population: [population('denominator', denominator), population('numerator', numerator)],
  measureScore: scoreOf(numerator, denominator),
});

/** A score whose value is not there says so at the value: a validator wants one. */
const unscored = (why: Parameters<typeof absent>[0]): Quantity & { readonly _value: object } => ({
  _value: absent(why),
});

function scoreOf(numerator: number | 'masked', denominator: number | 'masked'): Quantity {
  if (numerator === 'masked' || denominator === 'masked') return unscored('masked');
  return denominator === 0 ? unscored('not-applicable') : { value: rounded(numerator / denominator) };
}

const componentsOf = ({ arm, visit }: { readonly arm: string; readonly visit: string }) => [
  { code: coded('arm'), value: armConcept(arm) },
  { code: coded('visit'), value: visitConcept(visit) },
];

const placeOf = ({ arm, visit }: Stratum): Partial<MeasureReportGroupStratifierStratum> =>
  visit === undefined ? { value: armConcept(arm) } : { component: componentsOf({ arm, visit }) };

/** The sum; masked where any part is. */
const sumOf = (parts: readonly Stratum[], of: (it: Stratum) => number | 'masked'): number | 'masked' =>
  parts.map(of).reduce<number | 'masked'>((all, it) => (all === 'masked' || it === 'masked' ? 'masked' : all + it), 0);

/** A share of the whole and of each of its parts. */
function shareGroup(code: string, strata: readonly Stratum[]): MeasureReportGroup {
  const whole = {
    numerator: sumOf(strata, (it) => it.numerator),
    denominator: sumOf(strata, (it) => it.denominator),
  };
  const byVisit = strata.some((it) => it.visit !== undefined);
  return {
    code: coded(code),
    ...proportion(whole),
    ...(strata.length === 0
      ? {}
      : {
          stratifier: [
            {
              code: [coded(byVisit ? 'arm-and-visit' : 'arm')],
              stratum: strata.map((it) => ({ ...placeOf(it), ...proportion(it) })),
            },
          ],
        }),
  };
}

/** Ratings given of those due, by rater. */
export const responseGroups = ({ cells }: Flow): MeasureReportGroup[] =>
  (['patient', 'therapist'] as const).map((rater) =>
    shareGroup(
      rater,
      cells
        .filter((it) => it.rater === rater)
        .map(({ arm, visit, states, response }) => ({
          arm,
          visit,
          numerator: states.answered,
          denominator: response.n,
        })),
    ),
  );

/** Visits rated by both of those at which both were due. */
export const bothGroups = ({ both }: Flow): MeasureReportGroup[] => [
  shareGroup(
    'both',
    both.map(({ arm, visit, share }) => ({ arm, visit, numerator: countOf(share), denominator: share.n })),
  ),
];

const countOf = (share: Estimate): number => (isEstimated(share) ? Math.round(share.estimate * share.n) : 0);

/** ICC(A,1) by arm and visit, and of the whole at each visit; over all visits there is none. */
export function agreementGroups({ agreement }: Findings): MeasureReportGroup[] {
  const whole = agreement.filter((it) => it.arm === 'all');
  const dyads = whole.reduce((all, it) => all + it.dyads, 0);
  return [
    {
      code: coded('dyads'),
      population: [population('measure-population', dyads)],
      measureScore: unscored('not-applicable'),
      stratifier: [
        {
          code: [coded('arm-and-visit')],
          stratum: agreement.map((it) => ({
            component: componentsOf(it),
            population: [population('measure-population', it.dyads)],
            measureScore: scoreIn(it.iccA1),
          })),
        },
      ],
    },
  ];
}

const scoreIn = (it: Estimate): Quantity => {
  if (isEstimated(it)) return { value: rounded(it.estimate) };
  return unscored(it.reason === 'small-cell' ? 'masked' : 'unknown');
};

/** Reliable increase and decrease from the first to the last visit, by rater. */
export const changeGroups = ({ change }: Findings): MeasureReportGroup[] =>
  change.flatMap(({ rater, cells }) => {
    const span = longest(cells);
    const own = cells.filter((it) => it.from === span?.from && it.to === span?.to);
    const arms = own.filter((it) => it.arm !== 'all');
    const strata = arms.length > 0 ? arms : own;
    return (['increase', 'decrease'] as const).map((way) =>
      shareGroup(
        `${rater}-${way}`,
        strata.map((it) => {
          const share = way === 'increase' ? it.increased : it.decreased;
          if (!isEstimated(share) && share.reason === 'small-cell')
            return { arm: it.arm, numerator: 'masked' as const, denominator: share.n };
          return { arm: it.arm, numerator: countOf(share), denominator: isEstimated(share) ? share.n : 0 };
        }),
      ),
    );
  });

/** The last span of the analysis is the whole one. */
const longest = (cells: Findings['change'][number]['cells']) => cells.at(-1);

/** Whether anything but recruitment and completeness may be said. */
export const isOpen = (analysis: CohortAnalysis): analysis is CohortAnalysis & { readonly findings: Findings } =>
  analysis.findings !== undefined;
