import { sampleCorrelation } from 'simple-statistics';
import { type Estimate, finite, without } from '../estimate.ts';
import { criticalZ, twoSidedT } from '../numeric/distributions.ts';
import { isConstant } from './location.ts';

export type Pair = readonly [number, number];

/** Pearson’s r with Fisher’s z interval and the t test. */
export const pearsonOf = (pairs: readonly Pair[], level: number): Estimate =>
  correlationOf(pairs, level, 'pearson-fisher-z', () => 1);

/** Spearman’s ρ on mid-ranks, with the interval of Bonett & Wright 2000 and the t approximation. */
export function spearmanOf(pairs: readonly Pair[], level: number): Estimate {
  const first = midRanks(pairs.map((it) => it[0]));
  const second = midRanks(pairs.map((it) => it[1]));
  const ranked = first.map((it, i): Pair => [it, second[i] ?? 0]);
  return correlationOf(ranked, level, 'spearman-bonett-wright', (r) => Math.sqrt(1 + r ** 2 / 2));
}

function correlationOf(
  pairs: readonly Pair[],
  level: number,
  method: 'pearson-fisher-z' | 'spearman-bonett-wright',
  spread: (r: number) => number,
): Estimate {
  const n = pairs.length;
  if (n < 4) return without(n, n === 0 ? 'no-data' : 'too-few');
  const [a, b] = [pairs.map((it) => it[0]), pairs.map((it) => it[1])];
  if (isConstant(a) || isConstant(b)) return without(n, 'zero-variance');
  const estimate = Math.max(-1, Math.min(1, sampleCorrelation(a, b)));
  // Fisher’s z of a perfect correlation is infinite: the number stands, its interval cannot be had.
  if (1 - Math.abs(estimate) < 1e-12) return { n, estimate, method, noInterval: 'zero-variance' };
  const half = (criticalZ(level) * spread(estimate)) / Math.sqrt(n - 3);
  const z = Math.atanh(estimate);
  const statistic = estimate * Math.sqrt((n - 2) / (1 - estimate ** 2));
  return finite(
    {
      n,
      estimate,
      method,
      interval: { low: Math.tanh(z - half), high: Math.tanh(z + half), level },
      df: n - 2,
      statistic,
      p: twoSidedT(statistic, n - 2),
    },
    'zero-variance',
  );
}

/** Ranks from 1; ties share the mean of theirs. */
export function midRanks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).toSorted((i, j) => (values[i] ?? 0) - (values[j] ?? 0));
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1] ?? 0] === values[order[from] ?? 0]) to += 1;
    for (let i = from; i <= to; i += 1) ranks[order[i] ?? 0] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return ranks;
}

/** Holm’s step-down adjustment; the same order as given. */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).toSorted((i, j) => (p[i] ?? 1) - (p[j] ?? 1));
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * (p[i] ?? 1)));
    adjusted[i] = largest;
  }
  return adjusted;
}
