import { Presets, SingleBar } from 'cli-progress';

/** A bar on a terminal, with rate and time left; silence where stderr is none. */
export function progressBar(
  label: string,
  unit = 'patients',
): { update: (done: number, of: number) => void; stop: () => void } {
  if (!process.stderr.isTTY) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage}% · {value}/{total} ${unit} · {rate}/s · {eta_formatted} left`,
      stream: process.stderr,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  const started = performance.now();
  let running = false;
  return {
    update: (done, of) => {
      if (of === 0) return;
      if (!running) bar.start(of, 0, { rate: '0' });
      running = true;
      bar.update(done, { rate: (done / Math.max(0.001, (performance.now() - started) / 1000)).toFixed(1) });
    },
    stop: () => running && bar.stop(),
  };
}
