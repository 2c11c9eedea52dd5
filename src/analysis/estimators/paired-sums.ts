/** Sums of pairs, about a shift that keeps digits: all that agreement of two raters needs, and they can be added. */
export interface PairedSums {
  n: number;
  a: number;
  b: number;
  aa: number;
  bb: number;
  ab: number;
}

export const noPairs = (): PairedSums => ({ n: 0, a: 0, b: 0, aa: 0, bb: 0, ab: 0 });

export function addPair(into: PairedSums, a: number, b: number): void {
  into.n += 1;
  into.a += a;
  into.b += b;
  into.aa += a * a;
  into.bb += b * b;
  into.ab += a * b;
}

/** Means, sums of squares and products about them. */
export interface Centred {
  readonly n: number;
  readonly meanA: number;
  readonly meanB: number;
  readonly squaresA: number;
  readonly squaresB: number;
  readonly products: number;
}

export function centred({ n, a, b, aa, bb, ab }: PairedSums): Centred {
  return {
    n,
    meanA: a / n,
    meanB: b / n,
    squaresA: aa - (a * a) / n,
    squaresB: bb - (b * b) / n,
    products: ab - (a * b) / n,
  };
}

/** Mean squares of the two-way analysis of variance: n rows, each rated by the same number of raters. */
export interface MeanSquares {
  readonly n: number;
  readonly raters: number;
  readonly rows: number;
  readonly columns: number;
  readonly error: number;
}

export function meanSquares({ n, meanA, meanB, squaresA, squaresB, products }: Centred): MeanSquares {
  return {
    n,
    raters: 2,
    rows: (squaresA + squaresB + 2 * products) / (2 * (n - 1)),
    columns: (n * (meanA - meanB) ** 2) / 2,
    error: (squaresA + squaresB - 2 * products) / (2 * (n - 1)),
  };
}

/** ICC(A,1), the ICC(2,1) of Shrout & Fleiss 1979. */
export const iccA1 = ({ n, raters, rows, columns, error }: MeanSquares): number =>
  (rows - error) / (rows + (raters - 1) * error + (raters * (columns - error)) / n);

/** ICC(C,1), the ICC(3,1) of Shrout & Fleiss 1979. */
export const iccC1 = ({ raters, rows, error }: MeanSquares): number => (rows - error) / (rows + (raters - 1) * error);
