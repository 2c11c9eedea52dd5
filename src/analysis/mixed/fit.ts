import type { Matrix } from 'ml-matrix';
import type { Reason } from '../estimate.ts';
import { type Minimum, minimise, numericalSlope, type Slope } from '../numeric/minimise.ts';
import { factor } from '../numeric/symmetric.ts';
import { type Derivatives, derivativesAt, devianceOf, type Evaluated, evaluate } from './likelihood.ts';
import { type Moments, pooled } from './moments.ts';
import { basesOf, covarianceAt, parametersOf, type Structure, startsOf } from './structure.ts';

/** A fitted model whose patients are independent. */
export interface Fit extends Evaluated {
  readonly moments: Moments;
  readonly structure: Structure;
  readonly factors: Float64Array;
  readonly theta: Float64Array;
  /** Σ of all occasions. */
  readonly covariance: Matrix;
  readonly derivatives: Derivatives;
}

export interface NotFitted {
  readonly reason: Reason;
}

export const isFitted = (it: Fit | NotFitted): it is Fit => 'theta' in it;

/** Ordinary residual variance to start from, or why nothing can be fitted. */
export function startingVariance(moments: Moments, parameters: number): number | NotFitted {
  if (moments.rows === 0) return { reason: 'no-data' };
  if (moments.patients <= moments.columns || moments.rows - moments.columns <= parameters) return { reason: 'too-few' };
  const ordinary = devianceOf({ ...pooled(moments), logDeterminant: 0 }, moments.rows);
  if (ordinary === undefined) return { reason: 'singular-design' };
  const { xy, yy } = pooled(moments);
  const squares = yy - ordinary.beta.reduce((sum, it, i) => sum + it * (xy[i] ?? 0), 0);
  const residual = squares / (moments.rows - moments.columns);
  return residual > 1e-10 * (yy / moments.rows) ? residual : { reason: 'zero-variance' };
}

/**
 * REML by damped Fisher scoring over the factors of Σ from several starts, the best of which is searched on by the Hessian
 * itself: where a factor nears zero the expected information can stop before the top.
 */
export function fitMixed(moments: Moments, structure: Structure): Fit | NotFitted {
  const residual = startingVariance(moments, basesOf(structure).length);
  if (typeof residual !== 'number') return residual;
  const at = (factors: Float64Array): Evaluated | undefined =>
    evaluate(moments, structure, parametersOf(structure, factors).theta);
  const value = (factors: Float64Array): number | undefined => at(factors)?.deviance;
  const slope = (factors: Float64Array): Slope | undefined => {
    const { jacobian } = parametersOf(structure, factors);
    const here = at(factors);
    if (here === undefined) return undefined;
    const { gradient, information } = derivativesAt(moments, structure, here);
    const back = jacobian.transpose();
    return {
      gradient: factors.map((_, i) => back.getRow(i).reduce((sum, it, k) => sum + it * (gradient[k] ?? 0), 0)),
      curvature: back.mmul(information).mmul(jacobian).mul(2),
    };
  };
  const exact = (from: Float64Array): Minimum | undefined =>
    minimise({ value, slope: (factors) => numericalSlope(value, factors) }, from);
  const starts = startsOf(structure, residual, moments.patients);
  const scored = found(starts, (start) => minimise({ value, slope }, start));
  const tops = scored.length > 0 ? scored : found(starts.slice(0, PATIENCE), exact);
  // Whatever lies lower with a singular Σ is no top: the best of those inside is taken.
  for (const near of tops.toSorted((a, b) => a.value - b.value)) {
    const fit = finished(moments, structure, (starts.length > 1 ? (exact(near.x) ?? near) : near).x, residual);
    if (isFitted(fit)) return fit;
  }
  return { reason: 'no-convergence' };
}

/** Searches without an end before it is clear that there is none: a flat likelihood costs every search all its steps. */
const PATIENCE = 4;

function found(
  starts: readonly Float64Array[],
  search: (from: Float64Array) => Minimum | undefined,
): readonly Minimum[] {
  const tops: Minimum[] = [];
  for (const [tried, start] of starts.entries()) {
    if (tried >= PATIENCE && tops.length === 0) break;
    const top = search(start);
    if (top !== undefined) tops.push(top);
  }
  return tops;
}

function finished(moments: Moments, structure: Structure, factors: Float64Array, residual: number): Fit | NotFitted {
  const { theta } = parametersOf(structure, factors);
  const here = evaluate(moments, structure, theta);
  const covariance = covarianceAt(structure, theta);
  // A variance that runs to zero is no estimate of an occasion's covariance but a likelihood without a maximum.
  const collapsed = covariance.diagonal().some((it) => it < 1e-6 * residual);
  if (here === undefined || collapsed || factor(covariance) === undefined) return { reason: 'no-convergence' };
  return {
    ...here,
    moments,
    structure,
    factors,
    theta,
    covariance,
    derivatives: derivativesAt(moments, structure, here),
  };
}
