/** A linear axis: a place for each value, and round values to mark. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  /** Decimals that tell the ticks apart. */
  readonly decimals: number;
  at(value: number): number;
}

const STEPS = [1, 2, 5, 10];

/**
 * @param values what must be in sight
 * @param places where the axis begins and ends, in units of the drawing
 * @param marks about how many ticks
 */
export function scaleOf(values: readonly number[], places: readonly [number, number], marks = 6): Scale {
  const found = values.filter(Number.isFinite);
  const [low, high] = [Math.min(...found), Math.max(...found)];
  const [bottom, top] = found.length === 0 ? [0, 1] : low === high ? [low - 1, high + 1] : [low, high];
  const step = stepOf((top - bottom) / marks);
  const [from, to] = [Math.floor(bottom / step) * step, Math.ceil(top / step) * step];
  const [start, end] = places;
  const decimals = Math.max(0, -Math.floor(Math.log10(step)));
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) =>
    Number((from + i * step).toFixed(decimals)),
  );
  return { from, to, ticks, decimals, at: (value) => start + ((value - from) / (to - from)) * (end - start) };
}

function stepOf(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * (STEPS.find((it) => it * power >= rough - 1e-12) ?? 10);
}

/** A coordinate with one decimal: what a drawing needs, and no more bytes. */
export const place = (value: number): string => String(Math.round(value * 10) / 10);
