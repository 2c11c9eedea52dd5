/** Time and memory of the analysis by cohort size, part by part: `npm run bench:cohort [patients …]`. */
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { GOLDEN_PLAN } from '../statistics/golden-cohort.ts';
import { simulatedCohort } from './simulated-cohort.ts';

const sizes = process.argv.slice(2).map(Number);
const plan = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 2000 },
  missing: { imputations: 50, deltas: [0, -1, -2, -3, -4, -5, -6, -7, -8, -9, -10] },
};

for (const size of sizes.length > 0 ? sizes : [184, 20_000]) {
  const data = simulatedCohort(size, 1);
  const parts: [string, number][] = [];
  const begun = performance.now();
  const before = process.cpuUsage();
  let peak = 0;
  analyseCohort(data, plan, {
    masked: false,
    reliableChange: [],
    onPart: (part) => {
      parts.push([part, performance.now()]);
      peak = Math.max(peak, process.memoryUsage.rss());
    },
  });
  const ended = performance.now();
  const { user, system } = process.cpuUsage(before);
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  process.stdout.write(
    `${size} patients, ${data.rows.length} ratings: ${seconds(ended - begun)} s (${seconds(
      (user + system) / 1000,
    )} s of processor), peak ${Math.round(Math.max(peak, process.resourceUsage().maxRSS * 1024) / 2 ** 20)} MB\n`,
  );
  for (const [i, [part, at]] of parts.entries())
    process.stdout.write(`  ${part.padEnd(14)} ${seconds((parts[i + 1]?.[1] ?? ended) - at)} s\n`);
}
