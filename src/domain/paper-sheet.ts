import type { Identifier, QuestionnaireResponse } from 'fhir/r4.js';
import { BASE } from './canonicals.ts';

/** System of what is entered from a sheet of paper, before one of two entries counts. */
export const PAPER_ENTRY = `${BASE}/identifier/paper-entry`;

export type PaperEntry = 'first' | 'second';
const ENTRIES: readonly PaperEntry[] = ['first', 'second'];

/** What an entry is known by: whose response it is to become, and which of the two it is. */
export const paperEntryIdentifier = (responseValue: string, which: PaperEntry) => ({
  system: PAPER_ENTRY,
  value: `${responseValue}.${which}`,
});

/**
 * Identifiers of the other responses that hold the answers of the same sheet of paper: of an entry the other entry, of
 * what counts both. None of an answer that a person gave or corrected by itself: that is an answer of its own.
 */
export function sameSheet({ identifier, status, source, author }: QuestionnaireResponse): readonly Identifier[] {
  const { system, value } = identifier ?? {};
  if (value === undefined || status === 'amended') return [];
  if (system === PAPER_ENTRY) {
    const which = ENTRIES.find((it) => value.endsWith(`.${it}`));
    if (which === undefined) return [];
    const of = value.slice(0, -which.length - 1);
    return ENTRIES.filter((it) => it !== which).map((it) => paperEntryIdentifier(of, it));
  }
  const isTranscribed = author?.reference !== undefined && author.reference !== source?.reference;
  return isTranscribed && status === 'completed' ? ENTRIES.map((it) => paperEntryIdentifier(value, it)) : [];
}
