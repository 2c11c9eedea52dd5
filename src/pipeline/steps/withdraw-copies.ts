import type { CarePlan } from 'fhir/r4.js';
import { POSITION } from '../../domain/care-plan.ts';
import { afterEvent, reasonConcept } from '../../domain/care-plan-build.ts';
import { statusAfter } from '../../domain/plan-state.ts';
import { CARE_PLAN_IDENTIFIER } from '../../domain/step-identity.ts';
import { droppedTask, isDecideTask, isOpen } from '../../domain/step-tasks.ts';
import type { StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';

const identityOf = (plan: CarePlan): string | undefined =>
  plan.identifier?.find((it) => it.system === CARE_PLAN_IDENTIFIER)?.value;

/** Whether it is still to be decided, or in force. */
const isOpenPlan = (plan: CarePlan): boolean => statusAfter(plan, 'mistake') !== undefined;

/** What was decided or ended stays before what is open; else what was made first, whoever looks. */
const order = (a: CarePlan, b: CarePlan): number =>
  Number(isOpenPlan(a)) - Number(isOpenPlan(b)) ||
  (a.created ?? '').localeCompare(b.created ?? '') ||
  (a.id ?? '').localeCompare(b.id ?? '');

/**
 * Two deployments that share no state may both write one CarePlan on a server that gives ids of its own and does not keep
 * a conditional create to one. Of those with one identity the first stays; the open others are entered in error, and what
 * a patient said about them goes over to the one that stays.
 */
export function withdrawCopies(ledger: StepLedger, context: StepContext): void {
  const known = ledger.record.carePlans.filter(
    (it) => it.status !== 'entered-in-error' && identityOf(it) !== undefined,
  );
  for (const group of Map.groupBy(known, identityOf).values()) {
    const [kept, ...copies] = group.toSorted(order);
    if (kept === undefined) continue;
    for (const copy of copies.filter(isOpenPlan)) withdrawCopy(ledger, kept.id ?? '', copy, context);
  }
}

function withdrawCopy(ledger: StepLedger, keptId: string, copy: CarePlan, context: StepContext): void {
  const { display, now } = context;
  const reason = { code: 'duplicate' };
  const kept = ledger.record.carePlans.find((it) => it.id === keptId);
  const after = kept === undefined ? undefined : withSaid(kept, copy);
  if (after !== undefined) ledger.plan(after.intent === 'proposal' ? 'proposal' : 'plan', after);
  ledger.plan('closing', afterEvent(copy, 'mistake', reason, display));
  for (const task of ledger.record.tasks)
    if (isDecideTask(task) && isOpen(task) && task.focus?.reference?.endsWith(`CarePlan/${copy.id}`))
      ledger.task('task', droppedTask(task, reasonConcept(reason, display), false, display));
  ledger.say({
    event: copy.intent === 'proposal' ? 'withdrawn' : 'ended',
    targets: [copy],
    at: now,
    reason: reason.code,
    ...(kept === undefined ? {} : { sources: [`CarePlan/${kept.id}`] }),
  });
}

/** With what the patient said about the copy; `undefined` where that is nothing new, or the plan is closed. */
function withSaid(kept: CarePlan, copy: CarePlan): CarePlan | undefined {
  const known = new Set((kept.extension ?? []).map((it) => JSON.stringify(it)));
  const said = (copy.extension ?? []).filter((it) => it.url === POSITION && !known.has(JSON.stringify(it)));
  if (said.length === 0 || !isOpenPlan(kept)) return undefined;
  return { ...kept, extension: [...(kept.extension ?? []), ...said] };
}
