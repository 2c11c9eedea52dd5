import type { Matrix } from 'ml-matrix';
import type { Sums } from './likelihood.ts';
import type { GroupMoments, Moments } from './moments.ts';

/** The sums of independent patients, less what therapists share, at a variance between therapists. */
export type WithTherapists = (sums: Sums, between: number) => Omit<Sums, 'weights'>;

interface Part {
  readonly pattern: number;
  readonly moments: GroupMoments;
}

/**
 * V = D + ω²·11ᵀ for each therapist, by Woodbury’s identity: V⁻¹ = D⁻¹ − k·D⁻¹11ᵀD⁻¹, k = ω²/(1 + ω²·1ᵀD⁻¹1).
 * One evaluation costs therapists × columns², whatever the number of patients.
 */
export function therapistSums(moments: Moments): WithTherapists {
  const parts = partsOf(moments);
  const { columns } = moments;
  const x = new Float64Array(columns);
  return (sums, between) => {
    const weights = sums.weights.map(rowSumsOf);
    const outer = new Float64Array(columns * columns);
    const xy = sums.xy.slice();
    let { yy, logDeterminant } = sums;
    for (const own of parts) {
      x.fill(0);
      const { y, ones } = addParts(own, weights, x);
      const k = between / (1 + between * ones);
      logDeterminant += Math.log1p(between * ones);
      yy -= k * y * y;
      for (let i = 0; i < columns; i += 1) {
        const left = k * (x[i] ?? 0);
        if (left === 0) continue;
        xy[i] = (xy[i] ?? 0) - left * y;
        for (let j = 0; j < columns; j += 1)
          outer[i * columns + j] = (outer[i * columns + j] ?? 0) + left * (x[j] ?? 0);
      }
    }
    const xx = sums.xx.clone();
    for (let i = 0; i < columns; i += 1)
      for (let j = 0; j < columns; j += 1) xx.set(i, j, xx.get(i, j) - (outer[i * columns + j] ?? 0));
    return { xx, xy, yy, logDeterminant };
  };
}

function partsOf(moments: Moments): Part[][] {
  const parts = new Map<number, Part[]>();
  for (const [pattern, { groups }] of moments.patterns.entries())
    for (const [therapist, own] of groups) {
      const known = parts.get(therapist);
      if (known === undefined) parts.set(therapist, [{ pattern, moments: own }]);
      else known.push({ pattern, moments: own });
    }
  return [...parts.values()];
}

/** W1 of a pattern. */
const rowSumsOf = (weight: Matrix): Float64Array =>
  Float64Array.from({ length: weight.rows }, (_, t) => weight.getRow(t).reduce((sum, it) => sum + it, 0));

/** Adds XᵀD⁻¹1 of one therapist to `x`; gives yᵀD⁻¹1 and 1ᵀD⁻¹1. */
function addParts(
  parts: readonly Part[],
  weights: readonly Float64Array[],
  x: Float64Array,
): { readonly y: number; readonly ones: number } {
  let [y, ones] = [0, 0];
  for (const { pattern, moments } of parts) {
    const rowSums = weights[pattern] as Float64Array;
    for (let t = 0; t < rowSums.length; t += 1) {
      const by = rowSums[t] ?? 0;
      const own = moments.x[t] as Float64Array;
      ones += by * moments.patients;
      y += by * (moments.y[t] ?? 0);
      for (let i = 0; i < x.length; i += 1) x[i] = (x[i] ?? 0) + by * (own[i] ?? 0);
    }
  }
  return { y, ones };
}
