import { type Estimate, finite } from '../estimate.ts';
import { criticalZ } from '../numeric/distributions.ts';

/** An interval narrower or wider than this factor is that of a likelihood that is flat in the variance: 20,000 patients have 1.02. */
const TOLD = { least: 1.001, most: 1e4 } as const;

/** A variance component with a Wald interval on the log scale; none where it lies at zero or the data do not tell it. */
export function varianceEstimate(value: number, logError: number | undefined, n: number, level: number): Estimate {
  const bare = { n, estimate: value, method: 'reml-wald-log' } as const;
  const factor = Math.exp(criticalZ(level) * (logError ?? Number.NaN));
  if (!(value > 1e-8) || !(factor > TOLD.least && factor < TOLD.most)) return { ...bare, noInterval: 'not-identified' };
  return finite({ ...bare, interval: { low: value / factor, high: value * factor, level } }, 'not-identified');
}
