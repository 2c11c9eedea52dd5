import type {
  MeasureReportGroup,
  MeasureReportGroupPopulation,
  MeasureReportGroupStratifierStratum,
  Quantity,
} from 'fhir/r4.js';
import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { AgreementCell, CohortAnalysis, Findings, Flow } from '../../analysis/result.ts';
import { absent, armConcept, coded, rounded, visitConcept } from './coded.ts';
import { type Counted, type Part, SMALLEST, suppressed } from './suppression.ts';

const POPULATION = 'http://terminology.hl7.org/CodeSystem/measure-population';

/** Counts of one arm, at one visit where it is about one. */
interface Stratum extends Counted {
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

/** A share of the whole and of each of its parts, small counts masked. */
function shareGroup(code: string, strata: readonly Stratum[]): MeasureReportGroup {
  const sum = (of: (it: Stratum) => number): number => strata.reduce((all, it) => all + of(it), 0);
  const [whole] = suppressed([{ numerator: sum((it) => it.numerator), denominator: sum((it) => it.denominator) }]);
  const parts = suppressed(strata);
  const byVisit = strata.some((it) => it.visit !== undefined);
  return {
    code: coded(code),
    ...(whole === undefined ? {} : proportion(whole)),
    ...(strata.length === 0
      ? {}
      : {
          stratifier: [
            {
              code: [coded(byVisit ? 'arm-and-visit' : 'arm')],
              stratum: strata.map((it, i) => ({
                ...placeOf(it),
                ...proportion(parts[i] ?? { numerator: 'masked', denominator: 'masked' }),
              })),
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
  const hidden = hiddenDyads(agreement);
  return [
    {
      code: coded('dyads'),
      population: [population('measure-population', dyads > 0 && dyads < SMALLEST ? 'masked' : dyads)],
      measureScore: unscored('not-applicable'),
      stratifier: [
        {
          code: [coded('arm-and-visit')],
          stratum: agreement.map((it) => {
            const isHidden = hidden.has(it);
            return {
              component: componentsOf(it),
              population: [population('measure-population', isHidden ? 'masked' : it.dyads)],
              measureScore: isHidden ? unscored('masked') : scoreIn(it.iccA1),
            };
          }),
        },
      ],
    },
  ];
}

const scoreIn = (it: Estimate): Quantity => (isEstimated(it) ? { value: rounded(it.estimate) } : unscored('unknown'));

/** Cells whose number of dyads is small, and at each visit one more where a single arm could be had from the whole. */
export function hiddenDyads(agreement: readonly AgreementCell[]): ReadonlySet<AgreementCell> {
  const hidden = new Set<AgreementCell>();
  for (const cells of Map.groupBy(agreement, (it) => it.visit).values()) {
    const arms = cells.filter((it) => it.arm !== 'all');
    const parts = suppressed(arms.map(({ dyads }) => ({ numerator: dyads, denominator: dyads })));
    for (const [i, it] of arms.entries()) if (parts[i]?.denominator === 'masked') hidden.add(it);
    for (const it of cells) if (it.arm === 'all' && it.dyads > 0 && it.dyads < SMALLEST) hidden.add(it);
  }
  return hidden;
}

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
