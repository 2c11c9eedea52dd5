import { type Estimate, isEstimated, type NotEstimated } from './estimate.ts';
import type { AgreementCell, ChangeCell, CohortAnalysis, DescriptiveCell, Findings, Flow } from './result.ts';

/** Of fewer patients than this no score, change, verdict or reason for leaving is told. */
export const SMALLEST_GROUP = 5;
/** In place of several reasons of which one is that of a few. */
export const ANY_REASON = 'any';

export const isFew = (n: number): boolean => n > 0 && n < SMALLEST_GROUP;

/**
 * An analysis as it is handed out: no value of one to four patients, nor one that the cell of the whole cohort gives away
 * by subtraction. How many took part, rated, or left is told as it is: without its n no estimate can be judged
 * (docs/decisions/small-cells.md).
 */
export function protectFew(analysis: CohortAnalysis): CohortAnalysis {
  const { findings, flow } = analysis;
  return {
    ...analysis,
    flow: { ...flow, left: withoutFewReasons(flow.left) },
    ...(findings === undefined ? {} : { findings: protectedFindings(findings) }),
  };
}

/** Reasons by how many, put together where one of them is that of a few. */
export function reasonsWithoutFew(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const all = Object.values(counts);
  return all.some(isFew) ? { [ANY_REASON]: all.reduce((sum, it) => sum + it, 0) } : counts;
}

const withoutFewReasons = (left: Flow['left']): Flow['left'] => {
  const arms = [...new Set(left.map((it) => it.arm))];
  return arms.flatMap((arm) => {
    const own = left.filter((it) => it.arm === arm);
    const shown = reasonsWithoutFew(Object.fromEntries(own.map(({ reason, n }) => [reason, n])));
    return Object.entries(shown).map(([reason, n]) => ({ arm, reason, n }));
  });
};

function protectedFindings(findings: Findings): Findings {
  const { agreement, sensitivity, associations } = findings;
  return {
    ...findings,
    descriptives: byCell(findings.descriptives, (it) => `${it.visit} ${it.rater}`).flatMap(descriptives),
    agreement: agreements(agreement),
    sensitivity: sensitivity.map((run) => ({ ...run, agreement: apartFrom(agreement, run.agreement) })),
    change: findings.change.map((it) => ({
      ...it,
      cells: byCell(it.cells, ({ from, to }) => `${from} ${to}`).flatMap(changes),
    })),
    associations: {
      ...associations,
      single: associations.single.map((it) => ({ ...it, spearman: unless(it.spearman), pearson: unless(it.pearson) })),
      together: associations.together.map((it) => (isFew(it.n) ? hideEstimates(it) : it)),
      betweenWithin: associations.betweenWithin.map((it) => (isFew(it.patients) ? hideEstimates(it) : it)),
    },
  };
}

interface ArmCell {
  readonly arm: string;
}

const byCell = <T extends ArmCell>(cells: readonly T[], keyOf: (it: T) => string): T[][] => [
  ...Map.groupBy(cells, keyOf).values(),
];

/**
 * Which arms of one cell may not be told: those of a few, and then the whole too, which would give them away; the whole
 * also where it holds a few more than its arms.
 */
function hiddenArms<T extends ArmCell>(cells: readonly T[], sizeOf: (it: T) => number): ReadonlySet<string> {
  const arms = cells.filter((it) => it.arm !== 'all');
  const hidden = new Set(arms.filter((it) => isFew(sizeOf(it))).map((it) => it.arm));
  const whole = cells.find((it) => it.arm === 'all');
  const inArms = arms.reduce((sum, it) => sum + sizeOf(it), 0);
  const size = whole === undefined ? 0 : sizeOf(whole);
  if (hidden.size > 0 || isFew(size) || (arms.length > 0 && isFew(size - inArms))) hidden.add('all');
  return hidden;
}

/** As `hiddenArms`, of shares: also where a few are left on the other side. */
function hiddenShares<T extends ArmCell>(cells: readonly T[], sharesOf: (it: T) => readonly Estimate[]): Set<string> {
  const hidden = new Set(cells.filter((it) => sharesOf(it).some(tellsFew)).map((it) => it.arm));
  if (hidden.size > 0) hidden.add('all');
  return hidden;
}

const tellsFew = (it: Estimate): boolean => {
  const count = isEstimated(it) ? Math.round(it.estimate * it.n) : 0;
  return isFew(count) || isFew(it.n - count);
};

const hide = (it: Estimate): NotEstimated => (isEstimated(it) ? { n: it.n, reason: 'small-cell' } : it);
const unless = (it: Estimate): Estimate => (isFew(it.n) ? hide(it) : it);

/** Lowest and highest are the scores of single persons. */
function descriptives(cells: readonly DescriptiveCell[]): DescriptiveCell[] {
  const [arms, atMaximum] = [hiddenArms(cells, (it) => it.mean.n), hiddenShares(cells, (it) => [it.atMaximum])];
  return cells.map((it) => {
    if (arms.has(it.arm)) return hideEstimates(it);
    return {
      ...it,
      min: hide(it.min),
      max: hide(it.max),
      atMaximum: atMaximum.has(it.arm) ? hide(it.atMaximum) : it.atMaximum,
    };
  });
}

const agreements = (cells: readonly AgreementCell[]): AgreementCell[] =>
  byCell(cells, (it) => it.visit).flatMap((own) => {
    const hidden = hiddenArms(own, (it) => it.dyads);
    return own.map((it) => (hidden.has(it.arm) ? hideDyads(it) : it));
  });

/** A run that leaves out one to four dyads of a cell would tell them by subtraction from the main analysis. */
const apartFrom = (main: readonly AgreementCell[], run: readonly AgreementCell[]): AgreementCell[] =>
  agreements(run).map((it) => {
    const whole = main.find((one) => one.arm === it.arm && one.visit === it.visit);
    return isFew((whole?.dyads ?? 0) - it.dyads) ? hideDyads(it) : it;
  });

const hideDyads = (it: AgreementCell): AgreementCell => ({ ...hideEstimates(it), lack: 'undecided', points: [] });

/** Three verdicts are one whole: where one of them is that of a few, none is told. */
function changes(cells: readonly ChangeCell[]): ChangeCell[] {
  const arms = hiddenArms(cells, (it) => it.mean.n);
  const verdicts = hiddenShares(cells, (it) => [it.increased, it.unchanged, it.decreased]);
  return cells.map((it) => {
    if (arms.has(it.arm)) return hideEstimates(it);
    if (!verdicts.has(it.arm)) return it;
    return { ...it, increased: hide(it.increased), unchanged: hide(it.unchanged), decreased: hide(it.decreased) };
  });
}

const isEstimate = (it: unknown): it is Estimate =>
  typeof it === 'object' && it !== null && 'n' in it && ('estimate' in it || 'reason' in it);

/** The same with the reason in place of each estimate. */
function hideEstimates<T extends object>(cell: T): T {
  const shown: T = { ...cell };
  for (const key in shown) {
    const value = shown[key];
    if (isEstimate(value)) Object.assign(shown, { [key]: hide(value) });
  }
  return shown;
}
