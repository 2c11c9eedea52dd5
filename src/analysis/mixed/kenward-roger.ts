import { Matrix } from 'ml-matrix';
import { factor, traceOfProduct } from '../numeric/symmetric.ts';
import type { Inference } from './contrast.ts';
import type { Fit } from './fit.ts';
import { restrict } from './likelihood.ts';
import { weightedXx } from './moments.ts';
import { basesOf } from './structure.ts';

/**
 * Kenward & Roger 1997 for a covariance that is linear in θ (its second derivatives, and so their R, are zero):
 * the adjusted covariance of β and a scaled F with its degrees of freedom. docs/statistics.md, “Kenward–Roger”.
 * `undefined` where the information of θ is singular (a variance at zero).
 */
export function kenwardRoger(fit: Fit): Inference | undefined {
  const uncertainty = factor(fit.derivatives.information)?.inverse;
  if (uncertainty === undefined) return undefined;
  const { phi } = fit;
  const adjusted = Matrix.add(phi, phi.mmul(bracket(fit, uncertainty)).mmul(phi).mul(2));
  return {
    method: 'reml-kenward-roger',
    beta: fit.beta,
    covariance: adjusted,
    test: (contrasts) => scaledF(fit, adjusted, uncertainty, contrasts),
  };
}

/** Σₖₗ Wₖₗ (Qₖₗ − PₖΦPₗ). */
function bracket(fit: Fit, uncertainty: Matrix): Matrix {
  const { moments, structure, phi, weights } = fit;
  const bases = basesOf(structure);
  const sum = Matrix.zeros(moments.columns, moments.columns);
  for (const [g, pattern] of moments.patterns.entries()) {
    const weight = weights[g] as Matrix;
    const total = Matrix.zeros(pattern.occasions.length, pattern.occasions.length);
    const half = bases.map((base) => weight.mmul(restrict(base, pattern)));
    // Q is linear in the pattern's weights: summing over k and l first leaves one pass over the moments.
    for (const [k, left] of half.entries())
      for (const [l, right] of half.entries()) total.add(left.mmul(right).mmul(weight).mul(uncertainty.get(k, l)));
    weightedXx(pattern, total, sum);
  }
  for (const [k, left] of fit.derivatives.first.entries())
    for (const [l, right] of fit.derivatives.first.entries())
      sum.sub(left.mmul(phi).mmul(right).mul(uncertainty.get(k, l)));
  return sum;
}

function scaledF(
  fit: Fit,
  adjusted: Matrix,
  uncertainty: Matrix,
  contrasts: readonly Float64Array[],
): ReturnType<Inference['test']> {
  const rows = new Matrix(contrasts.map((it) => Array.from(it)));
  const size = contrasts.length;
  const plain = factor(rows.mmul(fit.phi).mmul(rows.transpose()))?.inverse;
  const corrected = factor(rows.mmul(adjusted).mmul(rows.transpose()))?.inverse;
  if (plain === undefined || corrected === undefined) return undefined;
  const middle = rows.transpose().mmul(plain).mmul(rows);
  const products = fit.derivatives.first.map((it) => middle.mmul(fit.phi).mmul(it).mmul(fit.phi));
  let a1 = 0;
  let a2 = 0;
  for (const [k, left] of products.entries())
    for (const [l, right] of products.entries()) {
      a1 += uncertainty.get(k, l) * left.trace() * right.trace();
      a2 += uncertainty.get(k, l) * traceOfProduct(left, right);
    }
  const { df, scale } = degreesOfFreedom(a1, a2, size);
  const effect = rows.mmul(Matrix.columnVector(Array.from(fit.beta)));
  const wald = effect.transpose().mmul(corrected).mmul(effect).get(0, 0) / size;
  return Number.isFinite(df) && df > 0 && Number.isFinite(scale) && scale > 0
    ? { f: scale * wald, df, numeratorDf: size }
    : undefined;
}

/** m and λ from A₁ and A₂ for ℓ contrasts; for one contrast λ is 1 and m is Satterthwaite’s. */
function degreesOfFreedom(a1: number, a2: number, size: number): { readonly df: number; readonly scale: number } {
  if (size === 1) return { df: 2 / a2, scale: 1 };
  const b = (a1 + 6 * a2) / (2 * size);
  const g = ((size + 1) * a1 - (size + 4) * a2) / ((size + 2) * a2);
  const divisor = 3 * size + 2 * (1 - g);
  const [c1, c2, c3] = [g / divisor, (size - g) / divisor, (size + 2 - g) / divisor];
  const expectation = 1 / (1 - a2 / size);
  const variance = ((2 / size) * (1 + c1 * b)) / ((1 - c2 * b) ** 2 * (1 - c3 * b));
  const rho = variance / (2 * expectation ** 2);
  const df = 4 + (size + 2) / (size * rho - 1);
  return { df, scale: df / (expectation * (df - 2)) };
}
