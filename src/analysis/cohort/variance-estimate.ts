import { type Estimate, finite } from '../estimate.ts';
import { criticalZ } from '../numeric/distributions.ts';

/** A variance component with a Wald interval on the log scale; none where it lies at zero. */
export function varianceEstimate(value: number, logError: number | undefined, n: number, level: number): Estimate {
  const bare = { n, estimate: value, method: 'reml-wald-log' } as const;
  const factor = Math.exp(criticalZ(level) * (logError ?? Number.NaN));
  if (!(value > 1e-8) || !Number.isFinite(factor) || factor === 1) return { ...bare, noInterval: 'not-identified' };
  return finite({ ...bare, interval: { low: value / factor, high: value * factor, level } }, 'not-identified');
}
