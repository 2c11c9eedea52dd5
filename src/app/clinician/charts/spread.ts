/**
 * Places for labels that would lie on one another: each as near as can be to where it belongs, at least `apart` pixels
 * from the next, none below `bottom`. Keeps the order in which they came.
 */
export function spread(wanted: readonly number[], apart: number, bottom: number): readonly number[] {
  const order = wanted.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  let last = Number.NEGATIVE_INFINITY;
  for (const it of order) {
    it.y = Math.max(it.y, last + apart);
    last = it.y;
  }
  let next = bottom + apart;
  for (const it of order.toReversed()) {
    it.y = Math.min(it.y, next - apart);
    next = it.y;
  }
  const placed = new Map(order.map((it) => [it.index, it.y]));
  return wanted.map((y, index) => placed.get(index) ?? y);
}
