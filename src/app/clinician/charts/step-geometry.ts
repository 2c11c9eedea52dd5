import type { Place } from '../place.ts';
import { linearScale } from './scale.ts';

/** One reading of a measure. */
export interface StepReading {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly value: number;
  readonly label: string;
  readonly place?: Place;
}

export interface StepLine {
  readonly isStale: boolean;
  /** An SVG path. */
  readonly path: string;
}

export interface StepDrawing {
  readonly points: readonly (StepReading & { readonly x: number; readonly y: number })[];
  readonly lines: readonly StepLine[];
}

const DAY_MS = 86_400_000;

export interface StepPlot {
  readonly span: readonly [number, number];
  /** Pixels. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Lowest and highest possible value. */
  readonly range: readonly [number, number];
  /** A reading says nothing any more after so many days; absent: it holds until the next. */
  readonly validDays?: number;
  /** Milliseconds since 1970, where the line ends. */
  readonly until: number;
}

/**
 * A step line: a reading holds until the next one, and no longer than it is valid. What lies beyond is drawn as stale,
 * so that an old value is never mistaken for a present one.
 */
export function drawSteps(readings: readonly StepReading[], plot: StepPlot): StepDrawing {
  const x = linearScale(plot.span, [plot.left, plot.right]);
  const y = linearScale(plot.range, [plot.bottom, plot.top]);
  const points = readings.toSorted((a, b) => a.at - b.at).map((it) => ({ ...it, x: x(it.at), y: y(it.value) }));
  const lines = points.flatMap((point, index): StepLine[] => {
    const next = points[index + 1];
    const end = next?.at ?? plot.until;
    const valid = plot.validDays === undefined ? end : Math.min(end, point.at + plot.validDays * DAY_MS);
    if (end <= point.at) return [];
    const riser = next === undefined ? '' : ` V${next.y}`;
    if (valid >= end) return [{ isStale: false, path: `M${point.x} ${point.y} H${x(end)}${riser}` }];
    return [
      { isStale: false, path: `M${point.x} ${point.y} H${x(valid)}` },
      { isStale: true, path: `M${x(valid)} ${point.y} H${x(end)}` },
    ];
  });
  return { points, lines };
}
