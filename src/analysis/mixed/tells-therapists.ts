import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type Moments, pooled } from './moments.ts';

/** A direction of the design of which less than this part is left is none. */
const NOTHING_LEFT = 1e-9;

/**
 * Whether a variance between therapists is in the data at all: some therapist has two patients (else the patient’s own
 * variance takes it), and therapists are not the fixed effects themselves (one therapist an arm).
 */
export const tellsTherapists = (moments: Moments): boolean =>
  [...therapistsOf(moments).values()].some((it) => it.patients > 1) && betweenTherapistsDf(moments) > 0;

/**
 * Degrees of freedom that are left between therapists: rank [X Z] − rank X, Z with one column a therapist (containment,
 * as DDFM=CONTAIN of SAS PROC MIXED and nlme have it). A variable that is one value a therapist has no more evidence.
 */
export function betweenTherapistsDf(moments: Moments): number {
  const { xx } = pooled(moments);
  const within = xx.clone();
  const therapists = therapistsOf(moments);
  for (const { x, ratings } of therapists.values())
    for (const [i, a] of x.entries())
      if (a !== 0) for (const [j, b] of x.entries()) within.set(i, j, within.get(i, j) - (a * b) / ratings);
  return therapists.size + rankOf(within, xx) - rankOf(xx, xx);
}

interface TherapistSums {
  patients: number;
  ratings: number;
  readonly x: Float64Array;
}

function therapistsOf(moments: Moments): ReadonlyMap<number, TherapistSums> {
  const therapists = new Map<number, TherapistSums>();
  for (const { groups } of moments.patterns)
    for (const [group, { patients, x }] of groups) {
      const own = therapists.get(group) ?? { patients: 0, ratings: 0, x: new Float64Array(moments.columns) };
      therapists.set(group, own);
      own.patients += patients;
      own.ratings += patients * x.length;
      for (const sums of x) for (const [i, it] of sums.entries()) own.x[i] = (own.x[i] ?? 0) + it;
    }
  return therapists;
}

/** Rank of a matrix of squares, its columns in the units of `scale`. */
function rankOf(matrix: Matrix, scale: Matrix): number {
  const size = matrix.rows;
  const at = (i: number): number => Math.sqrt(scale.get(i, i)) || 1;
  const unit = Matrix.zeros(size, size);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1) unit.set(i, j, matrix.get(i, j) / (at(i) * at(j)));
  const { realEigenvalues } = new EigenvalueDecomposition(unit, { assumeSymmetric: true });
  return realEigenvalues.filter((it) => it > NOTHING_LEFT).length;
}
