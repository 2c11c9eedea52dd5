import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { Speech } from '../speech.ts';

/** "95 % interval −3.1 to −0.5" */
export function spanOf(estimate: Estimate, speech: Speech, decimals = 1, isSigned = true): string {
  if (!isEstimated(estimate)) return speech.reason(estimate.reason);
  const { interval, noInterval } = estimate;
  if (interval === undefined) return speech.reason(noInterval ?? 'no-data');
  const written = isSigned ? speech.format.signed : speech.format.number;
  return speech.words.answer.interval(speech.level, written(interval.low, decimals), written(interval.high, decimals));
}
