/** Repeatable chance: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A number in [0, 1). */
  unit(): number;
  /** A whole number from low to high, both included. */
  integer(low: number, high: number): number;
  /** About normal with this mean and standard deviation, never beyond six of them. */
  bell(mean: number, deviation: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly [T, ...T[]]): T;
}

/** FNV-1a over the text, once for each of the four words of the state. */
function words(text: string): [number, number, number, number] {
  const hash = (basis: number): number => {
    let value = basis;
    for (let index = 0; index < text.length; index += 1)
      value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
    return value;
  };
  return [hash(0x811c9dc5), hash(0x9e3779b9), hash(0x85ebca6b), hash(0xc2b2ae35)];
}

/** sfc32, Chris Doty-Humphrey's small fast counting generator: 128 bits of state, passes PractRand. */
function sfc32(seed: string): () => number {
  let [a, b, c, counter] = words(seed);
  const next = (): number => {
    const sum = (a + b + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = (b ^ (b >>> 9)) >>> 0;
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  for (let warm = 0; warm < 15; warm += 1) next();
  return () => next() / 0x1_0000_0000;
}

/** A sequence of its own for each list of parts: what one patient draws never shifts what another does. */
export function randomOf(...parts: readonly (string | number)[]): Random {
  const unit = sfc32(parts.join('\u0000'));
  return {
    unit,
    integer: (low, high) => low + Math.floor(unit() * (high - low + 1)),
    // A sum of twelve: logarithm and cosine may differ in the last bit between machines, sums do not.
    bell: (mean, deviation) => {
      let sum = -6;
      for (let draw = 0; draw < 12; draw += 1) sum += unit();
      return mean + deviation * sum;
    },
    chance: (probability) => unit() < probability,
    pick: (values) => values[Math.floor(unit() * values.length)] ?? values[0],
  };
}
