import chiSquareQuantile from '@stdlib/stats-base-dists-chisquare-quantile';
import fCdf from '@stdlib/stats-base-dists-f-cdf';
import fQuantile from '@stdlib/stats-base-dists-f-quantile';
import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import tCdf from '@stdlib/stats-base-dists-t-cdf';
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

/** Two-sided p of t with `df` degrees of freedom; from the lower tail, so that a small p keeps its digits. */
export const twoSidedT = (t: number, df: number): number => Math.min(1, 2 * tCdf(-Math.abs(t), df));

/** Upper-tail p of F; through the reciprocal, so that a small p keeps its digits. */
export const upperF = (f: number, numerator: number, denominator: number): number =>
  f > 0 ? fCdf(1 / f, denominator, numerator) : 1;

/** The quantile that leaves (1 − level)/2 above it. */
export const criticalT = (level: number, df: number): number => tQuantile((1 + level) / 2, df);
export const criticalZ = (level: number): number => normalQuantile((1 + level) / 2, 0, 1);

export { chiSquareQuantile, fQuantile };
