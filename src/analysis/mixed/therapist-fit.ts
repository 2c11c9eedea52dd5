import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { minimise, numericalSlope, slopesAlong } from '../numeric/minimise.ts';
import { dot, factor } from '../numeric/symmetric.ts';
import { type Inference, quadratic } from './contrast.ts';
import { type NotFitted, startingVariance } from './fit.ts';
import { devianceOf, sumsAt } from './likelihood.ts';
import type { Moments } from './moments.ts';
import { basesOf, parametersOf, type Structure, startingFactors } from './structure.ts';
import { tellsTherapists } from './tells-therapists.ts';
import { therapistSums, type WithTherapists } from './therapist-sums.ts';

/** A model with a random intercept of the therapist above the covariance of each patient. */
export interface TherapistFit {
  readonly beta: Float64Array;
  readonly phi: Matrix;
  readonly deviance: number;
  /** Parameters of the patient's covariance. */
  readonly theta: Float64Array;
  /** Variance between therapists. */
  readonly between: number;
  readonly therapists: number;
  readonly inference: Inference;
  /** Standard error of the logarithm of each variance: θ of one-dimensional blocks in order, then `between`; NaN at zero. */
  readonly logErrors: readonly number[];
}

export const isTherapistFit = (it: TherapistFit | NotFitted): it is TherapistFit => 'between' in it;

type Point = ReturnType<typeof devianceOf>;

/** REML with V = D + ω²·11ᵀ for each therapist, inverted by Woodbury’s identity on the sums of each therapist. */
export function fitWithTherapists(
  moments: Moments,
  structure: Structure,
  start?: Float64Array,
): TherapistFit | NotFitted {
  const therapists = new Set(moments.patterns.flatMap((it) => [...it.groups.keys()])).size;
  if (therapists < 2) return { reason: 'one-therapist' };
  if (!tellsTherapists(moments)) return { reason: 'not-identified' };
  const residual = startingVariance(moments, basesOf(structure).length + 1);
  if (typeof residual !== 'number') return residual;
  const shared = therapistSums(moments);
  const at = (x: Float64Array): Point => pointAt(moments, structure, shared, x);
  const value = (x: Float64Array): number | undefined => at(x)?.deviance;
  const patient = start ?? startingFactors(structure, 0.9 * residual);
  const from = Float64Array.from([...patient, Math.sqrt(0.1 * residual)]);
  const near = minimise({ value, slope: slopesAlong(value) }, from);
  // The Hessian itself decides where the search ends: at a variance of zero an updated curvature cannot tell.
  const found = minimise({ value, slope: (x) => numericalSlope(value, x) }, near?.x ?? from);
  const point = found === undefined ? undefined : at(found.x);
  if (found === undefined || point === undefined) return { reason: 'no-convergence' };
  const uncertainty = uncertaintyOf(numericalSlope(value, found.x)?.curvature);
  const omega = found.x.at(-1) ?? 0;
  return {
    ...point,
    theta: parametersOf(structure, found.x.subarray(0, -1)).theta,
    between: omega ** 2,
    therapists,
    inference: satterthwaite(at, found.x, point, uncertainty),
    // log of a variance λ² varies as 2·log λ.
    logErrors: Array.from(found.x, (it, i) => (2 * Math.sqrt(uncertainty.get(i, i))) / Math.abs(it)),
  };
}

function pointAt(moments: Moments, structure: Structure, shared: WithTherapists, x: Float64Array): Point {
  const { theta } = parametersOf(structure, x.subarray(0, -1));
  const sums = sumsAt(moments, structure, theta);
  return sums === undefined ? undefined : devianceOf(shared(sums, (x.at(-1) ?? 0) ** 2), moments.rows);
}

/** 2H⁻¹ over the directions in which the deviance curves upward; a variance at zero carries no uncertainty. */
function uncertaintyOf(hessian: Matrix | undefined): Matrix {
  if (hessian === undefined) return Matrix.zeros(0, 0);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(hessian, { assumeSymmetric: true });
  const largest = Math.max(...realEigenvalues);
  const sum = Matrix.zeros(hessian.rows, hessian.rows);
  for (const [i, it] of realEigenvalues.entries())
    if (it > 1e-7 * largest) {
      const vector = Matrix.columnVector(eigenvectorMatrix.getColumn(i));
      sum.add(vector.mmul(vector.transpose()).mul(2 / it));
    }
  return sum;
}

/** Satterthwaite for one contrast, Fai & Cornelius for several: as lmerTest does it. */
function satterthwaite(
  at: (x: Float64Array) => Point,
  x: Float64Array,
  point: NonNullable<Point>,
  uncertainty: Matrix,
): Inference {
  const largest = Math.max(...x.map(Math.abs));
  const slopes = Array.from(x, (it, i) => {
    const step = 1e-3 * Math.max(Math.abs(it), 0.05 * largest);
    const moved = (by: number): Matrix | undefined => at(x.map((value, j) => (i === j ? value + by : value)))?.phi;
    const [up, down] = [moved(step), moved(-step)];
    return up === undefined || down === undefined ? undefined : Matrix.sub(up, down).mul(1 / (2 * step));
  });
  const dfOf = (weights: ArrayLike<number>): number => {
    const gradient = slopes.map((it) => (it === undefined ? Number.NaN : quadratic(it, weights)));
    return (2 * quadratic(point.phi, weights) ** 2) / quadratic(uncertainty, gradient);
  };
  return {
    method: 'reml-satterthwaite',
    beta: point.beta,
    covariance: point.phi,
    test: (contrasts) => faiCornelius(contrasts, point, dfOf),
  };
}

function faiCornelius(
  contrasts: readonly Float64Array[],
  point: NonNullable<Point>,
  dfOf: (weights: ArrayLike<number>) => number,
): ReturnType<Inference['test']> {
  const rows = new Matrix(contrasts.map((it) => Array.from(it)));
  const covariance = rows.mmul(point.phi).mmul(rows.transpose());
  if (factor(covariance) === undefined) return undefined;
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const size = contrasts.length;
  const parts = realEigenvalues.map((eigenvalue, i) => {
    const weights = Matrix.rowVector(eigenvectorMatrix.getColumn(i)).mmul(rows).getRow(0);
    return { f: dot(weights, point.beta) ** 2 / eigenvalue, df: dfOf(weights) };
  });
  const f = parts.reduce((sum, it) => sum + it.f, 0) / size;
  if (size === 1) return finiteTest(f, parts[0]?.df ?? Number.NaN, size);
  const excess = parts.reduce((sum, { df }) => sum + (df > 2 ? df / (df - 2) : 0), 0);
  return finiteTest(f, excess > size ? (2 * excess) / (excess - size) : 2, size);
}

const finiteTest = (f: number, df: number, numeratorDf: number): ReturnType<Inference['test']> =>
  Number.isFinite(f) && Number.isFinite(df) && df > 0 ? { f, df, numeratorDf } : undefined;
