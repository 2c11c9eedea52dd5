import { createContext, use } from 'react';
import type { Right, SessionView } from '../../domain/view/session-view.ts';
import type { AppWords } from '../words/en.ts';
import type { Place } from './place.ts';

export const SessionContext = createContext<SessionView | undefined>(undefined);

/** @throws Error outside of a session */
export function useSession(): SessionView {
  const session = use(SessionContext);
  if (session === undefined) throw new Error('no session');
  return session;
}

/** Pages that a person can go to, in order. */
export type Pages = readonly { readonly place: Place; label(words: AppWords): string }[];

const ALL: readonly { readonly right: Right; readonly place: Place; label(words: AppWords): string }[] = [
  { right: 'worklist', place: { page: 'worklist' }, label: (it) => it.shell.worklist },
  { right: 'answer', place: { page: 'round' }, label: (it) => it.shell.round },
  { right: 'review', place: { page: 'review' }, label: (it) => it.shell.review },
  { right: 'dead-letters', place: { page: 'dead-letters' }, label: (it) => it.shell.deadLetters },
  { right: 'jobs', place: { page: 'jobs' }, label: (it) => it.shell.jobs },
  { right: 'response-rates', place: { page: 'response-rates' }, label: (it) => it.shell.rates },
  { right: 'paper', place: { page: 'paper' }, label: (it) => it.shell.paper },
  { right: 'paper', place: { page: 'links' }, label: (it) => it.shell.links },
  { right: 'accesses', place: { page: 'accesses' }, label: (it) => it.shell.accesses },
  { right: 'cohort-report', place: { page: 'cohort' }, label: (it) => it.shell.cohort },
];

/** What this session opens; a launch for one patient has that patient’s page instead of a list. */
export function pagesOf({ rights, patient, personalLinks }: SessionView): Pages {
  const own = ALL.filter(
    (it) =>
      rights.includes(it.right) &&
      (it.place.page !== 'links' || (personalLinks === true && rights.includes('reschedule'))),
  );
  if (patient === undefined) return own;
  const chart = { place: { page: 'patient', patient } as const, label: (it: AppWords) => it.shell.thisPatient };
  return [chart, ...own.filter((it) => it.place.page !== 'worklist')];
}

/** Where this session begins. */
export const startOf = (session: SessionView): Place | undefined => pagesOf(session)[0]?.place;
