import type { CarePlan } from 'fhir/r4.js';

/** What may happen to a proposal or to a plan. */
export type PlanEvent =
  /** A clinician approved the proposal. */
  | 'approve'
  /** A clinician said no, or chose another level. */
  | 'decline'
  | 'override'
  /** The proposal no longer follows from what is known. */
  | 'withdraw'
  /** Nobody decided in time. */
  | 'expire'
  /** The next level begins by an approved proposal, or by a clinician’s own choice. */
  | 'replace'
  | 'supersede'
  /** Care under the plan came to its end, or was broken off. */
  | 'finish'
  | 'end'
  /** The record was merged with another that has a plan of its own, and separated again. */
  | 'hold'
  | 'resume'
  /** Another deployment wrote the same at the same moment: this one never stood. */
  | 'mistake';

type Status = CarePlan['status'];
type Table = Readonly<Partial<Record<Status, Readonly<Partial<Record<PlanEvent, Status>>>>>>;

const PROPOSAL: Table = {
  draft: {
    approve: 'completed',
    decline: 'revoked',
    override: 'revoked',
    withdraw: 'revoked',
    expire: 'revoked',
    mistake: 'entered-in-error',
  },
};

const ENDING = {
  replace: 'completed',
  supersede: 'revoked',
  finish: 'completed',
  end: 'revoked',
  mistake: 'entered-in-error',
} as const;
const PLAN: Table = {
  active: { ...ENDING, hold: 'on-hold' },
  'on-hold': { ...ENDING, resume: 'active' },
};

const tableOf = (intent: CarePlan['intent']): Table =>
  intent === 'proposal' ? PROPOSAL : intent === 'plan' ? PLAN : {};

/** The status after an event; `undefined` where the event cannot happen to such a CarePlan. */
export const statusAfter = ({ intent, status }: Pick<CarePlan, 'intent' | 'status'>, event: PlanEvent) =>
  tableOf(intent)[status]?.[event];

/** An event that cannot happen to this CarePlan: nothing was changed. */
export class IllegalStepError extends Error {
  constructor(plan: CarePlan, event: PlanEvent) {
    super(`A ${plan.status} ${plan.intent} cannot be the object of “${event}”: CarePlan/${plan.id ?? ''}.`);
    this.name = 'IllegalStepError';
  }
}

/** The CarePlan after an event. @throws IllegalStepError where the event cannot happen to it */
export function moved(plan: CarePlan, event: PlanEvent): CarePlan {
  const status = statusAfter(plan, event);
  if (status === undefined) throw new IllegalStepError(plan, event);
  return { ...plan, status };
}
