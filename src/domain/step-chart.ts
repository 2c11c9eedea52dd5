import type { CarePlan } from 'fhir/r4.js';
import { decisionOf, episodeOf } from './care-plan.ts';
import { readAuthored } from './instant.ts';
import { literal } from './reference.ts';
import { plansOf, type StepRecord } from './step-record.ts';

/** The course of stepped care of one person and episode. */
export interface Chart {
  /** `EpisodeOfCare/…`; absent where the plans name none. */
  readonly episode: string | undefined;
  /** Oldest first. */
  readonly plans: readonly CarePlan[];
  readonly proposals: readonly CarePlan[];
  /** The plan in force. */
  readonly present: CarePlan | undefined;
  /** Proposals that wait for a decision, oldest first. */
  readonly open: readonly CarePlan[];
  /** Start of the first plan of the course that goes on now, milliseconds since 1970. */
  readonly enrolledMs: number | undefined;
}

const startOf = (plan: CarePlan): number => readAuthored(plan.period?.start, 'UTC')?.epochMs ?? 0;
const createdOf = (plan: CarePlan): number => readAuthored(plan.created, 'UTC')?.epochMs ?? 0;
const id = (plan: CarePlan): string => `CarePlan/${plan.id}`;

/** `CarePlan/…` that this one takes over from. */
export const replacedBy = (plan: CarePlan, baseUrl: string): string[] =>
  (plan.replaces ?? []).flatMap((it) => literal(it, baseUrl) ?? []);

/** The plan that took over from another, if any did. */
export const successorOf = (plans: readonly CarePlan[], plan: CarePlan, baseUrl: string): CarePlan | undefined =>
  plans.find((it) => replacedBy(it, baseUrl).includes(id(plan)));

/** The courses of one person, one for each episode that any CarePlan names. */
export function chartsOf(record: StepRecord, baseUrl: string): Chart[] {
  const { plans, proposals } = plansOf(record);
  const episodes = new Set([...plans, ...proposals].map((it) => episodeOf(it, baseUrl)));
  return [...episodes].map((episode) => {
    const own = (all: readonly CarePlan[]) => all.filter((it) => episodeOf(it, baseUrl) === episode);
    return chartOf(episode, own(plans), own(proposals), baseUrl);
  });
}

/** The chart of one episode. Of several active plans the one in force is that which no other took over from. */
export function chartOf(
  episode: string | undefined,
  plans: readonly CarePlan[],
  proposals: readonly CarePlan[],
  baseUrl: string,
): Chart {
  const byStart = plans.toSorted((a, b) => startOf(a) - startOf(b) || (a.id ?? '').localeCompare(b.id ?? ''));
  const active = byStart.filter((it) => it.status === 'active');
  const present = active.filter((it) => successorOf(plans, it, baseUrl) === undefined).at(-1) ?? active.at(-1);
  const created = proposals.toSorted((a, b) => createdOf(a) - createdOf(b) || (a.id ?? '').localeCompare(b.id ?? ''));
  return {
    episode,
    plans: byStart,
    proposals: created,
    present,
    open: created.filter((it) => it.status === 'draft'),
    enrolledMs: present === undefined ? undefined : startOf(firstOf(present, byStart, baseUrl)),
  };
}

/** The first plan of the chain that led to this one. */
function firstOf(plan: CarePlan, plans: readonly CarePlan[], baseUrl: string): CarePlan {
  const seen = new Set<string>();
  let first = plan;
  for (;;) {
    seen.add(id(first));
    const [former] = replacedBy(first, baseUrl).flatMap((it) => plans.find((other) => id(other) === it) ?? []);
    if (former === undefined || seen.has(id(former))) return first;
    first = former;
  }
}

/** Milliseconds since 1970 at which a plan began. */
export const beganMs = startOf;

/** When clinicians declined which rule while this plan was in force. */
export function declinedUnder(
  chart: Chart,
  plan: CarePlan,
  ruleOfPlan: (it: CarePlan) => string | undefined,
  baseUrl: string,
): { rule: string; atMs: number }[] {
  return chart.proposals.flatMap((it) => {
    const decision = decisionOf(it, baseUrl);
    const rule = ruleOfPlan(it);
    if (decision?.outcome !== 'declined' || rule === undefined || !replacedBy(it, baseUrl).includes(id(plan)))
      return [];
    return [{ rule, atMs: Date.parse(decision.at) }];
  });
}
