import { useSyncExternalStore } from 'react';

/** A page of the forms app. `question` names a screen; without it the first that is not answered is shown. */
export type FormPlace =
  | { readonly page: 'start' }
  | { readonly page: 'copy' }
  | { readonly page: 'form'; readonly task: string; readonly question?: string }
  | { readonly page: 'review' | 'done' | 'paper'; readonly task: string };

const MOVED = 'vincle:moved';
const STEPS = ['review', 'done', 'paper'] as const;

/** The page that a path below the launch names; what names none is the start. */
export function formPlaceOf(path: string): FormPlace {
  const [first, task, step, question] = path
    .split('/')
    .filter((it) => it !== '')
    .map(decode);
  if (first === 'copy') return { page: 'copy' };
  if (first !== 'tasks' || task === undefined) return { page: 'start' };
  const page = STEPS.find((it) => it === step);
  if (page !== undefined) return { page, task };
  return step === 'q' && question !== undefined ? { page: 'form', task, question } : { page: 'form', task };
}

/** The path of a page below the launch, with a slash before it. No answer ever stands in it. */
export function formPathOf(place: FormPlace): string {
  switch (place.page) {
    case 'start':
      return '/';
    case 'copy':
      return '/copy';
    case 'form': {
      const form = `/tasks/${encodeURIComponent(place.task)}`;
      return place.question === undefined ? form : `${form}/q/${encodeURIComponent(place.question)}`;
    }
    default:
      return `/tasks/${encodeURIComponent(place.task)}/${place.page}`;
  }
}

function subscribe(onMove: () => void): () => void {
  const events = ['popstate', MOVED];
  for (const it of events) addEventListener(it, onMove);
  return () => {
    for (const it of events) removeEventListener(it, onMove);
  };
}

/** The path that this tab shows, followed as it changes. */
export const usePath = (): string => useSyncExternalStore(subscribe, () => location.pathname);

/** Goes to a page. `replace` leaves no step for the back button. */
export function go(base: string, place: FormPlace, replace = false): void {
  const path = base + formPathOf(place);
  if (path === location.pathname) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  dispatchEvent(new Event(MOVED));
  scrollTo(0, 0);
}

/** What cannot be decoded names nothing. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
