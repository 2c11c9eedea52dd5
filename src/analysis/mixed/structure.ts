import { Matrix } from 'ml-matrix';
import { seeded } from '../numeric/random.ts';

/**
 * A covariance of the occasions of one patient that is linear in its parameters: Σ = Σₖ θₖ Eₖ.
 * Each block of parameters is the lower triangle of a positive semidefinite matrix LLᵀ, so that the search over L has no bounds.
 */
export interface Structure {
  readonly occasions: number;
  readonly blocks: readonly Block[];
}

export interface Block {
  readonly name: string;
  readonly size: number;
  /** Eₖ in the order (0,0), (1,0), (1,1), (2,0) …; each occasions × occasions. */
  readonly bases: readonly Matrix[];
}

const pairs = (size: number): [number, number][] =>
  Array.from({ length: size }, (_, r) => Array.from({ length: r + 1 }, (_, c): [number, number] => [r, c])).flat();

/** A square matrix of ones where `where` holds. */
export const indicator = (size: number, where: (a: number, b: number) => boolean): Matrix => {
  const matrix = Matrix.zeros(size, size);
  for (let a = 0; a < size; a += 1) for (let b = 0; b < size; b += 1) if (where(a, b)) matrix.set(a, b, 1);
  return matrix;
};

/** One variance for the occasions and pairs of them that `where` names. */
export const variance = (name: string, size: number, where: (a: number, b: number) => boolean): Block => ({
  name,
  size: 1,
  bases: [indicator(size, where)],
});

/** A covariance of `groups` correlated effects, each shared by the occasions of its group. */
export const correlated = (name: string, groupOf: readonly number[], groups: number): Block => ({
  name,
  size: groups,
  bases: pairs(groups).map(([r, c]) =>
    indicator(groupOf.length, (a, b) => {
      const [p, q] = [groupOf[a], groupOf[b]];
      return (p === r && q === c) || (p === c && q === r);
    }),
  ),
});

export const unstructured = (occasions: number): Structure => ({
  occasions,
  blocks: [
    correlated(
      'residual',
      Array.from({ length: occasions }, (_, i) => i),
      occasions,
    ),
  ],
});

/** A random intercept of the patient and independent residuals. */
export const randomIntercept = (occasions: number): Structure => ({
  occasions,
  blocks: [variance('residual', occasions, (a, b) => a === b), variance('patient', occasions, () => true)],
});

export const basesOf = (structure: Structure): readonly Matrix[] => structure.blocks.flatMap((it) => it.bases);

/** θ = entries of LLᵀ, with dθ/dL (rows θ, columns L). */
export function parametersOf(
  structure: Structure,
  factors: Float64Array,
): { readonly theta: Float64Array; readonly jacobian: Matrix } {
  const count = basesOf(structure).length;
  const theta = new Float64Array(count);
  const jacobian = Matrix.zeros(count, count);
  let offset = 0;
  for (const { size } of structure.blocks) {
    const index = (r: number, c: number): number => offset + (r * (r + 1)) / 2 + c;
    for (const [r, c] of pairs(size))
      for (let k = 0; k <= c; k += 1) {
        const [left, right] = [factors[index(r, k)] ?? 0, factors[index(c, k)] ?? 0];
        const row = index(r, c);
        theta[row] = (theta[row] ?? 0) + left * right;
        jacobian.set(row, index(r, k), jacobian.get(row, index(r, k)) + right);
        jacobian.set(row, index(c, k), jacobian.get(row, index(c, k)) + left);
      }
    offset += (size * (size + 1)) / 2;
  }
  return { theta, jacobian };
}

/** Factors to start from: every block’s variances an equal part of `total`, its factors off the diagonal a quarter of those on it. */
export function startingFactors(structure: Structure, total: number): Float64Array {
  const part = Math.sqrt(total / structure.blocks.length);
  return Float64Array.from(
    structure.blocks.flatMap(({ size }) => pairs(size).map(([r, c]) => (r === c ? part : 0.25 * part))),
  );
}

/** Fewer patients than this have likelihoods with several tops; of more, one was never seen in simulation. */
const FEW_PATIENTS = 60;

/** Several places to start from, always the same; one where every covariance of the structure is shared by occasions. */
export function startsOf(structure: Structure, total: number, patients: number): readonly Float64Array[] {
  const usual = startingFactors(structure, total);
  const [block] = structure.blocks;
  if (block === undefined || structure.blocks.length > 1 || block.size < 2) return [usual];
  const part = Math.sqrt(total);
  const random = seeded(1, 'starts');
  const drawn = Array.from({ length: patients < FEW_PATIENTS ? 24 : 3 }, () =>
    usual.map((it) => (it === part ? part * (0.1 + 1.9 * random()) : part * (4 * random() - 2))),
  );
  return [usual, ...drawn];
}

/** Σ at θ. */
export function covarianceAt(structure: Structure, theta: ArrayLike<number>): Matrix {
  const sum = Matrix.zeros(structure.occasions, structure.occasions);
  for (const [k, base] of basesOf(structure).entries()) sum.add(Matrix.mul(base, theta[k] ?? 0));
  return sum;
}
