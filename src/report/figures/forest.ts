import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { Markup, Part } from '../markup.ts';
import { drawingOf, line, rectangle, text } from './drawing.ts';
import { type Scale, scaleOf } from './scale.ts';

/** One row: a name, a value with its interval, and the same in words. */
export interface ForestRow {
  readonly label: string;
  readonly estimate: Estimate;
  /** As it stands at the right; the reason where there is no value. */
  readonly said: string;
  readonly filled: boolean;
  /** Where another group begins: its heading stands above. */
  readonly group?: string;
}

export interface Forest {
  readonly id: string;
  readonly title: string;
  readonly desc: string;
  readonly axis: string;
  readonly rows: readonly ForestRow[];
  /** What filled and hollow marks mean. */
  readonly legend?: { readonly filled: string; readonly hollow: string };
  readonly tick: (value: number, decimals: number) => string;
}

const WIDTH = 760;
const LABEL = 250;
const SAID = 190;
const ROW = 24;
const TOP = 14;

/** Values with their intervals, one under the other about the line of nothing. */
export function forestOf({ id, title, desc, axis, rows, legend, tick }: Forest): Markup {
  const values = rows.flatMap(({ estimate }) =>
    isEstimated(estimate) ? [estimate.estimate, estimate.interval?.low ?? 0, estimate.interval?.high ?? 0] : [],
  );
  const scale = scaleOf([0, ...values], [LABEL, WIDTH - SAID], 6);
  let y = TOP;
  const drawn: Part[] = rows.map((row) => {
    const heading = row.group === undefined ? undefined : text(0, y + ROW - 7, row.group, 'group');
    if (heading !== undefined) y += ROW;
    const at = y + ROW / 2;
    y += ROW;
    return [heading, rowOf(row, at, scale)];
  });
  const bottom = y + 6;
  return drawingOf({
    id,
    title,
    desc,
    width: WIDTH,
    height: bottom + 38 + (legend === undefined ? 0 : 24),
    body: [
      grid(scale, bottom, tick),
      line(scale.at(0), TOP, scale.at(0), bottom, 'zero'),
      drawn,
      text((LABEL + WIDTH - SAID) / 2, bottom + 34, axis, 'axis', 'middle'),
      legend !== undefined && key(legend, bottom + 56),
    ],
  });
}

const grid = (scale: Scale, bottom: number, tick: Forest['tick']): Part[] =>
  scale.ticks.map((it) => [
    line(scale.at(it), TOP, scale.at(it), bottom, 'grid'),
    text(scale.at(it), bottom + 16, tick(it, scale.decimals), 'tick', 'middle'),
  ]);

function rowOf({ label, estimate, said, filled }: ForestRow, y: number, scale: Scale): Part {
  const words = [text(12, y + 4, label, 'label'), text(WIDTH - SAID + 14, y + 4, said, 'said')];
  if (!isEstimated(estimate)) return words;
  const { interval } = estimate;
  const x = scale.at(estimate.estimate);
  return [
    words,
    interval !== undefined && [
      line(scale.at(interval.low), y, scale.at(interval.high), y, 'whisker'),
      [interval.low, interval.high].map((it) => line(scale.at(it), y - 4, scale.at(it), y + 4, 'whisker')),
    ],
    square(x, y, filled),
  ];
}

const square = (x: number, y: number, filled: boolean): Markup =>
  rectangle(x - 4.5, y - 4.5, 9, 9, filled ? 'box filled' : 'box hollow');

const key = ({ filled, hollow }: { readonly filled: string; readonly hollow: string }, y: number): Part => {
  const second = 40 + filled.length * 7;
  return [
    square(6, y - 4, true),
    text(18, y, filled, 'label'),
    square(second, y - 4, false),
    text(second + 12, y, hollow, 'label'),
  ];
};
