import { sampleVariance } from 'simple-statistics';
import { type Estimate, finite, without } from '../estimate.ts';
import { fQuantile } from '../numeric/distributions.ts';

/**
 * Cronbach’s α of the parts of a score (rows persons, columns parts), interval of Feldt 1965.
 * Of subscales rather than items it is a lower bound of the total’s reliability; `method` says which.
 */
export function alphaOf(
  persons: readonly (readonly number[])[],
  level: number,
  method: 'feldt-alpha-items' | 'feldt-alpha-subscales',
): Estimate {
  const n = persons.length;
  const parts = persons[0]?.length ?? 0;
  if (n < 3 || parts < 2) return without(n, n === 0 ? 'no-data' : 'too-few');
  const total = sampleVariance(persons.map((it) => it.reduce((sum, part) => sum + part, 0)));
  if (!(total > 1e-12)) return without(n, 'zero-variance');
  const each = Array.from({ length: parts }, (_, part) => sampleVariance(persons.map((it) => it[part] ?? 0)));
  const estimate = (parts / (parts - 1)) * (1 - each.reduce((sum, it) => sum + it, 0) / total);
  const [first, second] = [n - 1, (n - 1) * (parts - 1)];
  const end = (probability: number): number => 1 - (1 - estimate) * fQuantile(probability, first, second);
  const interval = { low: end((1 + level) / 2), high: end((1 - level) / 2), level };
  return finite({ n, estimate, method, interval }, 'zero-variance');
}
