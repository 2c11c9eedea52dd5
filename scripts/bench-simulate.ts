/**
 * `npm run bench:simulate [-- --patients 2000 --months 12]`: a simulated cohort on HAPI with PostgreSQL, weekly ticks. Prints
 * requests and seconds for a patient-year, and how the time is shared between the jobs and the server.
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { table } from '../src/cli/print.ts';
import { perPatientYear, total, type Year } from '../src/simulation/year.ts';
import { vincle } from '../tests/faults/vincle.ts';
import { startHapi } from '../tests/hapi/rig/hapi.ts';
import { startPostgres } from '../tests/hapi/rig/postgres.ts';

const { values } = parseArgs({
  options: { patients: { type: 'string', default: '2000' }, months: { type: 'string', default: '12' } },
});
const postgres = await startPostgres();
const hapi = await startHapi({ database: { postgres: postgres.url }, tuning: 'throughput', heap: '2g' });
try {
  const before = process.resourceUsage();
  const args = ['simulate', '--patients', values.patients, '--months', values.months, '--json'];
  const { code, stdout, stderr } = await vincle(args, {
    FHIR_BASE_URL: hapi.baseUrl,
    FHIR_COMMIT_LAG_SECONDS: '2',
    LOG_LEVEL: 'silent',
  });
  if (stdout === '') throw new Error(`simulate ended with ${code}: ${stderr}`);
  const year: Year = JSON.parse(stdout);
  const cost = perPatientYear(year);
  const rows = Object.entries(year.jobs).map(([job, it]) => [
    job,
    it.requests,
    Number(it.seconds.toFixed(1)),
    Number(((1000 * it.seconds) / it.requests).toFixed(0)),
  ]);
  process.stdout.write(
    `${table(['job', 'requests', 'seconds', 'ms a request'], rows)}\n\n` +
      `${year.patients} patients, ${year.months} months: ${cost.requests.toFixed(1)} requests and ${cost.seconds.toFixed(2)} s of the jobs for a patient-year; ` +
      `${total(year, 'answers')} answers, ${total(year, 'asked')} forms asked, ${total(year, 'proposed')} proposals, ${total(year, 'signs')} signs.\n` +
      `${year.violations.length} invariants broken in ${year.checked} checks. ${year.seconds.toFixed(0)} s in all, the hospital and the staff included; this process used ${((process.resourceUsage().userCPUTime - before.userCPUTime) / 1e6).toFixed(1)} s.\n` +
      `HAPI 8.8.0, PostgreSQL without fsync, Node ${process.versions.node}, ${cpus().length} cores shared by all three.\n`,
  );
  process.exitCode = code;
} finally {
  await hapi.stop();
  await postgres.stop();
}
