import normalQuantile from '@stdlib/stats-base-dists-normal-quantile';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** Numbers from 0 (included) to 1 (excluded). */
export type Random = () => number;

/** A stream of its own for a seed and a purpose: what one part draws never moves another part’s numbers. */
export function seeded(seed: number, ...purpose: readonly string[]): Random {
  let mixed = seed | 0;
  // FNV-1a over the purpose: streams of one seed differ in more than their last bits.
  for (const code of purpose.join('\u0000')) mixed = Math.imul(mixed ^ (code.codePointAt(0) ?? 0), 16777619);
  const generator = xoroshiro128plus(mixed);
  return () => uniformFloat64(generator);
}

/** A standard normal number, by inversion. */
export function normal(random: Random): number {
  let u = random();
  while (u === 0) u = random();
  return normalQuantile(u, 0, 1);
}

/** χ² by the sum of a gamma draw (Marsaglia & Tsang 2000); `df` above 0. */
export function chiSquare(random: Random, df: number): number {
  const shape = df / 2;
  if (shape < 1) return chiSquare(random, df + 2) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v > 0 && Math.log(1 - random()) < 0.5 * x ** 2 + d - d * v + d * Math.log(v)) return 2 * d * v;
  }
}
