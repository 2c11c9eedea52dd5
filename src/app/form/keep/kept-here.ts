import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import type { Items } from '../render/answers.ts';

const PREFIX = 'vincle-unsent:';

/**
 * Answers that are not on the server yet, kept for this tab alone: they outlive a sign-in in the same tab, and end with
 * the tab. A frame of another site may refuse to keep anything; then they live in memory only.
 */
export function keepHere(taskId: string, items: Items | undefined): void {
  try {
    if (items === undefined) sessionStorage.removeItem(PREFIX + taskId);
    else sessionStorage.setItem(PREFIX + taskId, JSON.stringify(items));
  } catch {
    // Not kept: the page itself still has them.
  }
}

/** What was kept here for a form; `undefined` where nothing was, or it cannot be read. */
export function keptHere(taskId: string): Items | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PREFIX + taskId) ?? 'null');
    return Array.isArray(found) && found.every(isItem) ? found : undefined;
  } catch {
    return undefined;
  }
}

const isItem = (it: unknown): it is QuestionnaireResponseItem =>
  typeof it === 'object' && it !== null && 'linkId' in it && typeof it.linkId === 'string';

/** Forgets what was kept for forms that are not this person's: somebody else sits here now. */
export function keepOnly(taskIds: readonly string[]): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(PREFIX) && !taskIds.includes(key.slice(PREFIX.length))) sessionStorage.removeItem(key);
  } catch {
    // Nothing is kept here then.
  }
}
