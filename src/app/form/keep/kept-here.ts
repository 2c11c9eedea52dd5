import type { QuestionnaireResponseItem } from 'fhir/r4.js';
import type { Items } from '../render/answers.ts';

/** Answers that are not on the server yet, the version they were given over, and where the person was. */
export interface Kept {
  readonly items: Items;
  readonly version?: string | undefined;
}

const PREFIX = 'vincle-unsent:';
const RETURN = 'vincle-return';

/**
 * What is not on the server yet, kept for this tab alone: it outlives a sign-in in the same tab, and ends with the tab.
 * A frame of another site may refuse to keep anything; then it lives in memory only.
 */
export function keepHere(taskId: string, kept: Kept | undefined): void {
  if (kept === undefined) forget(PREFIX + taskId);
  else write(PREFIX + taskId, JSON.stringify(kept));
}

/** What was kept here for a form; `undefined` where nothing was, or it cannot be read. */
export function keptHere(taskId: string): Kept | undefined {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(PREFIX + taskId) ?? 'null');
    return isKept(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Forgets what was kept for forms that are not this person's: somebody else sits here now. */
export function keepOnly(taskIds: readonly string[]): void {
  try {
    for (const key of Object.keys(sessionStorage))
      if (key.startsWith(PREFIX) && !taskIds.includes(key.slice(PREFIX.length))) sessionStorage.removeItem(key);
  } catch {
    // Nothing is kept here then.
  }
}

/** Forgets all that was kept: the person signs out. */
export const forgetAll = (): void => keepOnly([]);

/** Notes the form that was open as the session ended, so that signing in leads back to it. */
export function noteReturn(taskId: string): void {
  write(RETURN, taskId);
}

/** The form to lead back to, once. */
export function takeReturn(): string | undefined {
  try {
    const task = sessionStorage.getItem(RETURN) ?? undefined;
    sessionStorage.removeItem(RETURN);
    return task;
  } catch {
    return undefined;
  }
}

function write(key: string, value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // Not kept: the page itself still has it.
  }
}

function forget(key: string): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

const isRecord = (it: unknown): it is Readonly<Record<string, unknown>> => typeof it === 'object' && it !== null;

function isKept(it: unknown): it is Kept {
  if (!isRecord(it) || !Array.isArray(it.items)) return false;
  return it.items.every(isItem) && (it.version === undefined || typeof it.version === 'string');
}

const isItem = (it: unknown): it is QuestionnaireResponseItem => isRecord(it) && typeof it.linkId === 'string';
