import type { CarePlan, Provenance } from 'fhir/r4.js';
import { evidenceOf, levelOf, ruleOf } from '../../domain/care-plan.ts';
import { readAuthored } from '../../domain/instant.ts';
import { literal } from '../../domain/reference.ts';
import { beganMs, type Chart, chartOf, declinedUnder, replacedBy } from '../../domain/step-chart.ts';
import { provenanceOf } from '../../domain/step-queries.ts';
import { plansOf } from '../../domain/step-record.ts';
import { type Stepping, stepping } from '../../domain/stepping.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { personOf } from './held-person.ts';
import { firstStoodMs, ObservationsThen } from './known-then.ts';
import { type StepContext, stepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';

/** One event of the history, oldest first. References and codes only. */
export interface HistoryRow {
  readonly at: string;
  /** Code of `CodeSystem/step-event`. */
  readonly event: string;
  readonly level: string | undefined;
  /** `Practitioner/…`, or Vincle’s Device. */
  readonly by: string | undefined;
  readonly rule: string | undefined;
  readonly reason: string | undefined;
  readonly carePlan: string;
}

/** A proposal computed again from what was known when it was made. */
export interface Recomputed {
  readonly proposal: string;
  readonly proposedAt: string | undefined;
  readonly rule: string | undefined;
  readonly to: string | undefined;
  /** `unknown` where it cannot be computed again, for the reason given. */
  readonly verdict: 'equal' | 'different' | 'unknown';
  readonly why?: string;
  /** From the versions that the server keeps, or only by the instants that the answers carry. */
  readonly by: 'versions' | 'instants';
}

export interface Replay {
  readonly patient: string;
  readonly history: readonly HistoryRow[];
  readonly proposals: readonly Recomputed[];
  /** What contradicts the contract: two plans in force, a gap between plans, a CarePlan that nobody accounts for. */
  readonly problems: readonly string[];
  /** Every proposal is equal, and nothing contradicts. */
  readonly equal: boolean;
}

/** The history of one person, every proposal computed again from what was known then. Reads only. */
export async function replaySteps(ports: AlliancePorts, patient: string, nowMs: number): Promise<Replay> {
  const { server } = ports;
  const context = stepContext(ports.context, nowMs);
  const record = await personOf(ports, patient);
  const { plans, proposals } = plansOf(record);
  const named = [...plans, ...proposals].map((it) => `CarePlan/${it.id}`);
  const [page] = await ask(server, named.length === 0 ? [] : [provenanceOf(named)]);
  const said = resourcesOf(page, 'Provenance');
  const ledger = new StepLedger(record, context);
  const then = new ObservationsThen(server, record.derived);
  const recomputed: Recomputed[] = [];
  for (const chart of ledger.charts())
    for (const proposal of chart.proposals) recomputed.push(await recompute(ports, proposal, chart, then, context));
  const problems = [
    ...chartProblems(ledger.charts(), context),
    ...unaccounted([...plans, ...proposals], said, context),
  ];
  return {
    patient: record.subject,
    history: said
      .flatMap((it) => rowOf(it, [...plans, ...proposals], context) ?? [])
      .sort((a, b) => a.at.localeCompare(b.at)),
    proposals: recomputed,
    problems,
    equal: problems.length === 0 && recomputed.every((it) => it.verdict === 'equal'),
  };
}

async function recompute(
  { server }: AlliancePorts,
  proposal: CarePlan,
  chart: Chart,
  then: ObservationsThen,
  context: StepContext,
): Promise<Recomputed> {
  const { protocol, settings, moment } = context;
  const rule = ruleOf(proposal);
  const stood = await firstStoodMs(server, proposal);
  const about = {
    proposal: `CarePlan/${proposal.id}`,
    proposedAt: proposal.created,
    rule: rule?.action,
    to: levelOf(proposal),
    by: stood === undefined ? ('instants' as const) : ('versions' as const),
  };
  if (rule?.version !== protocol.version || rule.canonical !== protocol.url)
    return { ...about, verdict: 'unknown', why: `version ${rule?.version} of the protocol is not loaded here` };
  const former = chart.plans.find((it) => replacedBy(proposal, settings.baseUrl).includes(`CarePlan/${it.id}`));
  const level = former === undefined ? undefined : levelOf(former);
  if (former === undefined || level === undefined)
    return { ...about, verdict: 'unknown', why: 'the plan that it was about is not there' };
  const madeMs = Date.parse(proposal.created ?? '');
  const before = chartOf(
    chart.episode,
    chart.plans
      .filter((it) => beganMs(it) <= beganMs(former))
      .map((it) => (it.id === former.id ? { ...it, status: 'active' } : it)),
    chart.proposals.filter((it) => it.id !== proposal.id),
    settings.baseUrl,
  );
  const outcome = stepping({
    protocol,
    level,
    sinceMs: beganMs(former),
    enrolledMs: before.enrolledMs ?? beganMs(former),
    observations: await then.at(stood ?? Number.POSITIVE_INFINITY),
    openProposal: undefined,
    declined: declinedUnder(before, former, (it) => ruleOf(it)?.action, settings.baseUrl).filter(
      (it) => it.atMs <= madeMs,
    ),
    moment: { nowMs: madeMs, zone: moment.zone },
  });
  const why = differenceOf(outcome, proposal, context);
  return why === undefined ? { ...about, verdict: 'equal' } : { ...about, verdict: 'different', why };
}

/** What the recomputation says otherwise than the proposal; `undefined` where they are equal. */
function differenceOf(outcome: Stepping, proposal: CarePlan, { settings }: StepContext): string | undefined {
  if (outcome.kind !== 'propose') return `computed again it is: ${outcome.kind}`;
  if (outcome.rule.id !== ruleOf(proposal)?.action) return `computed again it is the rule ${outcome.rule.id}`;
  const text = (it: { observation: string; value: number; effective: string; status: string }) =>
    `${it.observation}=${it.value}@${readAuthored(it.effective, settings.timeZone)?.epochMs}/${it.status}`;
  const recorded = evidenceOf(proposal, settings.baseUrl).map(text).sort();
  const computed = outcome.evidence.map((it) => text(it.reading)).sort();
  return recorded.join() === computed.join() ? undefined : 'computed again it rests on other answers, or other values';
}

function rowOf(it: Provenance, carePlans: readonly CarePlan[], { settings }: StepContext): HistoryRow | undefined {
  const about = literal(it.target[0], settings.baseUrl);
  const last = literal(it.target.at(-1), settings.baseUrl);
  const plan = carePlans.find((one) => `CarePlan/${one.id}` === last);
  const event = it.activity?.coding?.[0]?.code;
  if (about === undefined || event === undefined) return undefined;
  const proposal = carePlans.find((one) => `CarePlan/${one.id}` === about);
  return {
    at: it.occurredDateTime ?? it.recorded,
    event,
    level: plan === undefined ? undefined : levelOf(plan),
    by: it.agent[0]?.who.reference ?? it.agent[0]?.who.identifier?.value,
    rule: proposal === undefined ? undefined : ruleOf(proposal)?.action,
    reason: it.reason?.[0]?.text,
    carePlan: about,
  };
}

function chartProblems(charts: readonly Chart[], { settings }: StepContext): string[] {
  return charts.flatMap(({ plans, open }) => {
    const active = plans.filter((it) => it.status === 'active');
    const gaps = plans.flatMap((plan) => {
      const former = plans.find((it) => replacedBy(plan, settings.baseUrl).includes(`CarePlan/${it.id}`));
      return former === undefined || former.period?.end === plan.period?.start
        ? []
        : [`CarePlan/${former.id} does not end when CarePlan/${plan.id} begins`];
    });
    return [
      ...(active.length > 1
        ? [`${active.length} plans are in force: ${active.map((it) => `CarePlan/${it.id}`).join(', ')}`]
        : []),
      ...(open.length > 1 ? [`${open.length} proposals wait at once`] : []),
      ...gaps,
    ];
  });
}

const unaccounted = (plans: readonly CarePlan[], said: readonly Provenance[], { settings }: StepContext): string[] => {
  const targets = new Set(said.flatMap((it) => it.target.flatMap((one) => literal(one, settings.baseUrl) ?? [])));
  return plans.flatMap((it) =>
    targets.has(`CarePlan/${it.id}`) ? [] : [`no Provenance says where CarePlan/${it.id} comes from`],
  );
};
