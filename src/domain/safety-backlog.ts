import type { List, ListEntry } from 'fhir/r4.js';
import { BASE, codeSystem, DEVICE_ID, structureDefinition } from './canonicals.ts';
import { identify } from './derived-identity.ts';
import { coding, type Display } from './derived-observation.ts';

export const LIST_IDENTIFIER = `${BASE}/identifier/list`;
/** There is one. */
export const BACKLOG_ID = identify('safety-backlog');

/** An answer from before signs were raised here, found later. */
export interface OldAnswer {
  /** `QuestionnaireResponse/…` */
  readonly response: string;
  /** When it was given, as the response says, or when the server got it. */
  readonly given: string | undefined;
}

/** The list with these answers too, each once, oldest first; `undefined` where all of them stand there already. */
export function backlogWith(
  list: List | undefined,
  old: readonly OldAnswer[],
  now: string,
  display: Display,
): List | undefined {
  const entries = new Map((list?.entry ?? []).map((it): [string, ListEntry] => [it.item.reference ?? '', it]));
  const before = entries.size;
  for (const { response, given } of old)
    if (!entries.has(response))
      entries.set(response, {
        ...(given === undefined ? {} : { date: given }),
        item: { reference: response },
      });
  if (list !== undefined && entries.size === before) return undefined;
  const sorted = [...entries.values()].sort((a, b) => ((a.date ?? '') < (b.date ?? '') ? -1 : 1));
  return {
    resourceType: 'List',
    id: list?.id ?? BACKLOG_ID,
    meta: { profile: [structureDefinition('safety-backlog')] },
    identifier: [{ system: LIST_IDENTIFIER, value: BACKLOG_ID }],
    status: 'current',
    mode: 'working',
    title: 'Answers with a sign of danger from before signs were raised here',
    code: { coding: [coding(codeSystem('safety-detail'), 'backlog', display)] },
    date: now,
    source: { reference: `Device/${DEVICE_ID}` },
    entry: sorted,
  };
}

/** Whole days between an answer and now; `undefined` where nobody knows when it was given. */
export function ageInDays(given: string | undefined, nowMs: number): number | undefined {
  const ms = Date.parse(given ?? '');
  return Number.isNaN(ms) ? undefined : Math.floor((nowMs - ms) / 86_400_000);
}
