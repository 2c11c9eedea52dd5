import type { Arrived, Occasion } from '../../domain/occasion.ts';
import type { Situation } from '../../domain/questionnaire-task.ts';

/** What is true of an occasion at an instant, given what has arrived for it. */
export function situationOf({ at }: Occasion, answer: Arrived | undefined, nowMs: number): Situation {
  if (answer?.finished) return { kind: 'answered', response: answer.response };
  if (nowMs >= at.closesMs) return { kind: 'passed' };
  if (answer !== undefined) return { kind: 'begun' };
  return { kind: nowMs < at.opensMs ? 'ahead' : 'open' };
}
