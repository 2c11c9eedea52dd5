import { Matrix } from 'ml-matrix';
import { dot, factor } from './symmetric.ts';

/** Gradient and a curvature matrix (Hessian or twice the expected information) at a point. */
export interface Slope {
  readonly gradient: Float64Array;
  readonly curvature: Matrix;
}

export interface Objective {
  /** `undefined` where the point is not admissible. */
  readonly value: (x: Float64Array) => number | undefined;
  readonly slope: (x: Float64Array) => Slope | undefined;
}

export interface Minimum {
  readonly x: Float64Array;
  readonly value: number;
}

const ITERATIONS = 200;
/** Half the expected fall of the objective at which the search ends: far below what 1e-6 of an estimate needs. */
const DECREMENT = 1e-11;

/** Damped Newton search (Levenberg–Marquardt); `undefined` where it does not converge. */
export function minimise(objective: Objective, start: Float64Array): Minimum | undefined {
  let x = start;
  let value = objective.value(x);
  if (value === undefined) return undefined;
  let damping = 1e-4;
  for (let iteration = 0; iteration < ITERATIONS; iteration += 1) {
    const slope = objective.slope(x);
    if (slope === undefined) return undefined;
    let moved = false;
    while (damping < 1e12) {
      const step = dampedStep(slope, damping);
      const fall = step === undefined ? Number.NaN : -dot(slope.gradient, step);
      if (step !== undefined && fall >= 0 && fall < DECREMENT) return { x, value };
      const next = step === undefined ? x : x.map((it, i) => it + (step[i] ?? 0));
      const there = step === undefined ? undefined : objective.value(next);
      if (there !== undefined && there <= value) {
        moved = true;
        x = next;
        value = there;
        damping = Math.max(damping / 10, 1e-14);
        break;
      }
      damping *= 10;
    }
    // Rounding hides any further fall: the point is the minimum where its slope is flat for its curvature.
    if (!moved) return isFlat(slope) ? { x, value } : undefined;
  }
  return undefined;
}

function dampedStep({ gradient, curvature }: Slope, damping: number): Float64Array | undefined {
  const damped = curvature.clone();
  let largest = 0;
  for (let i = 0; i < damped.rows; i += 1) largest = Math.max(largest, Math.abs(damped.get(i, i)));
  if (!Number.isFinite(largest) || largest === 0) return undefined;
  for (let i = 0; i < damped.rows; i += 1)
    damped.set(i, i, damped.get(i, i) + damping * Math.max(Math.abs(damped.get(i, i)), 1e-6 * largest));
  const inverse = factor(damped)?.inverse;
  if (inverse === undefined) return undefined;
  return gradient.map((_, i) => -dot(inverse.getRow(i), gradient));
}

function isFlat(slope: Slope): boolean {
  const step = dampedStep(slope, 1e-4);
  return step !== undefined && Math.abs(dot(slope.gradient, step)) < 1e-6;
}

/** Gradient and Hessian by central differences; steps relative to each coordinate. */
export function numericalSlope(value: Objective['value'], x: Float64Array): Slope | undefined {
  const size = x.length;
  const here = value(x);
  if (here === undefined) return undefined;
  const { at, steps } = stencil(value, x);
  const curvature = Matrix.zeros(size, size);
  const gradient = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const [up, down, step] = [at([i, 1]), at([i, -1]), steps[i] ?? 1];
    gradient[i] = (up - down) / (2 * step);
    curvature.set(i, i, (up - 2 * here + down) / step ** 2);
    for (let j = 0; j < i; j += 1) {
      const mixed = at([i, 1], [j, 1]) - at([i, 1], [j, -1]) - at([i, -1], [j, 1]) + at([i, -1], [j, -1]);
      const entry = mixed / (4 * step * (steps[j] ?? 1));
      curvature.set(i, j, entry);
      curvature.set(j, i, entry);
    }
  }
  return gradient.every(Number.isFinite) ? { gradient, curvature } : undefined;
}

/**
 * Slopes along a search: the Hessian once, then gradients alone, the curvature kept up by the update of Broyden,
 * Fletcher, Goldfarb and Shanno. A Hessian costs 2k² evaluations, a gradient 2k.
 */
export function slopesAlong(value: Objective['value']): Objective['slope'] {
  let last: (Slope & { readonly x: Float64Array }) | undefined;
  return (x) => {
    const slope = last === undefined ? numericalSlope(value, x) : updated(last, x, numericalGradient(value, x));
    if (slope !== undefined) last = { ...slope, x };
    return slope;
  };
}

function updated(
  last: Slope & { readonly x: Float64Array },
  x: Float64Array,
  gradient: Float64Array | undefined,
): Slope | undefined {
  if (gradient === undefined) return undefined;
  const step = Matrix.columnVector(Array.from(x, (it, i) => it - (last.x[i] ?? 0)));
  const change = Matrix.columnVector(Array.from(gradient, (it, i) => it - (last.gradient[i] ?? 0)));
  const along = dot(step.getColumn(0), change.getColumn(0));
  const bent = last.curvature.mmul(step);
  const before = dot(step.getColumn(0), bent.getColumn(0));
  // Without curvature along the step, or not upward, the update would lose positive definiteness.
  if (!(along > 0) || !(before > 0)) return { gradient, curvature: last.curvature };
  const curvature = Matrix.add(last.curvature, change.mmul(change.transpose()).mul(1 / along)).sub(
    bent.mmul(bent.transpose()).mul(1 / before),
  );
  return { gradient, curvature };
}

function numericalGradient(value: Objective['value'], x: Float64Array): Float64Array | undefined {
  const { at, steps } = stencil(value, x);
  const gradient = x.map((_, i) => (at([i, 1]) - at([i, -1])) / (2 * (steps[i] ?? 1)));
  return gradient.every(Number.isFinite) ? gradient : undefined;
}

/** The objective at whole steps from `x`; a step is a thousandth of its coordinate, or of a twentieth of the largest. */
function stencil(
  value: Objective['value'],
  x: Float64Array,
): { readonly at: (...moves: readonly (readonly [number, number])[]) => number; readonly steps: Float64Array } {
  const largest = Math.max(...x.map(Math.abs));
  const steps = x.map((it) => 1e-3 * Math.max(Math.abs(it), 0.05 * largest));
  return {
    steps,
    at: (...moves) => {
      const y = x.slice();
      for (const [i, by] of moves) y[i] = (y[i] ?? 0) + by * (steps[i] ?? 0);
      return value(y) ?? Number.NaN;
    },
  };
}
