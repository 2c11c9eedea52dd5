import { type Estimate, finite, without } from '../estimate.ts';
import { fQuantile } from '../numeric/distributions.ts';
import type { Pair } from './correlation.ts';
import { addPair, centred, iccA1, iccC1, type MeanSquares, meanSquares, noPairs } from './paired-sums.ts';

/**
 * Intraclass correlations of two roles (patient, therapist) with the intervals of McGraw & Wong 1996:
 * ICC(A,1) absolute agreement, ICC(C,1) consistency. Neither is bounded below by −1 and neither is clipped.
 */
export function iccOf(pairs: readonly Pair[], level: number): { readonly a1: Estimate; readonly c1: Estimate } {
  const n = pairs.length;
  const squares = squaresOf(pairs);
  if (squares === undefined) {
    const none = without(n, n === 0 ? 'no-data' : n < 3 ? 'too-few' : 'zero-variance');
    return { a1: none, c1: none };
  }
  return { a1: absolute(squares, level), c1: consistency(squares, level) };
}

/** Mean squares about the first pair; `undefined` where fewer than three pairs or nothing varies. */
function squaresOf(pairs: readonly Pair[]): MeanSquares | undefined {
  if (pairs.length < 3) return undefined;
  const sums = noPairs();
  const origin = pairs[0]?.[0] ?? 0;
  for (const [a, b] of pairs) addPair(sums, a - origin, b - origin);
  const found = centred(sums);
  const floor = 1e-12 * (sums.aa + sums.bb);
  return found.squaresA > floor && found.squaresB > floor ? meanSquares(found) : undefined;
}

function consistency(squares: MeanSquares, level: number): Estimate {
  const { n, rows, error } = squares;
  const estimate = iccC1(squares);
  if (error <= 1e-12 * rows) return { n, estimate, method: 'mcgraw-wong-f', noInterval: 'zero-variance' };
  const f = rows / error;
  const critical = fQuantile((1 + level) / 2, n - 1, n - 1);
  const end = (ratio: number): number => (ratio - 1) / (ratio + 1);
  const interval = { low: end(f / critical), high: end(f * critical), level };
  return finite({ n, estimate, method: 'mcgraw-wong-f', interval }, 'not-identified');
}

function absolute(squares: MeanSquares, level: number): Estimate {
  const { n, rows, columns, error } = squares;
  const estimate = iccA1(squares);
  const bare = { n, estimate, method: 'mcgraw-wong-f' } as const;
  if (error <= 1e-12 * rows) return finite({ ...bare, noInterval: 'zero-variance' }, 'zero-variance');
  const k = 2;
  const a = (k * estimate) / (n * (1 - estimate));
  const b = 1 + (k * estimate * (n - 1)) / (n * (1 - estimate));
  const df = (a * columns + b * error) ** 2 / ((a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)));
  const upper = fQuantile((1 + level) / 2, n - 1, df);
  const lower = fQuantile((1 + level) / 2, df, n - 1);
  const rest = k * columns + (k * n - k - n) * error;
  const low = (n * (rows - upper * error)) / (upper * rest + n * rows);
  const high = (n * (lower * rows - error)) / (rest + n * lower * rows);
  if (!(low <= estimate && estimate <= high))
    return finite({ ...bare, noInterval: 'not-identified' }, 'not-identified');
  return finite({ ...bare, interval: { low, high, level } }, 'not-identified');
}
