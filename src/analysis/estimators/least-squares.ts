import { Matrix } from 'ml-matrix';
import { type Estimate, finite, type Method, without } from '../estimate.ts';
import { criticalT, twoSidedT } from '../numeric/distributions.ts';
import { dot, factor } from '../numeric/symmetric.ts';
import { isConstant } from './location.ts';

export interface Regression {
  readonly n: number;
  /** In the order of the columns, without the constant. */
  readonly slopes: readonly Estimate[];
  readonly rSquared: number;
}

/** Least squares with a constant; a reason where the columns are not independent or nothing is left over. */
export function regress(
  columns: readonly (readonly number[])[],
  outcome: readonly number[],
  level: number,
  method: Method = 'least-squares-t',
): Regression | { readonly n: number; readonly reason: 'too-few' | 'zero-variance' | 'singular-design' } {
  const n = outcome.length;
  if (n < columns.length + 3) return { n, reason: 'too-few' };
  if (isConstant(outcome) || columns.some(isConstant)) return { n, reason: 'zero-variance' };
  const centredColumns = columns.map(centre);
  const y = centre(outcome);
  const solved = factor(new Matrix(centredColumns.map((a) => centredColumns.map((b) => dot(a, b)))));
  if (solved === undefined) return { n, reason: 'singular-design' };
  const products = centredColumns.map((it) => dot(it, y));
  const beta = products.map((_, i) => dot(solved.inverse.getRow(i), products));
  const total = dot(y, y);
  const explained = dot(beta, products);
  const df = n - columns.length - 1;
  const residual = Math.max(0, total - explained) / df;
  const slopes = beta.map((estimate, i): Estimate => {
    const standardError = Math.sqrt(residual * solved.inverse.get(i, i));
    if (residual <= 1e-14 * total) return { n, estimate, method, noInterval: 'zero-variance' };
    const [statistic, half] = [estimate / standardError, criticalT(level, df) * standardError];
    const interval = { low: estimate - half, high: estimate + half, level };
    const p = twoSidedT(statistic, df);
    return finite({ n, estimate, method, interval, standardError, df, statistic, p }, 'zero-variance');
  });
  return { n, slopes, rSquared: explained / total };
}

/** Slope of one column. */
export function slopeOf(x: readonly number[], y: readonly number[], level: number, method: Method): Estimate {
  const found = regress([x], y, level, method);
  return 'reason' in found ? without(found.n, found.reason) : (found.slopes[0] ?? without(found.n, 'no-data'));
}

function centre(values: readonly number[]): number[] {
  const middle = values.reduce((sum, it) => sum + it, 0) / values.length;
  return values.map((it) => it - middle);
}
