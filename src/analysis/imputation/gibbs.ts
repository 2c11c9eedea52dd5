import { Matrix } from 'ml-matrix';
import { normal, type Random } from '../numeric/random.ts';
import { factor } from '../numeric/symmetric.ts';
import { drawModel, type Incomplete, lowerOf, type NormalModel, projectionOf } from './normal-model.ts';

const BURN_IN = 200;
const BETWEEN = 10;

/**
 * Proper imputations by data augmentation (Schafer 1997, ch. 5) for a multivariate normal regression of the visits.
 * Hands each completed matrix to `use` (the same array each time); false where the model cannot be drawn.
 */
export function impute(
  data: Incomplete,
  imputations: number,
  random: Random,
  use: (y: Float64Array, imputation: number) => void,
): boolean {
  const projection = projectionOf(data);
  if (projection === undefined || data.patients - data.columns < data.visits + 2) return false;
  fillWithMeans(data);
  const patterns = patternsOf(data);
  const iterations = BURN_IN + imputations * BETWEEN;
  for (let iteration = 1; iteration <= iterations; iteration += 1) {
    const model = drawModel(data, projection, random);
    if (model === undefined || !drawMissing(data, model, patterns, random)) return false;
    const after = iteration - BURN_IN;
    if (after > 0 && after % BETWEEN === 0) use(data.y, after / BETWEEN - 1);
  }
  return true;
}

function fillWithMeans({ patients, visits, y, missing }: Incomplete): void {
  for (let t = 0; t < visits; t += 1) {
    let [sum, n] = [0, 0];
    for (let i = 0; i < patients; i += 1)
      if (missing[i * visits + t] === 0) {
        sum += y[i * visits + t] ?? 0;
        n += 1;
      }
    for (let i = 0; i < patients; i += 1) if (missing[i * visits + t] === 1) y[i * visits + t] = n === 0 ? 0 : sum / n;
  }
}

interface Pattern {
  readonly missing: readonly number[];
  readonly observed: readonly number[];
  readonly patients: readonly number[];
}

function patternsOf({ patients, visits, missing }: Incomplete): Pattern[] {
  const found = new Map<string, number[]>();
  for (let i = 0; i < patients; i += 1) {
    const key = missing.subarray(i * visits, (i + 1) * visits).join('');
    const own = found.get(key);
    if (own === undefined) found.set(key, [i]);
    else own.push(i);
  }
  return [...found].map(([key, members]) => ({
    missing: [...key].flatMap((it, t) => (it === '1' ? [t] : [])),
    observed: [...key].flatMap((it, t) => (it === '0' ? [t] : [])),
    patients: members,
  }));
}

/** Draws what is missing given what is observed: the conditional normal of each pattern. */
function drawMissing(data: Incomplete, model: NormalModel, patterns: readonly Pattern[], random: Random): boolean {
  for (const pattern of patterns) {
    if (pattern.missing.length === 0) continue;
    const conditional = conditionOn(model.sigma, pattern);
    if (conditional === undefined) return false;
    for (const patient of pattern.patients) drawPatient(data, model.beta, pattern, conditional, patient, random);
  }
  return true;
}

interface Conditional {
  /** missing × observed. */
  readonly slopes: Matrix;
  /** Lower factor of the conditional covariance. */
  readonly lower: Matrix;
}

function conditionOn(sigma: Matrix, { missing, observed }: Pattern): Conditional | undefined {
  const [m, o] = [[...missing], [...observed]];
  const own = sigma.selection(m, m);
  if (o.length === 0) return { slopes: Matrix.zeros(m.length, 0), lower: lowerOf(own) };
  const inverse = factor(sigma.selection(o, o))?.inverse;
  if (inverse === undefined) return undefined;
  const across = sigma.selection(m, o);
  const slopes = across.mmul(inverse);
  return { slopes, lower: lowerOf(Matrix.sub(own, slopes.mmul(across.transpose()))) };
}

function drawPatient(
  { visits, y, z, columns }: Incomplete,
  beta: Matrix,
  { missing, observed }: Pattern,
  { slopes, lower }: Conditional,
  patient: number,
  random: Random,
): void {
  const expected = (t: number): number => {
    let sum = 0;
    for (let a = 0; a < columns; a += 1) sum += (z[patient * columns + a] ?? 0) * beta.get(a, t);
    return sum;
  };
  const off = observed.map((t) => (y[patient * visits + t] ?? 0) - expected(t));
  const noise = missing.map(() => normal(random));
  for (const [i, t] of missing.entries()) {
    let value = expected(t);
    for (const [j, it] of off.entries()) value += slopes.get(i, j) * it;
    for (let j = 0; j <= i; j += 1) value += lower.get(i, j) * (noise[j] ?? 0);
    y[patient * visits + t] = value;
  }
}
