import type { Matrix } from 'ml-matrix';
import type { Sums } from './likelihood.ts';
import type { Moments } from './moments.ts';

/** The sums of independent patients, less what therapists share, at a variance between therapists. */
export type WithTherapists = (sums: Sums, between: number) => Omit<Sums, 'weights'>;

/** The sums of one therapist’s patients, all patterns and occasions one after the other: plain arrays, for the inner loop. */
interface Flat {
  /** Index into the row sums of all patterns. */
  readonly places: Int32Array;
  /** Σ x_t of each, `columns` numbers apart. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly patients: Float64Array;
}

/**
 * V = D + ω²·11ᵀ for each therapist, by Woodbury’s identity: V⁻¹ = D⁻¹ − k·D⁻¹11ᵀD⁻¹, k = ω²/(1 + ω²·1ᵀD⁻¹1).
 * One evaluation costs therapists × columns², whatever the number of patients.
 */
export function therapistSums(moments: Moments): WithTherapists {
  const therapists = flattened(moments);
  const { columns } = moments;
  const x = new Float64Array(columns);
  return (sums, between) => {
    const rowSums = Float64Array.from(sums.weights.flatMap(rowSumsOf));
    const outer = new Float64Array(columns * columns);
    const xy = sums.xy.slice();
    let { yy, logDeterminant } = sums;
    for (const own of therapists) {
      x.fill(0);
      const { y, ones } = addOccasions(own, rowSums, x);
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

function flattened(moments: Moments): Flat[] {
  const parts = new Map<number, { place: number; x: Float64Array; y: number; patients: number }[]>();
  let first = 0;
  for (const { occasions, groups } of moments.patterns) {
    for (const [therapist, own] of groups) {
      const known = parts.get(therapist) ?? [];
      parts.set(therapist, known);
      for (const [t, x] of own.x.entries())
        known.push({ place: first + t, x, y: own.y[t] ?? 0, patients: own.patients });
    }
    first += occasions.length;
  }
  return [...parts.values()].map((own) => {
    const x = new Float64Array(own.length * moments.columns);
    for (const [i, it] of own.entries()) x.set(it.x, i * moments.columns);
    return {
      places: Int32Array.from(own, (it) => it.place),
      x,
      y: Float64Array.from(own, (it) => it.y),
      patients: Float64Array.from(own, (it) => it.patients),
    };
  });
}

/** W1 of a pattern. */
const rowSumsOf = (weight: Matrix): number[] =>
  Array.from({ length: weight.rows }, (_, t) => weight.getRow(t).reduce((sum, it) => sum + it, 0));

/** Adds XᵀD⁻¹1 of one therapist to `x`; gives yᵀD⁻¹1 and 1ᵀD⁻¹1. */
function addOccasions(
  { places, x: own, y: totals, patients }: Flat,
  rowSums: Float64Array,
  x: Float64Array,
): { readonly y: number; readonly ones: number } {
  const columns = x.length;
  let [y, ones, at] = [0, 0, 0];
  for (let part = 0; part < places.length; part += 1) {
    const by = rowSums[places[part] ?? 0] ?? 0;
    ones += by * (patients[part] ?? 0);
    y += by * (totals[part] ?? 0);
    for (let i = 0; i < columns; i += 1, at += 1) x[i] = (x[i] ?? 0) + by * (own[at] ?? 0);
  }
  return { y, ones };
}
