import type { CarePlan } from 'fhir/r4.js';
import { isPaused, pausedPlan, resumedPlan } from '../../domain/plan-pause.ts';
import { type Barred, barredFrom, plansOf, type StepRecord } from '../../domain/step-record.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { type Asked, type Doing, type NotDone, withPerson } from './held-person.ts';
import { reviewProposals } from './review-proposals.ts';
import { settle } from './settle.ts';
import { allDeciders, type StepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';
import { bringUpToDate } from './step-person.ts';

/** A named clinician interrupts stepped care, or goes on with it. */
export interface PauseRequest {
  /** `Patient/…` */
  readonly patient: string;
  /** `Practitioner/…` */
  readonly by: string;
  readonly reason: string;
  /** Local date from which the patient is asked again. */
  readonly until?: string;
}

export type Paused =
  /** `already`: it was so before, and nothing was written. */
  | { readonly kind: 'done'; readonly plan: string; readonly already: boolean }
  | { readonly kind: 'not-allowed'; readonly reason: Barred | 'reason-missing' | 'until-past' | 'no-plan' }
  | { readonly kind: 'not-found' }
  | NotDone;

/**
 * Puts the plan in force on hold: nothing is asked, no step is proposed, open proposals are withdrawn. Signs of danger
 * are watched as ever, and the study, where the patient is in one, asks at its visits all the same.
 */
export async function pause(ports: AlliancePorts, request: PauseRequest, doing: Doing): Promise<Paused> {
  if (request.reason.trim() === '') return { kind: 'not-allowed', reason: 'reason-missing' };
  return withPerson<Paused>(ports, request.patient, doing, (record, context) => pauseOn(record, request, context));
}

/** Goes on with the plan that was paused, at the level at which it was. */
export const resume = (ports: AlliancePorts, request: Omit<PauseRequest, 'until'>, doing: Doing): Promise<Paused> =>
  withPerson<Paused>(ports, request.patient, doing, (record, context) => resumeOn(record, request, context));

const done = (plan: CarePlan, already: boolean): Paused => ({ kind: 'done', plan: `CarePlan/${plan.id}`, already });

function barred(record: StepRecord, by: string, context: StepContext): Paused | undefined {
  if (record.patient === undefined) return { kind: 'not-found' };
  const reason = barredFrom(record, by, allDeciders(context), context.moment, context.settings);
  return reason === undefined ? undefined : { kind: 'not-allowed', reason };
}

/** The pause over a record, with what is to be written. */
export function pauseOn(record: StepRecord, request: PauseRequest, context: StepContext): Asked<Paused> {
  const { by, until } = request;
  const reason = request.reason.trim();
  const refused = barred(record, by, context);
  if (refused !== undefined) return { result: refused };
  const { now, moment, display } = context;
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  const inForce = ledger.charts().flatMap((it) => it.present ?? []);
  const held = plansOf(ledger.record).plans.find(isPaused);
  const [present] = inForce;
  if (present === undefined)
    return { ledger, result: held === undefined ? { kind: 'not-allowed', reason: 'no-plan' } : done(held, true) };
  const pausing = { at: now, reason, ...(until === undefined ? {} : { until }) };
  for (const plan of inForce) {
    const after = pausedPlan(plan, pausing, moment.zone, display);
    const end = after.extension?.at(-1)?.valuePeriod?.end;
    if (end !== undefined && Date.parse(end) <= moment.nowMs)
      return { result: { kind: 'not-allowed', reason: 'until-past' } };
    ledger.plan('closing', after);
    ledger.say({ event: 'held', targets: [after], at: now, by, reason, part: now });
  }
  reviewProposals(ledger, context, false);
  settle(ledger, context);
  return { ledger, result: done(present, false) };
}

/** The end of a pause over a record, with what is to be written. */
export function resumeOn(
  record: StepRecord,
  { by, reason }: Omit<PauseRequest, 'until'>,
  context: StepContext,
): Asked<Paused> {
  const refused = barred(record, by, context);
  if (refused !== undefined) return { result: refused };
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  const held = plansOf(ledger.record).plans.filter(isPaused);
  const [first] = held;
  if (first === undefined) {
    const present = ledger.charts().find((it) => it.present !== undefined)?.present;
    return {
      ledger,
      result: present === undefined ? { kind: 'not-allowed', reason: 'no-plan' } : done(present, true),
    };
  }
  for (const plan of held) {
    const after = resumedPlan(plan, 'resumed', context.now, context.display);
    ledger.plan('closing', after);
    const said = reason.trim() === '' ? {} : { reason: reason.trim() };
    ledger.say({ event: 'resumed', targets: [after], at: context.now, by, part: context.now, ...said });
  }
  return { ledger, result: done(first, false) };
}
