import type { CarePlan, Task } from 'fhir/r4.js';
import {
  AMENDED,
  decisionOf,
  type EvidenceThen,
  evidenceOf,
  marksOf,
  ruleOf,
  statusReasonOf,
} from '../../domain/care-plan.ts';
import { coding, TAG } from '../../domain/derived-observation.ts';
import { readAuthored } from '../../domain/instant.ts';
import { literal } from '../../domain/reference.ts';
import { type Chart, replacedBy } from '../../domain/step-chart.ts';
import { compare, readingOf } from '../../domain/step-readings.ts';
import type { StepRecord } from '../../domain/step-record.ts';
import { escalatedMs, escalatedTask, isDecideTask, toldMs, wasTold, wasToldInVain } from '../../domain/step-tasks.ts';
import { mark } from './begin-level.ts';
import { ruleNamed, type StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';

const DAY_MS = 86_400_000;

/** An Observation that no longer says what it said, with what it says now. */
interface Altered {
  readonly then: EvidenceThen;
  /** Absent where it counts no longer. */
  readonly value: number | undefined;
}

/** What a proposal rested on and is different now: another value, another time, amended, withdrawn, gone. */
export function alteredEvidence(proposal: CarePlan, record: StepRecord, context: StepContext): Altered[] {
  const { baseUrl, timeZone } = context.settings;
  return evidenceOf(proposal, baseUrl).flatMap((then): Altered[] => {
    const observation = record.derived.find((it) => `Observation/${it.id}` === then.observation);
    const now = observation === undefined ? undefined : readingOf(observation, then.component, timeZone);
    const same =
      now !== undefined &&
      now.value === then.value &&
      now.status === then.status &&
      now.epochMs === readAuthored(then.effective, timeZone)?.epochMs;
    return same ? [] : [{ then, value: now?.value }];
  });
}

/** Why a plan ended, or rests, that takes its proposals along. */
const OVER: ReadonlySet<string> = new Set(['deceased', 'consent-withdrawn', 'episode-ended', 'merged', 'paused']);

/** Why a proposal no longer follows from what is known; `undefined` where it still waits rightly. */
function withdrawalOf(proposal: CarePlan, chart: Chart, ledger: StepLedger, context: StepContext): string | undefined {
  const { protocol, settings, moment } = context;
  const former = chart.plans.find((it) => replacedBy(proposal, settings.baseUrl).includes(`CarePlan/${it.id}`));
  const over = former === undefined ? undefined : statusReasonOf(former);
  if (former?.status !== 'active' && over !== undefined && OVER.has(over)) return over;
  const present = chart.present === undefined ? undefined : `CarePlan/${chart.present.id}`;
  if (present === undefined || !replacedBy(proposal, settings.baseUrl).includes(present)) return 'level-changed';
  const named = ruleOf(proposal);
  const rule = ruleNamed(context, named?.action);
  if (rule === undefined || named?.version !== protocol.version || named.canonical !== protocol.url)
    return 'protocol-changed';
  if (alteredEvidence(proposal, ledger.record, context).length > 0) return 'evidence-amended';
  // A better answer does not take back the question whether somebody needs more care; a worse one does take back less.
  if (rule.direction === 'up') return undefined;
  const holds = (it: typeof rule.when) => it.map((one) => compare(one, ledger.record.derived, moment).kind);
  const worse = protocol.rules.some(
    (it) =>
      it.direction === 'up' &&
      rule.from.some((from) => it.from.includes(from)) &&
      holds(it.when).every((kind) => kind === 'met'),
  );
  return worse || holds(rule.when).includes('not-met') ? 'evidence-contradicted' : undefined;
}

/**
 * Takes back what no longer follows; `andWatch`, passes on what waits too long, and lets expire what nobody decided
 * after that.
 */
export function reviewProposals(ledger: StepLedger, context: StepContext, andWatch: boolean): void {
  for (const chart of ledger.charts())
    for (const [index, proposal] of chart.open.entries()) {
      const code = index > 0 ? 'duplicate' : withdrawalOf(proposal, chart, ledger, context);
      if (code !== undefined) withdraw(ledger, proposal, code, context);
      else if (andWatch) watch(ledger, proposal, context);
    }
}

function withdraw(ledger: StepLedger, proposal: CarePlan, code: string, context: StepContext): void {
  const after = mark(ledger, proposal, 'withdraw', { code }, context);
  ledger.say({ event: 'withdrawn', targets: [after], at: context.now, reason: code });
  ledger.events.push(code);
}

const decideTaskOf = ({ record }: Pick<StepLedger, 'record'>, proposal: CarePlan): Task | undefined =>
  record.tasks.find((it) => isDecideTask(it) && it.focus?.reference?.endsWith(`CarePlan/${proposal.id}`));

/** Until when a proposal is to be decided, and the earliest moment at which it may expire; milliseconds since 1970. */
export function deadlinesOf(
  proposal: CarePlan,
  ledger: Pick<StepLedger, 'record'>,
  context: StepContext,
): { readonly escalateMs: number; readonly expireMs: number | undefined } | undefined {
  const rule = ruleNamed(context, ruleOf(proposal)?.action);
  const created = Date.parse(proposal.created ?? '');
  if (rule === undefined || Number.isNaN(created)) return undefined;
  const { decideWithinDays, revokeAfterDays } = rule.decision;
  const task = decideTaskOf(ledger, proposal);
  const escalated = task === undefined ? undefined : escalatedMs(task);
  const told = task === undefined ? undefined : toldMs(task);
  const escalateMs = created + decideWithinDays * DAY_MS;
  // After a downtime, or a channel that was away, somebody is told first, and has as long as always to act.
  const expireMs =
    escalated === undefined
      ? undefined
      : Math.max(
          created + revokeAfterDays * DAY_MS,
          Math.max(escalated, told ?? escalated) + (revokeAfterDays - decideWithinDays) * DAY_MS,
        );
  return { escalateMs, expireMs };
}

/** Whether a proposal waits for somebody to be reached before it may lapse. */
export function waitsToBeTold(proposal: CarePlan, ledger: Pick<StepLedger, 'record'>): boolean {
  const task = decideTaskOf(ledger, proposal);
  return task !== undefined && wasToldInVain(task);
}

function watch(ledger: StepLedger, proposal: CarePlan, context: StepContext): void {
  const deadlines = deadlinesOf(proposal, ledger, context);
  const { nowMs } = context.moment;
  const task = decideTaskOf(ledger, proposal);
  if (deadlines === undefined || task === undefined || nowMs < deadlines.escalateMs) return;
  // Where people could be written to and none was reached nothing lapses: the message is tried again.
  if (deadlines.expireMs !== undefined && nowMs >= deadlines.expireMs && !wasToldInVain(task)) {
    const after = mark(ledger, proposal, 'expire', { code: 'undecided' }, context);
    ledger.say({ event: 'expired', targets: [after], at: context.now, reason: 'undecided' });
    return;
  }
  if (deadlines.expireMs === undefined) {
    ledger.task('task', escalatedTask(task, context.now, context.display));
    ledger.say({ event: 'escalated', targets: [proposal], at: context.now });
  }
  const roles = ruleNamed(context, ruleOf(proposal)?.action)?.decision.escalateTo ?? [];
  if (!wasTold(task)) ledger.escalations.push({ proposal: proposal.id ?? '', task: task.id ?? '', roles });
}

/** Says on what was decided that an answer it rested on is no longer what it was. The decision stands. */
export function markDecided(ledger: StepLedger, context: StepContext): void {
  const { baseUrl } = context.settings;
  for (const { proposals, plans } of ledger.charts())
    for (const proposal of proposals) {
      if (decisionOf(proposal, baseUrl) === undefined) continue;
      const altered = alteredEvidence(proposal, ledger.record, context);
      const plan = plans.find((it) => it.basedOn?.some((ref) => literal(ref, baseUrl) === `CarePlan/${proposal.id}`));
      for (const it of [proposal, ...(plan === undefined ? [] : [plan])]) markOne(ledger, it, altered, context);
    }
}

function markOne(ledger: StepLedger, plan: CarePlan, altered: readonly Altered[], context: StepContext): void {
  const marked = new Set(marksOf(plan, context.settings.baseUrl));
  const fresh = altered.filter((it) => !marked.has(it.then.observation));
  if (fresh.length === 0) return;
  const tags = (plan.meta?.tag ?? []).filter((it) => it.code !== 'evidence-amended');
  const after: CarePlan = {
    ...plan,
    meta: { ...plan.meta, tag: [...tags, coding(TAG, 'evidence-amended', context.display)] },
    extension: [
      ...(plan.extension ?? []),
      ...fresh.map(({ then, value }) => ({
        url: AMENDED,
        extension: [
          { url: 'observation', valueReference: { reference: then.observation } },
          { url: 'was', valueDecimal: then.value },
          ...(value === undefined ? [] : [{ url: 'now', valueDecimal: value }]),
          { url: 'noticed', valueDateTime: context.now },
        ],
      })),
    ],
  };
  ledger.plan(plan.intent === 'proposal' ? 'proposal' : 'closing', after);
  ledger.events.push('marked');
}
