import type { StepRun } from '../../pipeline/steps/step-run.ts';
import { table } from '../print.ts';

const SAYS: Record<keyof StepRun['outcomes'], string> = {
  propose: 'another level proposed now',
  waiting: 'a proposal waits for a clinician',
  overdue: 'screening overdue',
  dwell: 'a rule holds, the level has not lasted long enough',
  'cannot-decide': 'cannot decide: answers are missing',
  stay: 'no rule holds',
  'decided-already': 'decided before on the same answers',
};

/** One run as a person reads it. */
export function stepsTable(run: StepRun): string {
  const outcomes = Object.entries(run.outcomes).map(([kind, count]) => [
    SAYS[kind as keyof StepRun['outcomes']],
    count,
  ]);
  const did: [string, number][] = [
    ['proposed', run.proposed],
    ['taken back', run.withdrawn],
    ['passed on, undecided', run.escalated],
    ['revoked, undecided', run.expired],
    ['plans ended', run.ended],
    ['decided plans marked as resting on an amended answer', run.marked],
    ['tasks given to somebody else', run.reassigned],
    ['half-done decisions completed', run.continued],
    ['failed', run.failed],
  ];
  const reasons = Object.entries(run.reasons).map(([reason, count]) => `${reason} ${count}`);
  return [
    `${run.dryRun ? 'Dry run: nothing was written. ' : ''}${run.persons} persons looked at, ${run.inCare} in stepped care; ${run.written} resources written in ${run.requests} requests.`,
    table(['courses now', 'how many'], outcomes as [string, number][]),
    table(['this run', 'how many'], did),
    ...(reasons.length === 0 ? [] : [`Reasons: ${reasons.join(', ')}.`]),
  ].join('\n\n');
}
