/**
 * The result of some work, or `instead` once patience ends; the work goes on by itself then, and what fails of it is left
 * to the escalation, which finds every sign about which nobody was told.
 */
export async function within<T, I>(work: Promise<T>, patienceMs: number | undefined, instead: I): Promise<T | I> {
  if (patienceMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<I>((resolve) => {
    timer = setTimeout(() => resolve(instead), patienceMs);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
