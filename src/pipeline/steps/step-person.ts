import type { StepRecord } from '../../domain/step-record.ts';
import { endCourse, followMerge, followPauses, pauseEndsMs } from './end-course.ts';
import { propose, type Said } from './propose.ts';
import { deadlinesOf, markDecided, reviewProposals, waitsToBeTold } from './review-proposals.ts';
import { settle } from './settle.ts';
import type { StepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';

/** Where nobody could be told that a decision is overdue, it is tried again after an hour. */
const TELL_AGAIN_MS = 3_600_000;

/** What one run makes of one person. */
export interface Stepped {
  readonly ledger: StepLedger;
  /** One for each course with a plan in force. */
  readonly said: readonly Said[];
  /** When time alone may change anything, milliseconds since 1970. */
  readonly wakeMs: number | undefined;
}

/** The order of the work, for one person at one moment: the same record at the same moment gives the same. */
export function stepPerson(record: StepRecord, context: StepContext): Stepped {
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  reviewProposals(ledger, context, true);
  markDecided(ledger, context);
  const said = ledger.charts().flatMap((chart) => propose(ledger, chart, context) ?? []);
  settle(ledger, context);
  const again = ledger.escalations.length === 0 ? undefined : context.moment.nowMs + TELL_AGAIN_MS;
  return {
    ledger,
    said,
    wakeMs: earliest([...said.map((it) => it.wakeMs), ...deadlines(ledger, context), again, pauseEndsMs(ledger)]),
  };
}

/** What was begun is ended, and what is over is closed, before anybody looks or decides. */
export function bringUpToDate(ledger: StepLedger, context: StepContext): void {
  settle(ledger, context);
  followMerge(ledger, context);
  endCourse(ledger, context);
  followPauses(ledger, context);
}

/**
 * What an earlier process left half done, to be written before anything else is begun: so that no plan is made and
 * closed in one go, which a second kill could cut in two. `undefined` where there is nothing of the kind.
 */
export function leftHalfDone(record: StepRecord, context: StepContext): StepLedger | undefined {
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  return ledger.changes().length === 0 ? undefined : ledger;
}

const deadlines = (ledger: StepLedger, context: StepContext): (number | undefined)[] =>
  ledger
    .charts()
    .flatMap((chart) => chart.open)
    .map((it) => {
      if (waitsToBeTold(it, ledger)) return undefined;
      const due = deadlinesOf(it, ledger, context);
      return due?.expireMs ?? due?.escalateMs;
    });

const earliest = (times: readonly (number | undefined)[]): number | undefined => {
  const known = times.filter((it) => it !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};
