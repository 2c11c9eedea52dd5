import { decisionOf, levelOf, protocolVersionOf, ruleOf, statusReasonOf } from '../../domain/care-plan.ts';
import { proposedPlan } from '../../domain/care-plan-build.ts';
import { membershipOf } from '../../domain/membership.ts';
import { beganMs, type Chart, declinedUnder } from '../../domain/step-chart.ts';
import { proposalId } from '../../domain/step-identity.ts';
import { proposalSentence } from '../../domain/step-sentence.ts';
import { type Evidence, nextChangeOf, type Stepping, type SteppingInput, stepping } from '../../domain/stepping.ts';
import { frameOf } from './begin-level.ts';
import { armHasLevels, levelNamed, type StepContext } from './step-context.ts';
import type { StepLedger } from './step-ledger.ts';

/** What stepped care says of one course, and when time alone may change that. */
export interface Said {
  readonly outcome: Stepping | { readonly kind: 'decided-already'; readonly proposal: string };
  /** Milliseconds since 1970. */
  readonly wakeMs: number | undefined;
}

/** What the rules look at, of one course with a plan in force. */
export function inputOf(
  ledger: Pick<StepLedger, 'record'>,
  chart: Chart,
  context: StepContext,
): SteppingInput | undefined {
  const { protocol, settings, moment } = context;
  const { present } = chart;
  const level = present === undefined ? undefined : levelOf(present);
  if (present === undefined || level === undefined) return undefined;
  if (!armHasLevels(context, membershipOf(ledger.record, settings).arm)) return undefined;
  const open = chart.open[0];
  return {
    protocol,
    level,
    sinceMs: beganMs(present),
    enrolledMs: chart.enrolledMs ?? beganMs(present),
    observations: ledger.record.derived,
    openProposal: open === undefined ? undefined : `CarePlan/${open.id}`,
    declined: declinedUnder(chart, present, (it) => ruleOf(it)?.action, settings.baseUrl),
    moment,
  };
}

/** Evidence as a text that is another one as soon as any of it changes. */
const evidenceKey = (evidence: readonly Evidence[]): string =>
  evidence
    .map(({ reading: r }) => `${r.observation}#${r.component ?? ''}=${r.value}@${r.epochMs}/${r.status}`)
    .sort()
    .join('+');

/** Proposes where a rule says so. What somebody declined, or nobody decided, is not proposed again on the same answers. */
export function propose(ledger: StepLedger, chart: Chart, context: StepContext): Said | undefined {
  const input = inputOf(ledger, chart, context);
  const { present } = chart;
  if (input === undefined || present === undefined) return undefined;
  const outcome = stepping(input);
  const wakeMs = nextChangeOf(input, outcome);
  if (outcome.kind !== 'propose') return { outcome, wakeMs };
  const { protocol, settings, measureName, moment } = context;
  const { rule, evidence, overdue } = outcome;
  const level = levelNamed(context, rule.to);
  if (level === undefined) return { outcome: { kind: 'cannot-decide', missing: [], unknownLevel: rule.to }, wakeMs };
  const name = `${protocol.url}|${protocol.version}#${rule.id}`;
  for (let again = 0; ; again += 1) {
    const id = proposalId(present.id ?? '', name, evidenceKey(evidence), again);
    const standing = ledger.record.carePlans.find(
      (it) => it.id === id || it.identifier?.some((own) => own.value === id),
    );
    if (standing === undefined) {
      const begun = protocolVersionOf(present, protocol.url);
      const otherVersion = begun === undefined || begun === protocol.version ? undefined : begun;
      const sentence = proposalSentence(rule, { evidence, overdue, otherVersion, measureName, moment });
      const frame = frameOf(ledger.record, chart.episode, context);
      ledger.plan('proposal', proposedPlan(frame, { id, rule, level, present, evidence, sentence, at: context.now }));
      return { outcome, wakeMs: moment.nowMs + rule.decision.decideWithinDays * 86_400_000 };
    }
    // Taken back because something changed, and now everything is as it was: it may be proposed again.
    const takenBack = decisionOf(standing, settings.baseUrl) === undefined && statusReasonOf(standing) !== 'undecided';
    if (!takenBack) return { outcome: { kind: 'decided-already', proposal: `CarePlan/${standing.id}` }, wakeMs };
  }
}
