import type { Communication } from 'fhir/r4.js';
import { stepId } from '../../domain/safety-identity.ts';
import type { Told } from '../../domain/safety-notice.ts';
import { noticesOfSteps } from '../../domain/safety-queries.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import type { SafetyPorts } from './safety-ports.ts';

/** One step of the chain of one sign. */
export interface Step {
  /** Id of the Task. */
  readonly task: string;
  /** Name of the step. */
  readonly step: string;
}

/** A step at which nobody was reached is not tried more often than that. */
const AGAIN_AFTER_MS = 5 * 60_000;

/**
 * Of these steps those that are done with: somebody was told, as the server or the outbox knows, or a try failed a moment
 * ago. One request.
 */
export async function toldBefore<T extends Step>(
  { server, state }: SafetyPorts,
  steps: readonly T[],
  nowMs: number,
): Promise<ReadonlySet<T>> {
  if (steps.length === 0) return new Set();
  const [page] = await ask(server, [noticesOfSteps(steps.map((it) => stepId(it.task, it.step)))]);
  const notices = resourcesOf(page, 'Communication');
  const waiting = (await state.listEntries()).flatMap((it) => toldOf(it.payload));
  return new Set(steps.filter((it) => isTold(it, notices, waiting, nowMs)));
}

function isTold(
  { task, step }: Step,
  notices: readonly Communication[],
  waiting: readonly Told[],
  nowMs: number,
): boolean {
  const id = stepId(task, step);
  const about = notices.filter((it) => it.identifier?.some((one) => one.value === id));
  if (about.some((it) => it.status === 'completed' || nowMs - Date.parse(it.sent ?? '') < AGAIN_AFTER_MS)) return true;
  return waiting.some((it) => it.delivered && it.step === step && it.tasks.includes(task));
}

/** What an outbox entry says was told while the server was down. */
function toldOf(payload: unknown): Told[] {
  if (typeof payload !== 'object' || payload === null || !('told' in payload)) return [];
  const { told } = payload;
  const isWhole =
    typeof told === 'object' && told !== null && 'tasks' in told && Array.isArray(told.tasks) && 'delivered' in told;
  return isWhole ? [told as Told] : [];
}
