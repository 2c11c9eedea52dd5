import { Matrix } from 'ml-matrix';
import { bilinear, dot, type Factored, factor, traceOfProduct } from '../numeric/symmetric.ts';
import { type Moments, type PatternMoments, weightedXx, weightedXy, weightedYy } from './moments.ts';
import { basesOf, covarianceAt, type Structure } from './structure.ts';

/** The restricted likelihood of a model whose patients are independent, at one θ. docs/statistics.md, “The mixed model”. */
export interface Evaluated {
  /** −2 log restricted likelihood with its constant. */
  readonly deviance: number;
  readonly beta: Float64Array;
  /** Φ = (XᵀV⁻¹X)⁻¹. */
  readonly phi: Matrix;
  /** W = Σ⁻¹ of each pattern, in the order of `moments.patterns`. */
  readonly weights: readonly Matrix[];
}

export interface Sums {
  readonly xx: Matrix;
  readonly xy: Float64Array;
  readonly yy: number;
  readonly logDeterminant: number;
  readonly weights: readonly Matrix[];
}

/** XᵀV⁻¹X, XᵀV⁻¹y, yᵀV⁻¹y and log|V| where patients are independent; `undefined` where a Σ is not positive definite. */
export function sumsAt(moments: Moments, structure: Structure, theta: ArrayLike<number>): Sums | undefined {
  const covariance = covarianceAt(structure, theta);
  const xx = Matrix.zeros(moments.columns, moments.columns);
  const xy = new Float64Array(moments.columns);
  const weights: Matrix[] = [];
  let yy = 0;
  let logDeterminant = 0;
  for (const pattern of moments.patterns) {
    const sub = factor(restrict(covariance, pattern));
    if (sub === undefined) return undefined;
    weights.push(sub.inverse);
    weightedXx(pattern, sub.inverse, xx);
    weightedXy(pattern, sub.inverse, xy);
    yy += weightedYy(pattern, sub.inverse);
    logDeterminant += pattern.patients * sub.logDeterminant;
  }
  return { xx, xy, yy, logDeterminant, weights };
}

/** Restricted deviance from the sums. */
export function devianceOf(
  { xx, xy, yy, logDeterminant }: Omit<Sums, 'weights'>,
  rows: number,
): { readonly deviance: number; readonly beta: Float64Array; readonly phi: Matrix } | undefined {
  const solved: Factored | undefined = factor(xx);
  if (solved === undefined) return undefined;
  const beta = xy.map((_, i) => dot(solved.inverse.getRow(i), xy));
  const squares = yy - dot(beta, xy);
  const constant = (rows - xy.length) * Math.log(2 * Math.PI);
  return { deviance: logDeterminant + solved.logDeterminant + squares + constant, beta, phi: solved.inverse };
}

export function evaluate(moments: Moments, structure: Structure, theta: ArrayLike<number>): Evaluated | undefined {
  const sums = sumsAt(moments, structure, theta);
  const found = sums === undefined ? undefined : devianceOf(sums, moments.rows);
  return sums === undefined || found === undefined ? undefined : { ...found, weights: sums.weights };
}

export function restrict(matrix: Matrix, { occasions }: PatternMoments): Matrix {
  return matrix.selection([...occasions], [...occasions]);
}

/** What the search and the small-sample correction need of the θ-derivatives. */
export interface Derivatives {
  /** ∂deviance/∂θₖ. */
  readonly gradient: Float64Array;
  /** Expected information of θ in the restricted likelihood. */
  readonly information: Matrix;
  /** XᵀV⁻¹EₖV⁻¹X. */
  readonly first: readonly Matrix[];
}

/** Gradient and expected information by θ. */
export function derivativesAt(moments: Moments, structure: Structure, at: Evaluated): Derivatives {
  const bases = basesOf(structure);
  const first = bases.map(() => Matrix.zeros(moments.columns, moments.columns));
  const gradient = new Float64Array(bases.length);
  const information = Matrix.zeros(bases.length, bases.length);
  for (const [g, pattern] of moments.patterns.entries()) {
    const weight = at.weights[g] as Matrix;
    const traces = tracesOf(pattern, at.phi);
    const half = bases.map((base) => weight.mmul(restrict(base, pattern)));
    for (const [k, left] of half.entries()) {
      const middle = left.mmul(weight);
      weightedXx(pattern, middle, first[k] as Matrix);
      const xy = new Float64Array(moments.columns);
      weightedXy(pattern, middle, xy);
      const squares = weightedYy(pattern, middle) - 2 * dot(at.beta, xy);
      gradient[k] = (gradient[k] ?? 0) + pattern.patients * left.trace() - squares;
      for (let l = 0; l <= k; l += 1) {
        const right = half[l] as Matrix;
        const second = traceOfProduct(left.mmul(right).mmul(weight), traces);
        const entry = pattern.patients * traceOfProduct(left, right) - 2 * second;
        information.set(k, l, information.get(k, l) + entry / 2);
      }
    }
  }
  const projected = first.map((it) => at.phi.mmul(it));
  for (const [k, it] of first.entries()) {
    gradient[k] = (gradient[k] ?? 0) - (projected[k] as Matrix).trace() - bilinear(at.beta, it, at.beta);
    for (let l = 0; l <= k; l += 1) {
      const entry = information.get(k, l) + traceOfProduct(projected[k] as Matrix, projected[l] as Matrix) / 2;
      information.set(k, l, entry);
      information.set(l, k, entry);
    }
  }
  return { gradient, information, first };
}

/** tr(Φ Σ x_t x_sᵀ) for each pair of occasions, as a matrix whose product with a weight gives tr(ΦXᵀWX). */
function tracesOf(pattern: PatternMoments, phi: Matrix): Matrix {
  const size = pattern.occasions.length;
  const columns = phi.rows;
  const traces = Matrix.zeros(size, size);
  for (let t = 0; t < size; t += 1)
    for (let s = 0; s < size; s += 1) {
      const xx = pattern.xx[t * size + s];
      let sum = 0;
      for (let i = 0; i < columns; i += 1)
        for (let j = 0; j < columns; j += 1) sum += phi.get(j, i) * (xx?.[i * columns + j] ?? 0);
      traces.set(s, t, sum);
    }
  return traces;
}
