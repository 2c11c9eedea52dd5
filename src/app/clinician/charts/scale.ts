/** A straight line from values to pixels. */
export type Scale = (value: number) => number;

export const linearScale =
  ([fromLow, fromHigh]: readonly [number, number], [toLow, toHigh]: readonly [number, number]): Scale =>
  (value) =>
    fromHigh === fromLow ? toLow : toLow + ((value - fromLow) / (fromHigh - fromLow)) * (toHigh - toLow);

const DAY_MS = 86_400_000;

/** Milliseconds since 1970 of a date or an instant; a local date counts from its UTC midnight. */
export const timeOf = (iso: string): number => Date.parse(iso);

/** The ends of an axis that holds all of these times, at least `atLeastDays` long, with a day of air at each end. */
export function timeSpan(times: readonly number[], atLeastDays: number): readonly [number, number] {
  const known = times.filter((it) => Number.isFinite(it));
  if (known.length === 0) return [0, atLeastDays * DAY_MS];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const lacking = Math.max(0, atLeastDays * DAY_MS - (high - low));
  return [low - lacking - DAY_MS, high + DAY_MS];
}

/** The first days of months within a span, at most `most` of them, evenly chosen. Dates as `2026-03-01`. */
export function monthTicks([low, high]: readonly [number, number], most: number): readonly string[] {
  const months: string[] = [];
  const at = new Date(low);
  at.setUTCDate(1);
  at.setUTCHours(0, 0, 0, 0);
  for (;;) {
    at.setUTCMonth(at.getUTCMonth() + 1);
    if (at.getTime() > high) break;
    months.push(at.toISOString().slice(0, 10));
  }
  const step = Math.max(1, Math.ceil(months.length / Math.max(1, most)));
  return months.filter((_, index) => index % step === 0);
}
