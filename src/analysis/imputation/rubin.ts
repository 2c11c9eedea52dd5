import { type Estimate, finite, without } from '../estimate.ts';
import { criticalT, twoSidedT } from '../numeric/distributions.ts';

/** One analysis of one completed data set. */
export interface Completed {
  readonly estimate: number;
  readonly variance: number;
  /** Degrees of freedom had the data been complete. */
  readonly df: number;
}

/** Rubin’s rules with the degrees of freedom of Barnard & Rubin 1999. */
export function pool(analyses: readonly Completed[], n: number, level: number): Estimate {
  const m = analyses.length;
  if (m < 2) return without(n, 'no-convergence');
  const mean = (of: (it: Completed) => number): number => analyses.reduce((sum, it) => sum + of(it), 0) / m;
  const estimate = mean((it) => it.estimate);
  const within = mean((it) => it.variance);
  const between = analyses.reduce((sum, it) => sum + (it.estimate - estimate) ** 2, 0) / (m - 1);
  const total = within + (1 + 1 / m) * between;
  const lambda = ((1 + 1 / m) * between) / total;
  const complete = mean((it) => it.df);
  const observed = ((complete + 1) / (complete + 3)) * complete * (1 - lambda);
  const df = 1 / (lambda ** 2 / (m - 1) + 1 / observed);
  const standardError = Math.sqrt(total);
  const half = criticalT(level, df) * standardError;
  const statistic = estimate / standardError;
  return finite(
    {
      n,
      estimate,
      method: 'rubin-barnard-rubin',
      interval: { low: estimate - half, high: estimate + half, level },
      standardError,
      df,
      statistic,
      p: twoSidedT(statistic, df),
    },
    'not-identified',
  );
}
