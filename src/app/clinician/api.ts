import {
  QueryCache,
  QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { createContext, use } from 'react';
import type { SessionView } from '../../domain/view/session-view.ts';
import { ask, type Speaker } from '../api/ask.ts';
import { Refused } from '../api/refused.ts';

export const SpeakerContext = createContext<Speaker>({ launchId: '', csrf: () => undefined });

const TRIES = 2;
export const SESSION = '/api/session';

/** Vincle knows of no such session any more. */
export const hasEnded = (error: unknown): boolean => error instanceof Refused && error.status === 401;

/** What was read is kept for the tab's life only, in memory; a passing failure of a read is tried twice again. */
export function queryClient(): QueryClient {
  const client = new QueryClient({
    // Whatever finds that the session is over asks for it anew, and with it gone nothing of a patient stays in sight.
    queryCache: new QueryCache({
      onError: (error, { queryKey }) => {
        if (hasEnded(error) && queryKey[0] !== SESSION) void client.invalidateQueries({ queryKey: [SESSION] });
      },
    }),
    defaultOptions: {
      queries: {
        retry: (count, error) => count < TRIES && error instanceof Refused && error.isPassing,
        retryDelay: (count, error) =>
          error instanceof Refused && error.retryAfter !== undefined
            ? Math.min(error.retryAfter, 10) * 1000
            : 500 * 2 ** count,
        staleTime: 10_000,
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  return client;
}

/** How the session is asked for. */
export const sessionOf = (speaker: Speaker) => ({
  queryKey: [SESSION],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) => ask<SessionView>(speaker, SESSION, { signal }),
});

export interface Reading {
  readonly enabled?: boolean;
  /** What stood there before stays in sight while a filter changes. Never where another address is another patient. */
  readonly keepsPrevious?: boolean;
}

/** What stands at an address of the API, read anew when the page is looked at again. */
export function useRead<T>(path: string, { enabled = true, keepsPrevious = false }: Reading = {}): UseQueryResult<T> {
  const speaker = use(SpeakerContext);
  return useQuery<T>({
    queryKey: [path],
    queryFn: ({ signal }) => ask<T>(speaker, path, { signal }),
    enabled,
    ...(keepsPrevious ? { placeholderData: (before) => before } : {}),
  });
}

export interface Change {
  readonly path: string;
  readonly method?: 'POST' | 'PUT';
  readonly body: object;
}

/** Reads everything anew that is shown. The session is whose it was: only what it shows may have changed. */
export function useRefresh(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ predicate: (it) => it.queryKey[0] !== SESSION });
}

/**
 * Sends a change once; afterwards everything that is shown is read anew. Where `staysOnFailure`, not after a failure: who
 * asked from something that stands no longer would see the question go, and not why.
 */
export function useChange<Answer = unknown>(staysOnFailure = false): UseMutationResult<Answer, Error, Change> {
  const speaker = use(SpeakerContext);
  const refresh = useRefresh();
  return useMutation<Answer, Error, Change>({
    mutationFn: ({ path, method = 'POST', body }) => ask<Answer>(speaker, path, { method, body, timeoutMs: 30_000 }),
    // A session that ended in the middle of a question leaves what was typed in sight.
    onSettled: (_answer, error) => (hasEnded(error) || (error !== null && staysOnFailure) ? undefined : refresh()),
  });
}
