import type { CarePlan, Coding, Task } from 'fhir/r4.js';
import {
  activePlan,
  afterEvent,
  closedPlan,
  type PlanFrame,
  type Reason,
  reasonConcept,
} from '../../domain/care-plan-build.ts';
import { TAG } from '../../domain/derived-observation.ts';
import type { PlanEvent } from '../../domain/plan-state.ts';
import type { Level } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import { careTeamsOf, deciderOf, type StepRecord } from '../../domain/step-record.ts';
import { activityTask, activityUrl, droppedTask, isActivityTask, isOpen } from '../../domain/step-tasks.ts';
import { activitiesOf, type StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';

/** What is done for a synthetic patient is synthetic. */
function tagsOf(record: StepRecord): Coding[] {
  const tags = record.patients.flatMap((it) => it.meta?.tag ?? []);
  return tags.filter((it) => it.system === TAG && it.code === 'synthetic').slice(0, 1);
}

export const frameOf = (record: StepRecord, episode: string | undefined, context: StepContext): PlanFrame => ({
  patient: record.subject,
  episode,
  protocol: context.protocol,
  careTeams: careTeamsOf(record),
  tags: tagsOf(record),
  display: context.display,
});

/** The Tasks of a plan’s activities. */
export const activityTasksOf = (record: StepRecord, plan: CarePlan, baseUrl: string): Task[] => {
  const named = new Set((plan.activity ?? []).flatMap((it) => literal(it.reference, baseUrl) ?? []));
  return record.tasks.filter((it) => isActivityTask(it) && named.has(`Task/${it.id}`));
};

export interface Begin {
  readonly id: string;
  readonly level: Level;
  readonly episode: string | undefined;
  readonly by: string;
  readonly at: string;
  readonly replaces?: CarePlan;
  readonly basedOn?: CarePlan;
}

/** The new plan with the Tasks of its level: what the patient has already goes on. */
export function beginLevel(ledger: StepLedger, begin: Begin, context: StepContext): CarePlan {
  const { settings, display, moment } = context;
  const { record } = ledger;
  const standing = begin.replaces === undefined ? [] : activityTasksOf(record, begin.replaces, settings.baseUrl);
  const tasks = activitiesOf(context, begin.level).map((canonical) => {
    const url = activityUrl(canonical);
    const going = standing.find(
      (it) => it.status !== 'cancelled' && activityUrl(it.instantiatesCanonical ?? '') === url,
    );
    if (going !== undefined) return going;
    const fresh = activityTask(
      context.activity(canonical),
      { plan: begin.id, patient: record.subject, by: begin.by, at: begin.at },
      deciderOf(record, [], moment, settings),
      display,
    );
    const known = record.tasks.find((it) => it.identifier?.some((own) => own.value === fresh.id));
    // Written by a process that was killed before it wrote the plan, and cancelled since: it begins now.
    const revived = known?.status === 'cancelled' ? { ...known, status: 'requested' as const } : undefined;
    if (known === undefined || revived !== undefined) ledger.task('activity', revived ?? fresh);
    return known ?? fresh;
  });
  const plan = activePlan(frameOf(record, begin.episode, context), {
    ...begin,
    activities: tasks.map((it) => `Task/${it.id}`),
  });
  ledger.plan('plan', plan);
  return plan;
}

/** Ends a plan, and those of its activities that no plan in force goes on with. */
export function closePlan(
  ledger: StepLedger,
  plan: CarePlan,
  closing: { readonly event: PlanEvent; readonly reason: Reason; readonly end: string; readonly next?: CarePlan },
  context: StepContext,
): CarePlan {
  const { settings, display } = context;
  const after = closedPlan(plan, closing.event, closing.reason, closing.end, display);
  const kept = closing.next === undefined ? [] : activityTasksOf(ledger.record, closing.next, settings.baseUrl);
  const keeps = new Set(kept.map((it) => it.id));
  for (const task of activityTasksOf(ledger.record, plan, settings.baseUrl))
    if (isOpen(task) && !keeps.has(task.id))
      ledger.task('task', droppedTask(task, reasonConcept(closing.reason, display), false, display));
  ledger.plan('closing', after);
  return after;
}

/** A proposal or plan after an event that ends or interrupts nothing else. */
export function mark(
  ledger: StepLedger,
  plan: CarePlan,
  event: PlanEvent,
  reason: Reason,
  context: StepContext,
): CarePlan {
  const after = afterEvent(plan, event, reason, context.display);
  ledger.plan(plan.intent === 'proposal' ? 'proposal' : 'closing', after);
  return after;
}
