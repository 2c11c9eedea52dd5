/** Counts below this are not given: whoever knows one of a few could tell the others. */
export const SMALLEST = 5;

/** A part of a whole as it is published: `masked` where it is not given. */
export interface Part {
  readonly numerator: number | 'masked';
  readonly denominator: number | 'masked';
}

export interface Counted {
  readonly numerator: number;
  readonly denominator: number;
}

/** Nobody at all is no secret, a few are; and so are the few that are left when the others are taken away. */
const isSmall = (n: number): boolean => n < SMALLEST;
const isFew = (n: number): boolean => n > 0 && n < SMALLEST;

/**
 * The parts of one whole, small counts masked. A denominator below five masks both; so does a numerator below five, or a
 * remainder of one to four. A single masked part could be had by taking the others from the whole: then the smallest other
 * part is masked too. Where nobody was due there is nothing to hide.
 */
export function suppressed(parts: readonly Counted[]): Part[] {
  const hidden = {
    denominator: withCover(
      parts,
      (it) => isFew(it.denominator),
      (it) => it.denominator,
    ),
    numerator: withCover(
      parts,
      (it) =>
        it.denominator > 0 && (isFew(it.denominator) || isSmall(it.numerator) || isFew(it.denominator - it.numerator)),
      (it) => it.numerator,
    ),
  };
  return parts.map((it, i) => ({
    denominator: hidden.denominator.has(i) ? 'masked' : it.denominator,
    numerator: hidden.numerator.has(i) || hidden.denominator.has(i) ? 'masked' : it.numerator,
  }));
}

function withCover(
  parts: readonly Counted[],
  isHidden: (it: Counted) => boolean,
  size: (it: Counted) => number,
): ReadonlySet<number> {
  const hidden = new Set(parts.flatMap((it, i) => (isHidden(it) ? [i] : [])));
  if (hidden.size !== 1) return hidden;
  const others = parts.flatMap((it, i) => (hidden.has(i) || it.denominator === 0 ? [] : [{ i, size: size(it) }]));
  const [cover] = others.sort((a, b) => a.size - b.size);
  return cover === undefined ? hidden : new Set([...hidden, cover.i]);
}
