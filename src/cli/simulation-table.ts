import { perPatientYear, total, type Year } from '../simulation/year.ts';
import { table } from './print.ts';

const monthOf = (date: string): string => date.slice(0, 7);

/** What care looked like month by month, what it cost, and what broke. */
export function simulationTable(year: Year): string {
  const { levels, ticks, violations } = year;
  const months = [...new Set(ticks.map((it) => monthOf(it.date)))];
  const rows = months.map((month) => {
    const within = ticks.filter((it) => monthOf(it.date) === month);
    const sum = (of: (it: (typeof ticks)[number]) => number) => within.reduce((all, it) => all + of(it), 0);
    const last = within.at(-1);
    return [
      month,
      ...levels.map((level) => last?.levels[level] ?? 0),
      sum((it) => it.answers),
      sum((it) => it.expired),
      sum((it) => it.proposed),
      sum((it) => it.approved),
      sum((it) => it.declined),
      sum((it) => it.revoked),
      sum((it) => it.signs),
    ];
  });
  const cost = perPatientYear(year);
  const jobs = Object.entries(year.jobs).map(([job, it]) => [job, it.requests, Number(it.seconds.toFixed(1))]);
  return [
    `${year.patients} synthetic patients, ${year.months} months, seed ${year.seed}: ${total(year, 'asked')} forms asked, ${total(year, 'reminded')} reminders, ${total(year, 'escalations')} escalations`,
    '',
    table(['month', ...levels, 'answers', 'expired', 'proposed', 'approved', 'declined', 'revoked', 'signs'], rows),
    '',
    table(['job', 'requests', 'seconds'], jobs),
    '',
    `For a patient and year: ${cost.requests.toFixed(1)} requests, ${cost.seconds.toFixed(2)} s of the jobs.`,
    violations.length === 0
      ? `Every invariant held on each of the ${year.checked} times that a tick touched a patient.`
      : `${violations.length} invariants were broken:\n${violations.map((it) => `  ${it.patient}: ${it.rule} (${it.where})`).join('\n')}`,
  ].join('\n');
}
