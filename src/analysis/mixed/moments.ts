import { Matrix } from 'ml-matrix';

/** One rating as the model sees it. */
export interface ModelRow {
  /** Index of the patient, 0 …; all rows of a patient have one `group`. */
  readonly patient: number;
  /** 0 … occasions − 1; at most one row for a patient and occasion. */
  readonly occasion: number;
  /** Index of the therapist; used by the therapist model alone. */
  readonly group: number;
  readonly x: Float64Array;
  readonly y: number;
}

/**
 * What the likelihood needs of all patients who were rated at the same occasions.
 * Its size does not depend on their number: 20,000 patients cost as much in an iteration as 200.
 */
export interface PatternMoments {
  readonly occasions: readonly number[];
  patients: number;
  /** Σ x_t x_sᵀ at [t·m + s], each columns². */
  readonly xx: readonly Float64Array[];
  /** Σ x_t y_s at [t·m + s]. */
  readonly xy: readonly Float64Array[];
  /** Σ y_t y_s. */
  readonly yy: Float64Array;
  /** Sums for each therapist. */
  readonly groups: Map<number, GroupMoments>;
}

export interface GroupMoments {
  patients: number;
  /** Σ x_t at [t]. */
  readonly x: readonly Float64Array[];
  readonly y: Float64Array;
}

export interface Moments {
  readonly columns: number;
  readonly rows: number;
  readonly patients: number;
  readonly patterns: readonly PatternMoments[];
}

/** The sufficient statistics of a mixed model, by pattern of missing occasions. */
export function momentsOf(rows: readonly ModelRow[], columns: number, withGroups: boolean): Moments {
  const byPatient = new Map<number, ModelRow[]>();
  for (const row of rows) {
    const own = byPatient.get(row.patient);
    if (own === undefined) byPatient.set(row.patient, [row]);
    else own.push(row);
  }
  const patterns = new Map<string, PatternMoments>();
  for (const own of byPatient.values()) {
    own.sort((a, b) => a.occasion - b.occasion);
    const occasions = own.map((it) => it.occasion);
    const key = occasions.join(',');
    const pattern = patterns.get(key) ?? emptyPattern(occasions, columns);
    patterns.set(key, pattern);
    addPatient(pattern, own, columns);
    if (withGroups) addToGroup(pattern, own, columns);
  }
  return { columns, rows: rows.length, patients: byPatient.size, patterns: [...patterns.values()] };
}

const vectors = (count: number, length: number): Float64Array[] =>
  Array.from({ length: count }, () => new Float64Array(length));

function emptyPattern(occasions: readonly number[], columns: number): PatternMoments {
  const pairs = occasions.length ** 2;
  return {
    occasions,
    patients: 0,
    xx: vectors(pairs, columns ** 2),
    xy: vectors(pairs, columns),
    yy: new Float64Array(pairs),
    groups: new Map(),
  };
}

function addPatient(pattern: PatternMoments, own: readonly ModelRow[], columns: number): void {
  const size = own.length;
  pattern.patients += 1;
  for (const [t, a] of own.entries())
    for (const [s, b] of own.entries()) {
      const index = t * size + s;
      pattern.yy[index] = (pattern.yy[index] ?? 0) + a.y * b.y;
      addOuter(pattern.xx[index] as Float64Array, a.x, b.x);
      addScaled(pattern.xy[index] as Float64Array, a.x, b.y, columns);
    }
}

function addOuter(into: Float64Array, a: Float64Array, b: Float64Array): void {
  const columns = a.length;
  for (let i = 0; i < columns; i += 1) {
    const left = a[i] ?? 0;
    if (left !== 0)
      for (let j = 0; j < columns; j += 1) into[i * columns + j] = (into[i * columns + j] ?? 0) + left * (b[j] ?? 0);
  }
}

function addScaled(into: Float64Array, x: Float64Array, by: number, columns: number): void {
  for (let i = 0; i < columns; i += 1) into[i] = (into[i] ?? 0) + (x[i] ?? 0) * by;
}

function addToGroup(pattern: PatternMoments, own: readonly ModelRow[], columns: number): void {
  const group = own[0]?.group ?? 0;
  const moments = pattern.groups.get(group) ?? {
    patients: 0,
    x: vectors(own.length, columns),
    y: new Float64Array(own.length),
  };
  pattern.groups.set(group, moments);
  moments.patients += 1;
  for (const [t, row] of own.entries()) {
    addScaled(moments.x[t] as Float64Array, row.x, 1, columns);
    moments.y[t] = (moments.y[t] ?? 0) + row.y;
  }
}

/** Σ_ts w[t,s] · S[t,s] as a columns × columns matrix. */
export function weightedXx(pattern: PatternMoments, weights: Matrix, into: Matrix): void {
  const size = pattern.occasions.length;
  const columns = into.rows;
  for (let t = 0; t < size; t += 1)
    for (let s = 0; s < size; s += 1) {
      const weight = weights.get(t, s);
      const xx = pattern.xx[t * size + s];
      if (weight === 0 || xx === undefined) continue;
      for (let i = 0; i < columns; i += 1)
        for (let j = 0; j < columns; j += 1) into.set(i, j, into.get(i, j) + weight * (xx[i * columns + j] ?? 0));
    }
}

export function weightedXy(pattern: PatternMoments, weights: Matrix, into: Float64Array): void {
  const size = pattern.occasions.length;
  for (let t = 0; t < size; t += 1)
    for (let s = 0; s < size; s += 1) {
      const xy = pattern.xy[t * size + s];
      if (xy !== undefined) addScaled(into, xy, weights.get(t, s), into.length);
    }
}

export function weightedYy(pattern: PatternMoments, weights: Matrix): number {
  const size = pattern.occasions.length;
  let sum = 0;
  for (let t = 0; t < size; t += 1)
    for (let s = 0; s < size; s += 1) sum += weights.get(t, s) * (pattern.yy[t * size + s] ?? 0);
  return sum;
}

/** Ordinary residual variance, to start the search from; `undefined` where the design has not full rank. */
export function pooled(moments: Moments): { readonly xx: Matrix; readonly xy: Float64Array; readonly yy: number } {
  const xx = Matrix.zeros(moments.columns, moments.columns);
  const xy = new Float64Array(moments.columns);
  let yy = 0;
  for (const pattern of moments.patterns) {
    const identity = Matrix.eye(pattern.occasions.length);
    weightedXx(pattern, identity, xx);
    weightedXy(pattern, identity, xy);
    yy += weightedYy(pattern, identity);
  }
  return { xx, xy, yy };
}
