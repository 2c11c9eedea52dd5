import type { CarePlan } from 'fhir/r4.js';
import { episodeOf, statusReasonOf } from '../../domain/care-plan.ts';
import { consented } from '../../domain/consent.ts';
import { readAuthored } from '../../domain/instant.ts';
import { presentPause, resumedPlan } from '../../domain/plan-pause.ts';
import type { PlanEvent } from '../../domain/plan-state.ts';
import { deathOf, plansOf, type StepRecord } from '../../domain/step-record.ts';
import { closePlan, mark } from './begin-level.ts';
import type { StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';

interface Ending {
  readonly event: PlanEvent;
  readonly code: string;
  /** An instant (UTC). */
  readonly at: string;
}

const OVER = new Set(['finished', 'cancelled']);

/** Why care under a plan is over; `undefined` where it goes on. Only a Consent that denies ends it, not a missing one. */
function endingOf(record: StepRecord, plan: CarePlan, context: StepContext): Ending | undefined {
  const { moment, settings, now } = context;
  const known = (text: string | undefined): string => {
    const at = readAuthored(text, moment.zone);
    return at?.precision === 'instant' && at.epochMs <= moment.nowMs ? new Date(at.epochMs).toISOString() : now;
  };
  const death = deathOf(record);
  if (death !== undefined) return { event: 'end', code: 'deceased', at: known(death.at) };
  if (!consented(record.consents, 'digital-follow-up', moment.nowMs, { required: [] }, moment.zone))
    return { event: 'end', code: 'consent-withdrawn', at: now };
  const episode = record.episodes.find((it) => `EpisodeOfCare/${it.id}` === episodeOf(plan, settings.baseUrl));
  if (episode !== undefined && OVER.has(episode.status))
    return { event: 'finish', code: 'episode-ended', at: known(episode.period?.end) };
  return undefined;
}

/** Ends the plans of who died, withdrew consent, or whose episode of care is over. */
export function endCourse(ledger: StepLedger, context: StepContext): void {
  for (const plan of plansOf(ledger.record).plans) {
    if (plan.status !== 'active' && plan.status !== 'on-hold') continue;
    const ending = endingOf(ledger.record, plan, context);
    if (ending === undefined) continue;
    const { event, code, at } = ending;
    const after = closePlan(ledger, plan, { event, reason: { code }, end: at }, context);
    ledger.say({ event: 'ended', targets: [after], at: context.now, reason: code });
    ledger.events.push(code);
  }
}

/**
 * Of records that the hospital merged, one plan is in force: that of the record which lives on; the other is held, not
 * ended, because records are separated again. Once they are, it goes on.
 */
export function followMerge(ledger: StepLedger, context: StepContext): void {
  const { record } = ledger;
  const { plans } = plansOf(record);
  const own = plans.some((it) => it.status === 'active' && it.subject.reference === record.subject);
  for (const plan of plans) {
    const foreign = plan.subject.reference !== record.subject;
    if (foreign && own && plan.status === 'active') {
      const after = mark(ledger, plan, 'hold', { code: 'merged' }, context);
      ledger.say({ event: 'held', targets: [after], at: context.now, reason: 'merged', part: context.now });
    }
    if (!foreign && plan.status === 'on-hold' && statusReasonOf(plan) === 'merged') {
      const after = mark(ledger, plan, 'resume', { code: 'unmerged' }, context);
      ledger.say({ event: 'resumed', targets: [after], at: context.now, reason: 'unmerged', part: context.now });
    }
  }
}

/** Goes on with what was paused until a day that has come. */
export function followPauses(ledger: StepLedger, context: StepContext): void {
  for (const plan of plansOf(ledger.record).plans) {
    const toMs = presentPause(plan)?.toMs;
    if (toMs === undefined || toMs > context.moment.nowMs) continue;
    const after = resumedPlan(plan, 'pause-over', new Date(toMs).toISOString(), context.display);
    ledger.plan('closing', after);
    ledger.say({ event: 'resumed', targets: [after], at: context.now, reason: 'pause-over', part: `${toMs}` });
  }
}

/** When the first of the present pauses ends by itself, milliseconds since 1970. */
export function pauseEndsMs(ledger: StepLedger): number | undefined {
  const ends = plansOf(ledger.record).plans.flatMap((it) => presentPause(it)?.toMs ?? []);
  return ends.length === 0 ? undefined : Math.min(...ends);
}
