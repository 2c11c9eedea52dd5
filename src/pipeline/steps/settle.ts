import type { CarePlan, Task } from 'fhir/r4.js';
import { type Decision, decisionOf, levelOf, positionsOf, ruleOf, statusReasonOf } from '../../domain/care-plan.ts';
import { reasonConcept } from '../../domain/care-plan-build.ts';
import { statusAfter } from '../../domain/plan-state.ts';
import { literal } from '../../domain/reference.ts';
import { beganMs, type Chart, replacedBy, successorOf } from '../../domain/step-chart.ts';
import { successorId } from '../../domain/step-identity.ts';
import { barredFrom, deciderOf } from '../../domain/step-record.ts';
import {
  contestedTask,
  decideTask,
  droppedTask,
  isActivityTask,
  isDecideTask,
  isOpen,
  reassigned,
  settledTask,
} from '../../domain/step-tasks.ts';
import { beginLevel, closePlan } from './begin-level.ts';
import { allDeciders, levelNamed, ruleNamed, type StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';
import { withdrawCopies } from './withdraw-copies.ts';

/**
 * Brings to its end what was begun: a decision without its plan, a plan whose predecessor is still open, a Task whose
 * proposal waits no longer. The same whether it was begun a moment ago or by a process that was killed.
 */
export function settle(ledger: StepLedger, context: StepContext): void {
  withdrawCopies(ledger, context);
  for (const chart of ledger.charts()) continueDecisions(ledger, chart, context);
  for (const chart of ledger.charts()) closeFormer(ledger, chart, context);
  for (const chart of ledger.charts()) for (const it of chart.proposals) settleTask(ledger, it, context);
  dropOrphans(ledger, context);
}

/** Activities of no plan in force: whoever began or ended it was killed before. */
function dropOrphans(ledger: StepLedger, { settings, display }: StepContext): void {
  const named = new Set(
    ledger.record.carePlans
      .filter((it) => it.status === 'active' || it.status === 'on-hold')
      .flatMap((it) => (it.activity ?? []).flatMap((one) => literal(one.reference, settings.baseUrl) ?? [])),
  );
  for (const task of ledger.record.tasks)
    if (isActivityTask(task) && isOpen(task) && !named.has(`Task/${task.id}`))
      ledger.task('task', droppedTask(task, reasonConcept({ code: 'level-changed' }, display), false, display));
}

const DECIDED = new Set(['approved', 'overridden']);

/** Writes the plan of every decision that has none: the one plan that may follow the former. */
function continueDecisions(ledger: StepLedger, chart: Chart, context: StepContext): void {
  const { baseUrl } = context.settings;
  for (const proposal of chart.proposals) {
    const decision = decisionOf(proposal, baseUrl);
    const level = levelNamed(context, decision?.level ?? levelOf(proposal));
    if (decision === undefined || !DECIDED.has(decision.outcome) || level === undefined) continue;
    if (!mayHaveDecided(ledger, proposal, decision, context)) continue;
    const former = chart.plans.find((it) => replacedBy(proposal, baseUrl).includes(`CarePlan/${it.id}`));
    if (former === undefined || statusAfter(former, 'replace') === undefined) continue;
    if (successorOf(chart.plans, former, baseUrl) !== undefined) continue;
    beginLevel(
      ledger,
      {
        id: successorId(former.id ?? ''),
        level,
        episode: chart.episode,
        by: decision.by,
        at: notBefore(former, decision.at),
        replaces: former,
        ...(decision.outcome === 'approved' ? { basedOn: proposal } : {}),
      },
      context,
    );
  }
}

/**
 * Whether whoever the CarePlan names might decide then: another system may have written the decision, and nobody is moved
 * to another level by somebody who may not.
 */
function mayHaveDecided(ledger: StepLedger, proposal: CarePlan, decision: Decision, context: StepContext): boolean {
  const { settings, moment } = context;
  const rule = ruleNamed(context, ruleOf(proposal)?.action);
  const deciders = rule?.decision.deciders ?? allDeciders(context);
  const then = { ...moment, nowMs: Date.parse(decision.at) };
  if (barredFrom(ledger.record, decision.by, deciders, then, settings) !== undefined) return false;
  const asks = decision.outcome === 'approved' && rule?.decision.patientAgreementFirst === true;
  return !asks || positionsOf(proposal, settings.baseUrl).at(-1)?.kind === 'agreed';
}

/** Written by another system in the name of somebody who might not decide, while the level is still what it was: a person must look. */
function isIneffective(ledger: StepLedger, proposal: CarePlan, decision: Decision, context: StepContext): boolean {
  if (!DECIDED.has(decision.outcome) || mayHaveDecided(ledger, proposal, decision, context)) return false;
  const former = replacedBy(proposal, context.settings.baseUrl);
  return ledger.record.carePlans.some(
    (it) => former.includes(`CarePlan/${it.id}`) && statusAfter(it, 'replace') !== undefined,
  );
}

/** A clock that went back must not let a plan begin before the one it replaces. */
export const notBefore = (former: CarePlan, at: string): string =>
  new Date(Math.max(Date.parse(at), beganMs(former))).toISOString();

/** Ends each plan that another took over from, at the instant the other began; and all but one of several in force. */
function closeFormer(ledger: StepLedger, chart: Chart, context: StepContext): void {
  const { baseUrl } = context.settings;
  for (const plan of chart.plans) {
    if (statusAfter(plan, 'replace') === undefined) continue;
    const next = successorOf(chart.plans, plan, baseUrl);
    const end = next?.period?.start;
    if (next !== undefined && end !== undefined) {
      const approved = next.basedOn !== undefined;
      const event = approved ? 'replace' : 'supersede';
      closePlan(ledger, plan, { event, reason: { code: approved ? 'replaced' : 'overridden' }, end, next }, context);
      sayDecision(ledger, next, plan, chart, context);
    } else if (plan.status === 'active' && chart.present !== undefined && plan.id !== chart.present.id) {
      if (plan.subject.reference !== chart.present.subject.reference) continue;
      closePlan(
        ledger,
        plan,
        { event: 'end', reason: { code: 'duplicate' }, end: context.now, next: chart.present },
        context,
      );
      ledger.say({ event: 'ended', targets: [plan], at: context.now, reason: 'duplicate' });
    }
  }
}

/** Who decided that one plan follows another, as the plan or its proposal says. */
function sayDecision(ledger: StepLedger, next: CarePlan, former: CarePlan, chart: Chart, context: StepContext): void {
  const { baseUrl } = context.settings;
  const proposal = chart.proposals.find((it) => {
    const decision = decisionOf(it, baseUrl);
    return (
      decision !== undefined &&
      DECIDED.has(decision.outcome) &&
      replacedBy(it, baseUrl).includes(`CarePlan/${former.id}`)
    );
  });
  if (proposal !== undefined) {
    sayDecided(ledger, proposal, decisionOf(proposal, baseUrl), next);
    return;
  }
  const by = literal(next.author, baseUrl);
  const reason = next.note?.[0]?.text;
  ledger.say({
    event: 'overridden',
    targets: [next],
    at: next.created ?? context.now,
    ...(by === undefined ? {} : { by }),
    sources: [`CarePlan/${former.id}`],
    ...(reason === undefined ? {} : { reason }),
  });
}

/** The Provenance of what a named clinician decided about a proposal. */
export function sayDecided(
  ledger: StepLedger,
  proposal: CarePlan,
  decision: Decision | undefined,
  next: CarePlan | undefined,
): void {
  if (decision === undefined) return;
  const { outcome, by, at, reason, enterer } = decision;
  ledger.say({
    event: outcome,
    targets: next === undefined ? [proposal] : [proposal, next],
    at,
    by,
    sources: (proposal.supportingInfo ?? []).flatMap((it) => it.reference ?? []),
    ...(reason === undefined ? {} : { reason }),
    ...(enterer === undefined ? {} : { enterer }),
  });
}

/** The decide-step Task of a proposal follows it: open while it waits, with somebody who can decide; else closed. */
function settleTask(ledger: StepLedger, proposal: CarePlan, context: StepContext): void {
  const task = ledger.record.tasks.find((it) => isDecideTask(it) && aboutIt(it.focus?.reference, proposal));
  if (proposal.status === 'draft') waiting(ledger, proposal, task, context);
  else closeTask(ledger, proposal, task, context);
}

/** A Task that is closed says that everything about its proposal was written: one that is open, or missing, that it was not. */
function closeTask(ledger: StepLedger, proposal: CarePlan, standing: Task | undefined, context: StepContext): void {
  const { settings, display } = context;
  if (standing !== undefined && !isOpen(standing)) return;
  const task = standing ?? taskFor(ledger, proposal, context);
  if (standing === undefined) sayProposed(ledger, proposal);
  const decision = decisionOf(proposal, settings.baseUrl);
  if (decision !== undefined && isIneffective(ledger, proposal, decision, context)) {
    ledger.task('task', contestedTask(task, decision.by));
    return;
  }
  if (decision !== undefined) {
    ledger.task('task', settledTask(task, decision.by, decision.at));
    sayDecided(ledger, proposal, decision, planAfter(ledger, proposal, decision, settings.baseUrl));
    return;
  }
  const code = statusReasonOf(proposal) ?? 'level-changed';
  const expired = code === 'undecided';
  ledger.task('task', droppedTask(task, reasonConcept({ code }, display), expired, display));
  ledger.say({ event: expired ? 'expired' : 'withdrawn', targets: [proposal], at: context.now, reason: code });
}

/** The plan that began by what was decided about a proposal: approved, or another level chosen instead. */
export function planAfter(
  ledger: StepLedger,
  proposal: CarePlan,
  decision: Decision,
  baseUrl: string,
): CarePlan | undefined {
  if (decision.outcome === 'declined') return undefined;
  const former = replacedBy(proposal, baseUrl);
  return ledger.record.carePlans.find(
    (it) => it.intent === 'plan' && replacedBy(it, baseUrl).some((one) => former.includes(one)),
  );
}

/** The Task of a proposal; where its rule is of another version of the protocol, due at once. */
function taskFor(ledger: StepLedger, proposal: CarePlan, context: StepContext): Task {
  const { settings, display, moment } = context;
  const rule = ruleNamed(context, ruleOf(proposal)?.action);
  const deciders = rule?.decision.deciders ?? [];
  const within = {
    decideWithinDays: rule?.decision.decideWithinDays ?? 0,
    direction: rule?.direction ?? ('up' as const),
  };
  return decideTask(proposal, within, deciderOf(ledger.record, deciders, moment, settings), display);
}

const aboutIt = (focus: string | undefined, proposal: CarePlan): boolean =>
  focus?.endsWith(`CarePlan/${proposal.id}`) ?? false;

function waiting(ledger: StepLedger, proposal: CarePlan, task: Task | undefined, context: StepContext): void {
  const rule = ruleNamed(context, ruleOf(proposal)?.action);
  if (rule === undefined) return;
  const { record } = ledger;
  const { settings, moment } = context;
  if (task === undefined) {
    ledger.task('task', taskFor(ledger, proposal, context));
    sayProposed(ledger, proposal);
    return;
  }
  const now = literal(task.owner, settings.baseUrl);
  const gone =
    now?.startsWith('Practitioner/') === true &&
    barredFrom(record, now, rule.decision.deciders, moment, settings) !== undefined;
  const next = gone ? deciderOf(record, rule.decision.deciders, moment, settings) : now;
  if (!isOpen(task) || next === now) return;
  ledger.task('task', reassigned(task, next));
  ledger.events.push('reassigned');
}

const sayProposed = (ledger: StepLedger, proposal: CarePlan): void =>
  ledger.say({
    event: 'proposed',
    targets: [proposal],
    at: proposal.created ?? '',
    sources: (proposal.supportingInfo ?? []).flatMap((it) => it.reference ?? []),
  });
