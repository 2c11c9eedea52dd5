/** An interval, both ends finite. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Confidence, e.g. 0.95. */
  readonly level: number;
}

/** Why a number cannot be had. Stable codes: the report says them in three languages. */
export type Reason =
  | 'no-data'
  | 'too-few'
  | 'zero-variance'
  | 'no-convergence'
  | 'singular-design'
  | 'one-arm'
  /** There are arms, and not those that the plan compares. */
  | 'arms-not-as-planned'
  | 'one-site'
  | 'one-therapist'
  | 'one-rater'
  | 'measured-nowhere'
  | 'no-parameters'
  | 'arms-masked'
  | 'not-identified'
  | 'no-missing-data'
  /** Of so few patients that a value would be theirs. */
  | 'small-cell'
  | 'conclusion-never-changes';

/** How a number was had. Stable codes: docs/statistics.md derives each, the report names them. */
export type Method =
  | 'count'
  | 'wilson'
  | 't-mean'
  | 'chi-square-sd'
  | 'quantile-type-7'
  | 'reml-kenward-roger'
  | 'reml-satterthwaite'
  | 'reml-containment'
  | 'reml-wald-log'
  | 'difference-over-pooled-sd'
  | 'mcgraw-wong-f'
  | 'bootstrap-therapists-percentile'
  | 'bland-altman-approximate-limits'
  | 'regression-of-difference-on-mean'
  | 'lin-fisher-z'
  | 'pearson-fisher-z'
  | 'spearman-bonett-wright'
  | 'least-squares-t'
  | 'feldt-alpha-items'
  | 'feldt-alpha-subscales'
  | 'rubin-barnard-rubin'
  | 'jacobson-truax';

/** A number with what is needed to judge it. Every number in it is finite. */
export interface Estimated {
  readonly n: number;
  readonly estimate: number;
  readonly method: Method;
  /** Absent for a count, a quantile, or a test. */
  readonly interval?: Interval;
  readonly standardError?: number;
  /** Denominator degrees of freedom. */
  readonly df?: number;
  /** t or F, whichever the method gives. */
  readonly statistic?: number;
  /** Two-sided. */
  readonly p?: number;
  /** Why there is an estimate and no interval. */
  readonly noInterval?: Reason;
}

export interface NotEstimated {
  readonly n: number;
  readonly reason: Reason;
}

/** A number, or why there is none; never NaN. */
export type Estimate = Estimated | NotEstimated;

/** A joint test of several contrasts. */
export interface Tested {
  readonly n: number;
  readonly f: number;
  readonly numeratorDf: number;
  readonly denominatorDf: number;
  readonly p: number;
  readonly method: Method;
}
export type Test = Tested | NotEstimated;

export const isEstimated = (it: Estimate): it is Estimated => 'estimate' in it;
export const isTested = (it: Test): it is Tested => 'f' in it;

/** A reason in place of a number. */
export const without = (n: number, reason: Reason): NotEstimated => ({ n, reason });

/** The estimate, or `fallback` where any of its numbers is not finite: the last guard that no NaN leaves. */
export function finite(value: Estimated, fallback: Reason): Estimate {
  const { interval, noInterval: _dropped, ...rest } = value;
  const numbers = [rest.estimate, rest.standardError, rest.df, rest.statistic, rest.p].filter((it) => it !== undefined);
  if (!numbers.every(Number.isFinite)) return { n: value.n, reason: fallback };
  if (interval === undefined) return value;
  return Number.isFinite(interval.low) && Number.isFinite(interval.high) ? value : { ...rest, noInterval: fallback };
}
