import { type Estimate, isEstimated } from '../../analysis/estimate.ts';
import type { Speech } from '../speech.ts';

/** "95 % interval −3.1 to −0.5" */
export function spanOf(estimate: Estimate, speech: Speech, decimals = 1): string {
  if (!isEstimated(estimate)) return speech.reason(estimate.reason);
  const { interval, noInterval } = estimate;
  if (interval === undefined) return speech.reason(noInterval ?? 'no-data');
  const { signed } = speech.format;
  return speech.words.answer.interval(speech.level, signed(interval.low, decimals), signed(interval.high, decimals));
}
