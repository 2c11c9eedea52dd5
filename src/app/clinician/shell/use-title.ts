import { useEffect } from 'react';

/** The tab's title. Never a name: a title stays in histories and on shared screens. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Vincle' : `${title} · Vincle`;
  }, [title]);
}
