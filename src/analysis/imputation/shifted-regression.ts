import { Matrix } from 'ml-matrix';
import { dot, factor } from '../numeric/symmetric.ts';
import type { Completed } from './rubin.ts';

/**
 * Least squares of one coefficient under any shift of what was imputed. With every visit filled in, the difference
 * averaged over visits is that of the patients’ means: an exact t, and a shift costs nothing that grows with the cohort.
 */
export interface ShiftedRegression {
  /** The coefficient for outcome + Σ δₐ·shiftsₐ, by the given outcome. */
  readonly of: (outcome: Float64Array) => (deltas: readonly number[]) => Completed;
}

/** `columns` are the design’s, the tested one first; `shifts` what one point of δ adds to each patient’s outcome. */
export function shiftedRegression(
  columns: readonly Float64Array[],
  shifts: readonly Float64Array[],
): ShiftedRegression | undefined {
  const inverse = factor(new Matrix(columns.map((a) => columns.map((b) => dot(a, b)))))?.inverse;
  const df = (columns[0]?.length ?? 0) - columns.length;
  if (inverse === undefined || df < 1) return undefined;
  const fitted = (y: Float64Array): Fitted => {
    const products = columns.map((it) => dot(it, y));
    const beta = columns.map((_, i) => dot(inverse.getRow(i), products));
    const residuals = y.slice();
    for (const [a, column] of columns.entries())
      for (let i = 0; i < residuals.length; i += 1)
        residuals[i] = (residuals[i] ?? 0) - (beta[a] ?? 0) * (column[i] ?? 0);
    return { estimate: beta[0] ?? 0, residuals };
  };
  const moved = shifts.map(fitted);
  const products = moved.map((a) => moved.map((b) => dot(a.residuals, b.residuals)));
  return {
    of: (outcome) => {
      const own = fitted(outcome);
      const squares = dot(own.residuals, own.residuals);
      const across = moved.map((it) => dot(own.residuals, it.residuals));
      return (deltas) => {
        let [estimate, rest] = [own.estimate, squares];
        for (const [a, delta] of deltas.entries()) {
          estimate += delta * (moved[a]?.estimate ?? 0);
          rest += 2 * delta * (across[a] ?? 0);
          for (const [b, other] of deltas.entries()) rest += delta * other * (products[a]?.[b] ?? 0);
        }
        return { estimate, variance: (Math.max(0, rest) / df) * inverse.get(0, 0), df };
      };
    },
  };
}

interface Fitted {
  readonly estimate: number;
  readonly residuals: Float64Array;
}
