import type { Words } from './protocol.ts';

/** What a patient reads at once who answered with a sign: a site’s own words, confirmed by a named person. None ship. */
export interface CrisisText {
  readonly words: Words;
  readonly confirmedBy: string;
  /** The day of the confirmation, `YYYY-MM-DD`. */
  readonly date: string;
}

/** Why an item that asks for thoughts of death is not offered here. */
export type NotOffered = 'no-crisis-text' | 'no-channel';

export interface SafetyMeans {
  readonly crisis: CrisisText | undefined;
  /** The channel by which people are told; `none` where the site has configured none. */
  readonly channel: string;
}

/** The form that is offered in place of one with a safety item. */
export const INSTEAD = 'phq-4';

/**
 * Whether a patient may be asked for thoughts of death: only where the answer reaches a person and the patient reads at
 * once where to turn to. An answer that comes anyway is raised all the same.
 */
export function mayOfferSafetyItems(means: SafetyMeans): {
  readonly offered: boolean;
  readonly reasons: readonly NotOffered[];
} {
  const reasons: NotOffered[] = [];
  if (means.crisis === undefined) reasons.push('no-crisis-text');
  if (means.channel === 'none') reasons.push('no-channel');
  return { offered: reasons.length === 0, reasons };
}

/** What is asked in place of an instrument, given what may be offered here. */
export const offeredInstead = (instrument: string, withSafetyItem: readonly string[], offered: boolean): string =>
  !offered && withSafetyItem.includes(instrument) ? INSTEAD : instrument;
