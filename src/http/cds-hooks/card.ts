import type { CarePlan, Coding } from 'fhir/r4.js';

/** A card of CDS Hooks 2.0; what is optional and absent is left out. */
export interface Card {
  readonly uuid: string;
  readonly summary: string;
  readonly detail?: string;
  readonly indicator: 'info' | 'warning' | 'critical';
  readonly source: { readonly label: string; readonly url?: string; readonly topic: Coding };
  readonly suggestions?: readonly Suggestion[];
  readonly selectionBehavior?: 'at-most-one';
  readonly overrideReasons?: readonly Coding[];
  readonly links?: readonly CardLink[];
}

export interface Suggestion {
  readonly label: string;
  readonly uuid: string;
  readonly actions: readonly { readonly type: 'update'; readonly description: string; readonly resource: CarePlan }[];
}

export type CardLink =
  | { readonly label: string; readonly url: string; readonly type: 'absolute' }
  | { readonly label: string; readonly url: string; readonly type: 'smart'; readonly appContext?: string };

/** CDS Hooks 2.0: fewer than 140 characters. */
const SUMMARY_BELOW = 140;

/** One line that fits a summary, whatever stood in a name or a title. */
export function summaryOf(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must go
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ').trim();
  if (line.length < SUMMARY_BELOW) return line === '' ? '…' : line;
  let kept = '';
  for (const character of line) {
    if (kept.length + character.length >= SUMMARY_BELOW - 1) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}

/** A text of the site or of the record inside Markdown: nothing in it is a link, a tag or an emphasis. */
export const plain = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]<>|~#]/g, (it) => `\\${it}`)
    .trim();
