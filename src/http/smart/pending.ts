import { createHash } from 'node:crypto';
import { parseCookie } from 'cookie';
import type { Request, Response } from 'express';
import type { State } from '../../state/port.ts';
import type { Asked } from './authorization.ts';
import type { LaunchKind } from './launch.ts';
import { randomId } from './launches.ts';
import type { LaunchAs } from './scopes.ts';

/** What is remembered between sending the browser to the hospital and its return. */
export interface Pending {
  readonly iss: string;
  readonly as: LaunchAs;
  readonly kind: LaunchKind;
  readonly asked: Asked;
  /** For whose pages scopes were asked; absent: for any clinical role’s. */
  readonly role?: string;
  /** SHA-256 of the cookie of the browser that began. */
  readonly browser: string;
}

const MINUTES = 10;
const COOKIE = 'vincle-launching';
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const idOf = (state: string): string => `pending/${digest(state)}`;

/** The authorization requests that are under way: each is answered once, by the browser that asked. */
export class PendingLaunches {
  readonly #state: State;
  readonly #now: () => number;
  readonly #isSecure: boolean;

  constructor(state: State, now: () => number, isSecure: boolean) {
    this.#state = state;
    this.#now = now;
    this.#isSecure = isSecure;
  }

  async remember(pending: Omit<Pending, 'browser'>, request: Request, response: Response): Promise<void> {
    // One cookie for a browser, whatever number of tabs begin at once.
    const known = this.#cookie(request);
    const cookie = known ?? randomId();
    const expires = new Date(this.#now() + MINUTES * 60_000).toISOString();
    await this.#state.keep(idOf(pending.asked.state), { ...pending, browser: digest(cookie) }, expires);
    response.cookie(this.#name, cookie, {
      path: this.#isSecure ? '/' : '/callback',
      httpOnly: true,
      secure: this.#isSecure,
      sameSite: this.#isSecure ? 'none' : 'lax',
      ...(this.#isSecure ? { partitioned: true } : {}),
      maxAge: MINUTES * 60_000,
    });
  }

  /** What was begun under this state by this browser; given out once. */
  async take(state: string, request: Request): Promise<Pending | undefined> {
    const cookie = this.#cookie(request);
    if (cookie === undefined) return undefined;
    // Only `remember` writes there, and what was changed since does not open.
    const pending = (await this.#state.take(idOf(state), new Date(this.#now()).toISOString())) as Pending | undefined;
    return pending?.browser === digest(cookie) ? pending : undefined;
  }

  #cookie(request: Request): string | undefined {
    return parseCookie(request.get('cookie') ?? '')[this.#name];
  }

  get #name(): string {
    // A page of a neighbouring host cannot set it (RFC 6265bis, 4.1.3.2): nobody begins in this browser for somebody else.
    return this.#isSecure ? `__Host-${COOKIE}` : COOKIE;
  }
}
