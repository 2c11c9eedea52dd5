import { CholeskyDecomposition, Matrix } from 'ml-matrix';

export interface Factored {
  readonly inverse: Matrix;
  readonly logDeterminant: number;
}

/** Inverse and log-determinant of a positive definite matrix; `undefined` where it is not (to a relative 1e-11). */
export function factor(matrix: Matrix): Factored | undefined {
  const size = matrix.rows;
  const scale = new Float64Array(size);
  for (let i = 0; i < size; i += 1) {
    const diagonal = matrix.get(i, i);
    if (!(diagonal > 0) || !Number.isFinite(diagonal)) return undefined;
    scale[i] = Math.sqrt(diagonal);
  }
  const at = (i: number): number => scale[i] ?? 1;
  // Scaled to a unit diagonal: the test of rank then does not depend on the units of a covariate.
  const unit = Matrix.zeros(size, size);
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j <= i; j += 1) {
      const value = (matrix.get(i, j) + matrix.get(j, i)) / 2 / (at(i) * at(j));
      if (!Number.isFinite(value)) return undefined;
      unit.set(i, j, value);
      unit.set(j, i, value);
    }
  const cholesky = new CholeskyDecomposition(unit);
  if (!cholesky.isPositiveDefinite()) return undefined;
  const lower = cholesky.lowerTriangularMatrix;
  let logDeterminant = 0;
  for (let i = 0; i < size; i += 1) {
    if (lower.get(i, i) < 1e-6) return undefined;
    logDeterminant += 2 * Math.log(lower.get(i, i) * at(i));
  }
  const inverse = cholesky.solve(Matrix.eye(size));
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1) inverse.set(i, j, inverse.get(i, j) / (at(i) * at(j)));
  return { inverse, logDeterminant };
}

/** tr(AB) of two square matrices. */
export function traceOfProduct(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.rows; i += 1) for (let j = 0; j < a.columns; j += 1) sum += a.get(i, j) * b.get(j, i);
  return sum;
}

/** a'Mb of two vectors. */
export function bilinear(a: ArrayLike<number>, matrix: Matrix, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < matrix.rows; i += 1) {
    const left = a[i] ?? 0;
    if (left !== 0) for (let j = 0; j < matrix.columns; j += 1) sum += left * matrix.get(i, j) * (b[j] ?? 0);
  }
  return sum;
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}
