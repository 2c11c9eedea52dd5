import type { AllianceDrawing, DrawnMissing } from './alliance-geometry.ts';

/** On which side of its mark a word stands. */
export type Side = 'right' | 'left';

/** As wide as a character of the chart's italics is on average, px; what is measured too wide only goes below the chart. */
const CHARACTER = 6.2;
/** From the middle of a mark to the first letter, px. */
export const BESIDE = 12;
/** What a mark, or a point with its number, takes of a row on either side of its middle, px. */
const MARK = 10;
/** Points so close to a row, px, stand in its way. */
const CLOSE = 18;

type Interval = readonly [number, number];

/**
 * On which side of each missing rating's mark its reason stands, so that no two words, and no word and a mark, lie on one
 * another; `undefined` where there is not room for every one of them: then they are all told below the chart.
 * @param width of the picture, px
 */
export function sidesOf(
  { missing, points }: Pick<AllianceDrawing, 'missing' | 'points'>,
  width: number,
): ReadonlyMap<DrawnMissing, Side> | undefined {
  const sides = new Map<DrawnMissing, Side>();
  for (const y of new Set(missing.map((it) => it.y))) {
    const row = missing.filter((it) => it.y === y);
    const taken: Interval[] = [...row, ...points.filter((it) => Math.abs(it.y - y) < CLOSE)].map(({ x }) => [
      x - MARK,
      x + MARK,
    ]);
    for (const it of row) {
      const long = it.words.length * CHARACTER;
      const free: readonly (readonly [Side, Interval])[] = [
        ['right', [it.x + BESIDE, it.x + BESIDE + long]],
        ['left', [it.x - BESIDE - long, it.x - BESIDE]],
      ];
      const found = free.find(([, at]) => at[0] >= 0 && at[1] <= width && !taken.some((one) => overlap(one, at)));
      if (found === undefined) return undefined;
      sides.set(it, found[0]);
      taken.push(found[1]);
    }
  }
  return sides;
}

const overlap = (a: Interval, b: Interval): boolean => a[0] < b[1] && b[0] < a[1];
