import type { Words } from '../../domain/protocol.ts';
import { isWatched } from '../../domain/safety-chain.ts';
import { mayOfferSafetyItems, type NotOffered } from '../../domain/safety-offer.ts';
import type { SafetyPath } from './safety-path.ts';
import type { SafetyPorts } from './safety-ports.ts';
import { type Watch, watchState } from './watch-down.ts';

/** How long it may take from an answer until somebody is told, in seconds, while everything works. */
export interface WorstDelay {
  /** Handed in here. */
  readonly ownIntake: number;
  /** Stored by another app on the hospital’s server: one poll, the server’s own lag, and the notice. */
  readonly byOthers: number;
}

/** Seconds that a poll itself and a notice may take. */
const POLL_AND_NOTICE = 10;

export const worstDelay = ({ pollSeconds, serverLagSeconds }: SafetyPath): WorstDelay => ({
  ownIntake: POLL_AND_NOTICE,
  byOthers: pollSeconds + serverLagSeconds + POLL_AND_NOTICE,
});

/** What a form shows beside an item on thoughts of death, and what an operator looks at. No patient data. */
export interface SafetyStatus {
  /** Items that ask for signs of danger may be put before a patient. */
  readonly offered: boolean;
  readonly notOfferedBecause: readonly NotOffered[];
  /** Somebody is on duty at this moment, by the hours of the protocol. */
  readonly watchedNow: boolean;
  /** The poll for what others store is on time. */
  readonly watching: boolean;
  readonly lastGoodPoll: string | undefined;
  readonly worstDelaySeconds: WorstDelay;
  readonly respondWithinMinutes: number;
  readonly crisis: Words | undefined;
}

export const isOffered = (safety: SafetyPath | undefined) =>
  mayOfferSafetyItems({ crisis: safety?.crisis, channel: safety?.notify.channel ?? 'none' });

export async function safetyStatus(
  { state, safety, context }: SafetyPorts,
  nowMs: number,
  startedMs: number,
): Promise<SafetyStatus> {
  const watch: Watch = await watchState(state, safety, nowMs, startedMs);
  const { offered, reasons } = isOffered(safety);
  return {
    offered,
    notOfferedBecause: reasons,
    watchedNow: safety.notify.channel !== 'none' && isWatched(safety.policy, nowMs, context.settings.timeZone),
    watching: watch.watching,
    lastGoodPoll: watch.lastGood,
    worstDelaySeconds: worstDelay(safety),
    respondWithinMinutes: safety.policy.respondWithinMinutes,
    crisis: safety.crisis?.words,
  };
}

/** Why Vincle is not ready to watch over anybody; nothing where it is. The channel is asked, nobody is told. */
export async function safetyProblems(ports: SafetyPorts, nowMs: number, startedMs: number): Promise<readonly string[]> {
  const { safety, state } = ports;
  const problems: string[] = [];
  const channel = await safety.notify.check();
  if (!channel.ok) problems.push(`no delivery channel: ${channel.reason ?? 'it does not answer'}`);
  if (safety.crisis === undefined) problems.push('no crisis text');
  if (safety.contacts.coordinator.length === 0) problems.push('no coordinator is named in contacts.json');
  if (!(await watchState(state, safety, nowMs, startedMs)).watching) problems.push('the safety poll is late');
  const [last] = await state.lastRuns('escalate', 1);
  if (untoldOf(last?.result) > 0) problems.push('there are signs about which nobody could be told');
  return problems;
}

/** Signs about which nobody could be told, as the last escalation counted them. */
export const untoldOf = (result: unknown): number =>
  typeof result === 'object' && result !== null && 'untold' in result ? Number(result.untold) || 0 : 0;
