import { Refused, refusedFrom } from './refused.ts';

/** How this launch speaks with Vincle. */
export interface Speaker {
  readonly launchId: string;
  /** Token of `GET /api/session` that every change needs; `undefined` until the session is known. */
  csrf(): string | undefined;
}

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly body?: object;
  /** Milliseconds until it counts as unanswered. */
  readonly timeoutMs?: number;
  /** Ends the request early, e.g. because the page was left. */
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 15_000;

/**
 * One request to `/api/…` for this launch. The credential is a cookie that no script sees. Nothing is retried here: a
 * change is never sent twice without a person's word.
 * @throws Refused where the answer is not what was asked for
 */
export async function ask<T>(speaker: Speaker, path: string, asking: Asking = {}): Promise<T> {
  const { method = 'GET', body, timeoutMs = TIMEOUT_MS, signal } = asking;
  const csrf = speaker.csrf();
  const limit = AbortSignal.timeout(timeoutMs);
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      headers: {
        Accept: 'application/json',
        'Vincle-Launch': speaker.launchId,
        ...(method === 'GET' || csrf === undefined ? {} : { 'Vincle-CSRF': csrf }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw limit.aborted ? new Refused('late', 0, 'late') : new Refused('offline', 0, 'offline');
  }
  const said = await read(response);
  if (!response.ok) throw refusedFrom(response.status, said, response.headers.get('Retry-After'));
  return said as T;
}

/** The body as JSON; nothing for an empty one. @throws Refused where a good answer cannot be read */
async function read(response: Response): Promise<unknown> {
  const text = await response.text().catch(() => undefined);
  if (text === '') return undefined;
  try {
    return JSON.parse(text ?? '');
  } catch {
    if (!response.ok) return undefined;
    throw new Refused('unreadable', response.status, 'unreadable');
  }
}
