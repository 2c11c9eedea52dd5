import type { Matrix } from 'ml-matrix';
import { type Estimate, finite, type Method, type Test, without } from '../estimate.ts';
import { criticalT, twoSidedT, upperF } from '../numeric/distributions.ts';

/** A fitted model as estimates see it: β, its covariance, and the small-sample degrees of freedom of a contrast. */
export interface Inference {
  readonly method: Method;
  readonly beta: Float64Array;
  /** Covariance of β that standard errors come from. */
  readonly covariance: Matrix;
  /** Scaled F and its denominator degrees of freedom for the rows of `contrasts`; `undefined` where it cannot be had. */
  readonly test: (
    contrasts: readonly Float64Array[],
  ) => { readonly f: number; readonly df: number; readonly numeratorDf: number } | undefined;
}

/** The most degrees of freedom a contrast has whose evidence is that of fewer units than the model has patients, and by which method. */
export interface MostDf {
  readonly df: number;
  readonly method: Method;
}

/** One contrast of β with its interval. */
export function contrastOf(
  inference: Inference,
  weights: Float64Array,
  n: number,
  level: number,
  most?: MostDf,
): Estimate {
  const estimate = weights.reduce((sum, it, i) => sum + it * (inference.beta[i] ?? 0), 0);
  const variance = quadratic(inference.covariance, weights);
  const tested = inference.test([weights]);
  if (tested === undefined || !(variance > 0)) return without(n, 'not-identified');
  const standardError = Math.sqrt(variance);
  const statistic = estimate / standardError;
  const bound = most !== undefined && !(tested.df <= most.df) ? most : undefined;
  const df = bound?.df ?? tested.df;
  const half = criticalT(level, df) * standardError;
  return finite(
    {
      n,
      estimate,
      method: bound?.method ?? inference.method,
      interval: { low: estimate - half, high: estimate + half, level },
      standardError,
      df,
      statistic,
      p: twoSidedT(statistic, df),
    },
    'not-identified',
  );
}

/** A joint test that all contrasts are zero. */
export function testOf(inference: Inference, contrasts: readonly Float64Array[], n: number): Test {
  const tested = inference.test(contrasts);
  if (tested === undefined) return without(n, 'not-identified');
  const { f, df, numeratorDf } = tested;
  const p = upperF(f, numeratorDf, df);
  return [f, df, p].every(Number.isFinite)
    ? { n, f, numeratorDf, denominatorDf: df, p, method: inference.method }
    : without(n, 'not-identified');
}

export function quadratic(matrix: Matrix, weights: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i += 1)
    for (let j = 0; j < weights.length; j += 1) sum += (weights[i] ?? 0) * matrix.get(i, j) * (weights[j] ?? 0);
  return sum;
}
