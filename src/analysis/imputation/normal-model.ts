import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { chiSquare, normal, type Random } from '../numeric/random.ts';
import { factor } from '../numeric/symmetric.ts';

/** Ratings of one arm and rater: one line a patient, one column a visit; and what the imputation model knows of the patient. */
export interface Incomplete {
  readonly patients: number;
  readonly visits: number;
  /** patients × visits; what `missing` marks is filled in. */
  readonly y: Float64Array;
  /** patients × visits; 1 where nothing was observed. */
  readonly missing: Uint8Array;
  /** patients × columns, the constant first. */
  readonly z: Float64Array;
  readonly columns: number;
}

/** One draw of the multivariate normal regression: coefficients (columns × visits) and covariance of the visits. */
export interface NormalModel {
  readonly beta: Matrix;
  readonly sigma: Matrix;
}

/** (ZᵀZ)⁻¹ and its lower factor, which no draw changes; `undefined` where the columns are not independent. */
export interface Projection {
  readonly inverse: Matrix;
  readonly lower: Matrix;
}

export function projectionOf({ patients, z, columns }: Incomplete): Projection | undefined {
  const squares = Matrix.zeros(columns, columns);
  for (let i = 0; i < patients; i += 1)
    for (let a = 0; a < columns; a += 1)
      for (let b = 0; b < columns; b += 1)
        squares.set(a, b, squares.get(a, b) + (z[i * columns + a] ?? 0) * (z[i * columns + b] ?? 0));
  const inverse = factor(squares)?.inverse;
  return inverse === undefined ? undefined : { inverse, lower: lowerOf(inverse) };
}

export function lowerOf(matrix: Matrix): Matrix {
  const symmetric = Matrix.add(matrix, matrix.transpose()).mul(0.5);
  return new CholeskyDecomposition(symmetric).lowerTriangularMatrix;
}

/** Posterior draw under Jeffreys’ prior given the completed ratings: Σ inverse Wishart, then the coefficients. */
export function drawModel(data: Incomplete, projection: Projection, random: Random): NormalModel | undefined {
  const { patients, visits, y, z, columns } = data;
  // The one loop over all patients in every iteration: plain arrays, not matrices.
  const zySums = new Float64Array(columns * visits);
  const yySums = new Float64Array(visits * visits);
  for (let i = 0; i < patients; i += 1)
    for (let t = 0; t < visits; t += 1) {
      const value = y[i * visits + t] ?? 0;
      for (let a = 0; a < columns; a += 1)
        zySums[a * visits + t] = (zySums[a * visits + t] ?? 0) + (z[i * columns + a] ?? 0) * value;
      for (let s = 0; s < visits; s += 1)
        yySums[t * visits + s] = (yySums[t * visits + s] ?? 0) + value * (y[i * visits + s] ?? 0);
    }
  const zy = Matrix.from1DArray(columns, visits, zySums);
  const yy = Matrix.from1DArray(visits, visits, yySums);
  const estimate = projection.inverse.mmul(zy);
  const precision = factor(Matrix.sub(yy, zy.transpose().mmul(estimate)))?.inverse;
  const sigma = precision && factor(wishart(precision, patients - columns, random))?.inverse;
  if (sigma === undefined) return undefined;
  const noise = new Matrix(Array.from({ length: columns }, () => Array.from({ length: visits }, () => normal(random))));
  const beta = Matrix.add(estimate, projection.lower.mmul(noise).mmul(lowerOf(sigma).transpose()));
  return { beta, sigma };
}

/** Bartlett’s decomposition. */
function wishart(scale: Matrix, df: number, random: Random): Matrix {
  const size = scale.rows;
  const triangle = Matrix.zeros(size, size);
  for (let i = 0; i < size; i += 1) {
    triangle.set(i, i, Math.sqrt(chiSquare(random, df - i)));
    for (let j = 0; j < i; j += 1) triangle.set(i, j, normal(random));
  }
  const product = lowerOf(scale).mmul(triangle);
  return product.mmul(product.transpose());
}
