import { factor } from '../numeric/symmetric.ts';
import { type Moments, pooled } from './moments.ts';

/** A therapist whose ratings the fixed effects explain to this part tells nothing of therapists. */
const EXPLAINED = 1e-8;

/**
 * Whether a variance between therapists is in the data at all: some therapist has two patients (else the patient’s own
 * variance takes it), and therapists are not the fixed effects themselves (one therapist an arm).
 */
export function tellsTherapists(moments: Moments): boolean {
  const therapists = new Map<number, { patients: number; ratings: number; x: Float64Array }>();
  for (const { groups } of moments.patterns)
    for (const [group, { patients, x }] of groups) {
      const own = therapists.get(group) ?? { patients: 0, ratings: 0, x: new Float64Array(moments.columns) };
      therapists.set(group, own);
      own.patients += patients;
      own.ratings += patients * x.length;
      for (const sums of x) for (const [i, it] of sums.entries()) own.x[i] = (own.x[i] ?? 0) + it;
    }
  if ([...therapists.values()].every((it) => it.patients < 2)) return false;
  const inverse = factor(pooled(moments).xx)?.inverse;
  if (inverse === undefined) return true;
  return [...therapists.values()].some(({ x, ratings }) => {
    const column = [...x];
    const explained = column.reduce(
      (sum, a, i) => sum + column.reduce((inner, b, j) => inner + a * b * inverse.get(i, j), 0),
      0,
    );
    return ratings - explained > EXPLAINED * ratings;
  });
}
