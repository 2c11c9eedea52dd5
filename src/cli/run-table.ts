import type { AllianceRun } from '../pipeline/alliance-run.ts';
import { table } from './print.ts';

const LINES: readonly [label: string, key: keyof AllianceRun][] = [
  ['responses read', 'read'],
  ['  of patients outside the programme', 'outside'],
  ['  of forms nobody here knows', 'ignored'],
  ['scored', 'scored'],
  ['too little answered for a total', 'unscorable'],
  ['refused, a person is asked', 'refused'],
  ['not finished yet', 'unfinished'],
  ['copies of a response that counts', 'duplicates'],
  ['without consent', 'noConsent'],
  ['patients computed', 'patients'],
  ['dyads', 'dyads'],
  ['changes', 'changes'],
  ['resources written', 'written'],
  ['resources unchanged', 'unchanged'],
  ['Observations withdrawn', 'withdrawn'],
  ['patients left for the next run', 'failed'],
  ['HTTP requests', 'requests'],
];

/** One run as a person reads it: what was read, what became of it, why something was not. */
export function runTable(run: AllianceRun): string {
  const rows = LINES.filter(([, key]) => run[key] !== 0 || ['read', 'scored', 'written'].includes(key)).map(
    ([label, key]) => [label, Number(run[key])],
  );
  const reasons = Object.entries(run.reasons).sort(([, a], [, b]) => b - a);
  const kind = `${run.full ? 'everything' : 'what was new'}${run.dryRun ? ', nothing written' : ''}`;
  return [
    `Alliance run over ${kind}, ${(run.durationMs / 1000).toFixed(1)} s, seen up to ${run.checkpoint}`,
    table(['', 'count'], rows),
    ...(reasons.length === 0 ? [] : ['', table(['reason', 'count'], reasons)]),
  ].join('\n');
}
