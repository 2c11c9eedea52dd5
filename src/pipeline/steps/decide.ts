import type { CarePlan } from 'fhir/r4.js';
import {
  type Decision,
  decisionOf,
  levelOf,
  type Position,
  positionsOf,
  ruleOf,
  statusReasonOf,
} from '../../domain/care-plan.ts';
import { decidedProposal } from '../../domain/care-plan-build.ts';
import type { LevelCode } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import { replacedBy, successorOf } from '../../domain/step-chart.ts';
import { type Barred, barredFrom, type StepRecord } from '../../domain/step-record.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { type Asked, type Doing, type NotDone, withPerson } from './held-person.ts';
import { markDecided, reviewProposals } from './review-proposals.ts';
import { planAfter, sayDecided, settle } from './settle.ts';
import { allDeciders, ruleNamed, type StepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';
import { bringUpToDate } from './step-person.ts';

/** What a named clinician decides about a proposal. */
export interface DecisionRequest {
  /** Id of the proposal. */
  readonly proposal: string;
  /** `Patient/…`: of nobody else, where it is said. */
  readonly patient?: string;
  readonly outcome: 'approved' | 'declined';
  /** `Practitioner/…` */
  readonly by: string;
  /** Required to decline. */
  readonly reason?: string;
  /** The operator whose command records it. */
  readonly enterer?: string;
}

/** Somebody, or something, came first. */
export interface Lost {
  readonly kind: 'lost';
  /** What became of it: `approved`, `declined`, `overridden`, `enrolled`, or a code of `CodeSystem/step-reason`. */
  readonly what: string;
  /** `Practitioner/…`; absent where no person decided. */
  readonly by?: string;
  /** An instant, where it is known. */
  readonly at?: string;
}

/** What came of a decision. */
export type Decided =
  | {
      readonly kind: 'decided';
      /** `CarePlan/…` of the plan in force now. */
      readonly plan: string | undefined;
      readonly level: LevelCode | undefined;
      /** The same person had decided the same before: nothing new was written. */
      readonly already: boolean;
    }
  | Lost
  | {
      readonly kind: 'not-allowed';
      readonly reason: Barred | 'reason-missing' | 'unknown-level' | 'same-level' | 'paused';
      /** Roles that may. */
      readonly deciders?: readonly string[];
    }
  | { readonly kind: 'agreement-missing'; readonly said: Position | undefined }
  | { readonly kind: 'not-found' }
  | NotDone;

/**
 * A named clinician approves or declines a proposal. What was overtaken by an amended answer, by a death or by another
 * clinician is not decided: the caller is told what happened.
 */
export async function decide(ports: AlliancePorts, request: DecisionRequest, doing: Doing): Promise<Decided> {
  if (request.outcome === 'declined' && !request.reason?.trim())
    return { kind: 'not-allowed', reason: 'reason-missing' };
  const standing = await ports.server.read('CarePlan', request.proposal);
  const patient = literal(standing?.subject, ports.context.settings.baseUrl);
  if (standing?.intent !== 'proposal' || patient === undefined || levelOf(standing) === undefined)
    return { kind: 'not-found' };
  if (request.patient !== undefined && request.patient !== patient) return { kind: 'not-found' };
  return withPerson<Decided>(ports, patient, doing, (record, context) => decideOn(record, request, context));
}

const found = (record: Pick<StepRecord, 'carePlans'>, id: string): CarePlan | undefined =>
  record.carePlans.find((it) => it.id === id);

/** The decision over a record, with what is to be written. */
export function decideOn(record: StepRecord, request: DecisionRequest, context: StepContext): Asked<Decided> {
  const { settings, display, moment, now } = context;
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  const before = found(record, request.proposal);
  const rule = ruleNamed(context, before === undefined ? undefined : ruleOf(before)?.action);
  const deciders = rule?.decision.deciders ?? allDeciders(context);
  const barred = barredFrom(ledger.record, request.by, deciders, moment, settings);
  if (barred !== undefined) return { result: { kind: 'not-allowed', reason: barred, deciders } };
  reviewProposals(ledger, context, false);
  markDecided(ledger, context);
  const proposal = found(ledger.record, request.proposal);
  if (proposal === undefined) return { result: { kind: 'not-found' } };
  if (proposal.status !== 'draft') return { ledger, result: settledBefore(ledger, proposal, request, context) };
  const said = positionsOf(proposal, settings.baseUrl).at(-1);
  if (request.outcome === 'approved' && rule?.decision.patientAgreementFirst === true && said?.kind !== 'agreed')
    return { result: { kind: 'agreement-missing', said } };
  const { outcome, by, reason, enterer } = request;
  const decision: Decision = {
    outcome,
    by,
    at: now,
    ...(reason === undefined ? {} : { reason }),
    ...(enterer === undefined ? {} : { enterer }),
  };
  const after = decidedProposal(proposal, decision, display);
  ledger.plan('proposal', after);
  settle(ledger, context);
  sayDecided(ledger, after, decision, planAfter(ledger, after, decision, settings.baseUrl));
  return { ledger, result: inForce(ledger, after, context, false) };
}

function inForce(ledger: StepLedger, proposal: CarePlan, context: StepContext, already: boolean): Decided {
  const chart = ledger.charts().find((it) => it.proposals.some((one) => one.id === proposal.id));
  const { plans = [], present } = chart ?? {};
  const former = plans.find((it) => replacedBy(proposal, context.settings.baseUrl).includes(`CarePlan/${it.id}`));
  const next = former === undefined ? undefined : successorOf(plans, former, context.settings.baseUrl);
  const plan = next ?? present;
  return {
    kind: 'decided',
    plan: plan === undefined ? undefined : `CarePlan/${plan.id}`,
    level: plan === undefined ? undefined : levelOf(plan),
    already,
  };
}

/** It waits no longer: decided by the same person in the same way before, or lost. */
function settledBefore(
  ledger: StepLedger,
  proposal: CarePlan,
  { by, outcome }: DecisionRequest,
  context: StepContext,
): Decided {
  const decision = decisionOf(proposal, context.settings.baseUrl);
  if (decision?.by === by && decision.outcome === outcome) return inForce(ledger, proposal, context, true);
  if (decision !== undefined) return { kind: 'lost', what: decision.outcome, by: decision.by, at: decision.at };
  return { kind: 'lost', what: statusReasonOf(proposal) ?? proposal.status };
}
