import type { ScheduleRun } from '../pipeline/schedule/schedule-run.ts';
import { table } from './print.ts';

const LINES: readonly [label: string, key: keyof ScheduleRun][] = [
  ['persons looked at', 'persons'],
  ['Tasks made', 'created'],
  ['opened', 'opened'],
  ['begun', 'begun'],
  ['completed', 'completed'],
  ['expired', 'expired'],
  ['cancelled', 'cancelled'],
  ['changed otherwise', 'moved'],
  ['reminders delivered', 'reminded'],
  ['reminders not delivered', 'undelivered'],
  ['forms without a therapist to ask', 'withoutTherapist'],
  ['resources written', 'written'],
  ['persons left for the next run', 'failed'],
  ['HTTP requests', 'requests'],
];

/** One run as a person reads it. */
export function scheduleTable(run: ScheduleRun): string {
  const rows = LINES.filter(([, key]) => run[key] !== 0 || ['persons', 'written'].includes(key)).map(([label, key]) => [
    label,
    Number(run[key]),
  ]);
  const kind = `${run.full ? 'everybody' : 'whoever was due'}${run.dryRun ? ', nothing written' : ''}`;
  const reasons = Object.entries(run.notReminded).sort(([, a], [, b]) => b - a);
  return [
    `Schedule run over ${kind}, ${(run.durationMs / 1000).toFixed(1)} s${run.checkpoint === '' ? '' : `, seen up to ${run.checkpoint}`}`,
    table(['', 'count'], rows),
    ...(reasons.length === 0 ? [] : ['', table(['not reminded because', 'count'], reasons)]),
  ].join('\n');
}
