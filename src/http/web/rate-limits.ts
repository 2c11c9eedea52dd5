import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit';
import type { State } from '../../state/port.ts';
import { refusal } from '../refusal.ts';

/** How much one address or one launch may ask in a minute, of all replicas on one state together. */
export interface RateLimits {
  /** Launches begun and finished, for one address. */
  readonly launches: number;
  /** Requests of the app, for one launch. */
  readonly requests: number;
}

/** A hospital’s people share addresses: one address may ask as much as so many launches. */
const LAUNCHES_BEHIND_ONE_ADDRESS = 50;
const WINDOW_MS = 60_000;

const addressOf = (request: Request): string => ipKeyGenerator(request.ip ?? 'unknown');

interface Counting {
  readonly state: State;
  readonly now: () => number;
}

/** Counts where every replica does. The state has no way to take a count back, and nothing here asks for it. */
const storeOf = ({ state, now }: Counting, kind: string): Store => ({
  prefix: kind,
  increment: async (key) => {
    const { hits, endsAt } = await state.count(kind, key, WINDOW_MS, now());
    return { totalHits: hits, resetTime: new Date(endsAt) };
  },
  decrement: () => {},
  resetKey: () => {},
});

const limited = (
  counting: Counting,
  kind: string,
  limit: number,
  keyGenerator: (request: Request) => string,
): RequestHandler =>
  rateLimit({
    windowMs: WINDOW_MS,
    limit,
    keyGenerator,
    store: storeOf(counting, kind),
    // Without its state Vincle knows no launch and takes up none: what is let through is answered by nothing.
    passOnStoreError: true,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // Which proxies are believed is configured (PROXY_HOPS); what others claim is not looked at.
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) =>
      next(refusal(429, 'throttled', 'too-many', 'Too many requests: wait a minute.', { 'Retry-After': '60' })),
  });

/** What is limited, by path. Routes of other systems (intake, hooks, CDS Hooks) are limited by who may ask at all. */
export function rateLimits(
  { launches, requests }: RateLimits,
  counting: Counting,
): readonly (readonly [string, RequestHandler])[] {
  const byAddress = limited(counting, 'launches', launches, addressOf);
  return [
    ['/launch', byAddress],
    ['/callback', byAddress],
    // Whoever invents a launch for each request is still one address.
    ['/api', limited(counting, 'address', requests * LAUNCHES_BEHIND_ONE_ADDRESS, addressOf)],
    [
      '/api',
      limited(
        counting,
        'requests',
        requests,
        (request) => request.get('vincle-launch')?.slice(0, 64) ?? addressOf(request),
      ),
    ],
  ];
}
