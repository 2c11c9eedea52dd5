import type { Ticker } from '../../src/jobs/cron-ticker.ts';

/** A ticker in the hand of the test: it is time when the test says so. */
export function manualTicker() {
  let onTick: () => Promise<void> = async () => {};
  let stopped = false;
  const ticker: Ticker = (_expression, tick) => {
    onTick = tick;
    return {
      stop: async () => {
        stopped = true;
      },
    };
  };
  return { ticker, tick: () => onTick(), isStopped: () => stopped };
}

/** A run that ends when the test says so, or when its signal aborts. */
export function openEndedRun() {
  const { promise: started, resolve: hasStarted } = Promise.withResolvers<void>();
  const { promise: end, resolve, reject } = Promise.withResolvers<unknown>();
  const run = async (signal: AbortSignal): Promise<unknown> => {
    signal.addEventListener('abort', () => reject(signal.reason));
    hasStarted();
    return end;
  };
  return { run, started, end: (result: unknown) => resolve(result) };
}
