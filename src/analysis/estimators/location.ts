import { max, mean, min, sampleVariance } from 'simple-statistics';
import { type Estimate, type Estimated, finite, without } from '../estimate.ts';
import { chiSquareQuantile, criticalT, criticalZ, twoSidedT } from '../numeric/distributions.ts';

/** True where all values are the same to rounding: no spread can be estimated. */
export function isConstant(values: readonly number[]): boolean {
  if (values.length === 0) return true;
  const [low, high] = [min([...values]), max([...values])];
  return high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high), 1e-300);
}

/** Mean with the t interval and the t test against zero. */
export function meanOf(values: readonly number[], level: number): Estimate {
  const n = values.length;
  if (n === 0) return without(0, 'no-data');
  const estimate = mean([...values]);
  const bare: Estimated = { n, estimate, method: 't-mean' };
  if (n < 2) return { ...bare, noInterval: 'too-few' };
  if (isConstant(values)) return { ...bare, noInterval: 'zero-variance' };
  const standardError = Math.sqrt(sampleVariance([...values]) / n);
  const half = criticalT(level, n - 1) * standardError;
  const statistic = estimate / standardError;
  return finite(
    {
      ...bare,
      interval: { low: estimate - half, high: estimate + half, level },
      standardError,
      df: n - 1,
      statistic,
      p: twoSidedT(statistic, n - 1),
    },
    'zero-variance',
  );
}

/** Standard deviation with the χ² interval of a normal sample. */
export function sdOf(values: readonly number[], level: number): Estimate {
  const n = values.length;
  if (n < 2) return without(n, n === 0 ? 'no-data' : 'too-few');
  if (isConstant(values)) return { n, estimate: 0, method: 'chi-square-sd', noInterval: 'zero-variance' };
  const estimate = Math.sqrt(sampleVariance([...values]));
  const end = (probability: number): number => estimate * Math.sqrt((n - 1) / chiSquareQuantile(probability, n - 1));
  const interval = { low: end((1 + level) / 2), high: end((1 - level) / 2), level };
  return finite({ n, estimate, method: 'chi-square-sd', interval }, 'zero-variance');
}

/** A share with Wilson’s interval. */
export function shareOf(count: number, n: number, level: number): Estimate {
  if (n === 0) return without(0, 'no-data');
  const p = count / n;
  const z = criticalZ(level);
  const middle = (p + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + z ** 2 / (4 * n ** 2));
  const interval = { low: Math.max(0, middle - half), high: Math.min(1, middle + half), level };
  return { n, estimate: p, method: 'wilson', interval };
}

/** Quantile by linear interpolation (type 7 of Hyndman & Fan, R’s default). */
export function quantileOf(values: readonly number[], probability: number): Estimate {
  const n = values.length;
  if (n === 0) return without(0, 'no-data');
  const sorted = values.toSorted((a, b) => a - b);
  const at = (n - 1) * probability;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return { n, estimate: low + (at - Math.floor(at)) * (high - low), method: 'quantile-type-7' };
}
