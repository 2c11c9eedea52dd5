import type { ModelRow, Moments, PatternMoments } from '../mixed/moments.ts';
import { momentsOf } from '../mixed/moments.ts';

/** The fixed part of completed data: every patient at every visit. Only y differs between imputations and shifts. */
export interface CompletedDesign {
  /** Sorted by patient, then visit; y unused. */
  readonly rows: readonly ModelRow[];
  readonly visits: number;
  readonly columns: number;
  /** For each shifted arm: 1 where a rating of that arm was imputed, in the order of `rows`. */
  readonly imputed: readonly Uint8Array[];
}

interface YMoments {
  readonly xy: readonly Float64Array[];
  readonly yy: Float64Array;
}

/** Moments of y + Σ δₐ·mₐ for any shifts, from sums taken once: a shift costs nothing that grows with the cohort. */
export interface Shiftable {
  readonly at: (y: ArrayLike<number>) => (deltas: readonly number[]) => Moments;
}

export function shiftable(design: CompletedDesign): Shiftable {
  const { rows, columns, visits, imputed } = design;
  const base = momentsOf(rows, columns, false);
  const pattern = base.patterns[0] as PatternMoments;
  const masks = imputed.map((it) => crossMoments(design, it, it));
  return {
    at: (y) => {
      const own = crossMoments(design, y, y);
      const mixed = imputed.map((it) => crossMoments(design, y, it).yy);
      return (deltas) => {
        const xy = own.xy.map((it, pair) =>
          it.map((value, i) => deltas.reduce((sum, delta, a) => sum + delta * (masks[a]?.xy[pair]?.[i] ?? 0), value)),
        );
        const yy = own.yy.map((value, pair) => {
          const flipped = (pair % visits) * visits + Math.floor(pair / visits);
          return deltas.reduce(
            (sum, delta, a) =>
              sum +
              delta * ((mixed[a]?.[pair] ?? 0) + (mixed[a]?.[flipped] ?? 0)) +
              delta ** 2 * (masks[a]?.yy[pair] ?? 0),
            value,
          );
        });
        return { ...base, patterns: [{ ...pattern, xy, yy }] };
      };
    },
  };
}

/** Σ x_t b_s and Σ a_t b_s over patients, at [t·visits + s]. */
function crossMoments(
  { rows, visits, columns }: CompletedDesign,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): YMoments {
  const xy = Array.from({ length: visits ** 2 }, () => new Float64Array(columns));
  const yy = new Float64Array(visits ** 2);
  for (let first = 0; first < rows.length; first += visits)
    for (let t = 0; t < visits; t += 1) {
      const x = rows[first + t]?.x;
      for (let s = 0; s < visits; s += 1) {
        const by = b[first + s] ?? 0;
        if (by === 0) continue;
        const pair = t * visits + s;
        const sums = xy[pair];
        yy[pair] = (yy[pair] ?? 0) + (a[first + t] ?? 0) * by;
        if (sums !== undefined && x !== undefined)
          for (let i = 0; i < columns; i += 1) sums[i] = (sums[i] ?? 0) + (x[i] ?? 0) * by;
      }
    }
  return { xy, yy };
}
