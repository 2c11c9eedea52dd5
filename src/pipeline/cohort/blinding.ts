/** A named person's decision to look before the study is finished: stored and printed with whatever it opened. */
export interface Unlock {
  readonly person: string;
  readonly reason: string;
}

/** Whether arms may be told apart, and why. `unlocked` carries what must be printed. */
export type Blinding =
  | {
      readonly masked: true;
      readonly because: 'study-not-finished' | 'study-unreadable' | 'no-study' | 'unlock-incomplete';
    }
  | { readonly masked: false; readonly because: 'study-finished' | 'not-a-trial' }
  | { readonly masked: false; readonly because: 'unlocked'; readonly unlock: Unlock };

/** ResearchStudy.status (R4) with which a study that ran has ended for good; every other one, a known or an unknown, keeps the arms masked. */
const FINISHED: ReadonlySet<string> = new Set(['administratively-completed', 'completed']);

/** Whether a study that ran has ended for good, by its status (R4). */
export const hasEnded = (status: string | undefined): boolean => status !== undefined && FINISHED.has(status);

/**
 * Whether the report of a cohort may compare its arms. A study that cannot be read counts as running:
 * only a finished study, a cohort declared not a trial, or a person with a name and a reason opens it.
 */
export function blindingOf(study: {
  readonly declaredNotATrial: boolean;
  /** ResearchStudy.status as read; `undefined` where the study could not be read. */
  readonly status: string | undefined;
  /** No study is configured: whether anybody is blinded nobody has said. */
  readonly none?: boolean;
  readonly unlock?: Unlock;
}): Blinding {
  if (study.declaredNotATrial) return { masked: false, because: 'not-a-trial' };
  if (hasEnded(study.status)) return { masked: false, because: 'study-finished' };
  if (study.unlock !== undefined) {
    const [person, reason] = [study.unlock.person.trim(), study.unlock.reason.trim()];
    if (person === '' || reason === '') return { masked: true, because: 'unlock-incomplete' };
    return { masked: false, because: 'unlocked', unlock: { person, reason } };
  }
  if (study.none) return { masked: true, because: 'no-study' };
  return { masked: true, because: study.status === undefined ? 'study-unreadable' : 'study-not-finished' };
}
