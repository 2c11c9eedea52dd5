import { mean, sampleVariance } from 'simple-statistics';
import { type Estimate, finite, without } from '../estimate.ts';
import { criticalT, criticalZ } from '../numeric/distributions.ts';
import type { Pair } from './correlation.ts';
import { slopeOf } from './least-squares.ts';
import { isConstant, meanOf, sdOf } from './location.ts';

/** Differences first − second, their limits of agreement, and whether they go with the size of the rating. */
export interface BlandAltman {
  readonly meanDifference: Estimate;
  readonly sdOfDifference: Estimate;
  readonly lowerLimit: Estimate;
  readonly upperLimit: Estimate;
  readonly proportionalBias: Estimate;
}

/** Limits d̄ ± 1.96·SD; their intervals by the approximate variance of Bland & Altman 1999. */
export function blandAltman(pairs: readonly Pair[], level: number): BlandAltman {
  const differences = pairs.map(([a, b]) => a - b);
  const means = pairs.map(([a, b]): number => (a + b) / 2);
  const limit = (side: 1 | -1): Estimate => limitOf(differences, side, level);
  return {
    meanDifference: meanOf(differences, level),
    sdOfDifference: sdOf(differences, level),
    lowerLimit: limit(-1),
    upperLimit: limit(1),
    proportionalBias: slopeOf(means, differences, level, 'regression-of-difference-on-mean'),
  };
}

function limitOf(differences: readonly number[], side: 1 | -1, level: number): Estimate {
  const n = differences.length;
  if (n < 3) return without(n, n === 0 ? 'no-data' : 'too-few');
  const z = criticalZ(0.95);
  const method = 'bland-altman-approximate-limits';
  if (isConstant(differences)) return { n, estimate: differences[0] ?? 0, method, noInterval: 'zero-variance' };
  const variance = sampleVariance([...differences]);
  const estimate = mean([...differences]) + side * 1.96 * Math.sqrt(variance);
  const standardError = Math.sqrt(variance * (1 / n + z ** 2 / (2 * (n - 1))));
  const half = criticalT(level, n - 1) * standardError;
  const interval = { low: estimate - half, high: estimate + half, level };
  return finite({ n, estimate, method, interval, standardError, df: n - 1 }, 'zero-variance');
}

/** Lin’s concordance correlation (moments with denominator n), interval by the z transformation of Lin 1989 and 2000. */
export function linOf(pairs: readonly Pair[], level: number): Estimate {
  const n = pairs.length;
  if (n < 4) return without(n, n === 0 ? 'no-data' : 'too-few');
  const [a, b] = [pairs.map((it) => it[0]), pairs.map((it) => it[1])];
  if (isConstant(a) || isConstant(b)) return without(n, 'zero-variance');
  const [meanA, meanB] = [mean(a), mean(b)];
  let [aa, bb, ab] = [0, 0, 0];
  for (const [x, y] of pairs) {
    aa += (x - meanA) ** 2 / n;
    bb += (y - meanB) ** 2 / n;
    ab += ((x - meanA) * (y - meanB)) / n;
  }
  const estimate = (2 * ab) / (aa + bb + (meanA - meanB) ** 2);
  const r = ab / Math.sqrt(aa * bb);
  const bare = { n, estimate, method: 'lin-fisher-z' } as const;
  if (1 - Math.abs(r) < 1e-12 || r === 0 || Math.abs(estimate) >= 1)
    return finite({ ...bare, noInterval: 'not-identified' }, 'not-identified');
  const u2 = (meanA - meanB) ** 2 / Math.sqrt(aa * bb);
  const [c2, r2] = [estimate ** 2, r ** 2];
  const terms =
    ((1 - r2) * c2) / ((1 - c2) * r2) +
    (2 * estimate ** 3 * (1 - estimate) * u2) / (r * (1 - c2) ** 2) -
    (estimate ** 4 * u2 ** 2) / (2 * r2 * (1 - c2) ** 2);
  const half = criticalZ(level) * Math.sqrt(terms / (n - 2));
  const z = Math.atanh(estimate);
  return finite(
    { ...bare, interval: { low: Math.tanh(z - half), high: Math.tanh(z + half), level } },
    'not-identified',
  );
}
