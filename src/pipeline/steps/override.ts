import type { CarePlan } from 'fhir/r4.js';
import { levelOf } from '../../domain/care-plan.ts';
import { decidedProposal } from '../../domain/care-plan-build.ts';
import { isPaused } from '../../domain/plan-pause.ts';
import type { Level, LevelCode } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import type { Chart } from '../../domain/step-chart.ts';
import { successorId } from '../../domain/step-identity.ts';
import { barredFrom, plansOf, type StepRecord } from '../../domain/step-record.ts';
import type { AlliancePorts } from '../compute-alliance.ts';
import { beginLevel } from './begin-level.ts';
import type { Decided } from './decide.ts';
import { type Asked, type Doing, withPerson } from './held-person.ts';
import { notBefore, settle } from './settle.ts';
import { allDeciders, levelNamed, type StepContext } from './step-context.ts';
import { StepLedger } from './step-ledger.ts';
import { bringUpToDate } from './step-person.ts';

/** A clinician chooses a level that no rule proposed. */
export interface OverrideRequest {
  /** `Patient/…` */
  readonly patient: string;
  readonly level: LevelCode;
  /** `Practitioner/…` */
  readonly by: string;
  readonly reason: string;
  readonly enterer?: string;
  /** Id of the plan that the clinician saw in force: if it no longer is, the choice is not made. */
  readonly insteadOf?: string;
  /** `EpisodeOfCare/…`, where the patient has plans in several. */
  readonly episode?: string;
}

/** Sets the level that a named clinician chose; an open proposal is revoked with that decision. */
export async function override(ports: AlliancePorts, request: OverrideRequest, doing: Doing): Promise<Decided> {
  if (request.reason.trim() === '') return { kind: 'not-allowed', reason: 'reason-missing' };
  return withPerson<Decided>(ports, request.patient, doing, (record, context) => overrideOn(record, request, context));
}

/** The choice over a record, with what is to be written. */
export function overrideOn(record: StepRecord, request: OverrideRequest, context: StepContext): Asked<Decided> {
  const { settings, moment } = context;
  const ledger = new StepLedger(record, context);
  bringUpToDate(ledger, context);
  const chart = ledger
    .charts()
    .find((it) => it.present !== undefined && (request.episode === undefined || it.episode === request.episode));
  const { present } = chart ?? {};
  if (chart === undefined || present === undefined) {
    const paused = plansOf(ledger.record).plans.some(isPaused);
    return { result: paused ? { kind: 'not-allowed', reason: 'paused' } : { kind: 'not-found' } };
  }
  const level = levelNamed(context, request.level);
  if (level === undefined) return { result: { kind: 'not-allowed', reason: 'unknown-level' } };
  const deciders = decidersOf(present, level, context);
  const barred = barredFrom(ledger.record, request.by, deciders, moment, settings);
  if (barred !== undefined) return { result: { kind: 'not-allowed', reason: barred, deciders } };
  const by = literal(present.author, settings.baseUrl);
  if (request.insteadOf !== undefined && request.insteadOf !== present.id)
    return {
      result: {
        kind: 'lost',
        what: 'level-changed',
        ...(by === undefined ? {} : { by }),
        ...(present.created === undefined ? {} : { at: present.created }),
      },
    };
  if (levelOf(present) === level.code) return { result: { kind: 'not-allowed', reason: 'same-level' } };
  return { ledger, result: choose(ledger, chart, present, level, request, context) };
}

/** Roles that may decide the same step when a rule proposes it; else those that may decide any in that direction. */
function decidersOf(present: CarePlan, to: Level, context: StepContext): readonly string[] {
  const { rules } = context.protocol;
  const from = levelOf(present) ?? '';
  const direct = rules.filter((it) => it.from.includes(from) && it.to === to.code);
  const up = to.rank > (levelNamed(context, from)?.rank ?? 0);
  const like = direct.length > 0 ? direct : rules.filter((it) => (it.direction === 'up') === up);
  return like.length > 0 ? [...new Set(like.flatMap((it) => it.decision.deciders))] : allDeciders(context);
}

function choose(
  ledger: StepLedger,
  chart: Chart,
  present: CarePlan,
  level: Level,
  request: OverrideRequest,
  context: StepContext,
): Decided {
  const { display, now } = context;
  const { by, reason, enterer } = request;
  const entered = enterer === undefined ? {} : { enterer };
  const decision = { outcome: 'overridden' as const, level: level.code, by, at: now, reason, ...entered };
  for (const it of chart.open) ledger.plan('proposal', decidedProposal(it, decision, display));
  const at = notBefore(present, now);
  const begun = beginLevel(
    ledger,
    { id: successorId(present.id ?? ''), level, episode: chart.episode, by, at, replaces: present },
    context,
  );
  const plan: CarePlan = { ...begun, note: [{ authorReference: { reference: by }, time: at, text: reason }] };
  ledger.plan('plan', plan);
  settle(ledger, context);
  const sources = [`CarePlan/${present.id}`, ...chart.open.map((it) => `CarePlan/${it.id}`)];
  ledger.say({ event: 'overridden', targets: [plan], at: now, by, reason, sources, ...entered });
  return { kind: 'decided', plan: `CarePlan/${plan.id}`, level: level.code, already: false };
}
