import { useCallback, useEffect, useState } from 'react';
import { ask } from '../api/ask.ts';
import { Refused } from '../api/refused.ts';
import { useAround } from './around.ts';

export type Loaded<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'there'; readonly value: T }
  | { readonly state: 'failed'; readonly refused: Refused };

const TRIES = 3;
const FIRST_WAIT_MS = 400;

const waited = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** What stands at an address of the API, and a way to ask again. A passing failure of a read is tried again by itself. */
export function useLoaded<T>(path: string): { readonly loaded: Loaded<T>; again(): void } {
  const { speaker } = useAround();
  const [asked, setAsked] = useState(0);
  const [loaded, setLoaded] = useState<Loaded<T>>({ state: 'loading' });
  // biome-ignore lint/correctness/useExhaustiveDependencies: asking again is what `asked` is for
  useEffect(() => {
    const left = new AbortController();
    setLoaded((before) => (before.state === 'there' ? before : { state: 'loading' }));
    readPatiently<T>((signal) => ask<T>(speaker, path, { signal }), left.signal)
      .then((value) => !left.signal.aborted && setLoaded({ state: 'there', value }))
      .catch((error: unknown) => {
        if (left.signal.aborted) return;
        setLoaded({
          state: 'failed',
          refused: error instanceof Refused ? error : new Refused('unreadable', 0, 'unreadable'),
        });
      });
    return () => left.abort();
  }, [speaker, path, asked]);
  return { loaded, again: useCallback(() => setAsked((it) => it + 1), []) };
}

async function readPatiently<T>(read: (signal: AbortSignal) => Promise<T>, left: AbortSignal): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await read(left);
    } catch (error) {
      if (left.aborted || tried >= TRIES || !(error instanceof Refused) || !error.isPassing) throw error;
      await waited(FIRST_WAIT_MS * 2 ** tried);
    }
  }
}
