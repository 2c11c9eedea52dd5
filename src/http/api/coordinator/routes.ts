import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import { accessesRoute } from './accesses.ts';
import { jobsRoute } from './jobs.ts';
import { deadLetterRoutes } from './letters.ts';
import { ratesRoute } from './rates.ts';
import { reviewRoutes } from './review.ts';

/** The pages of the coordinator, and the privacy officer’s. Nothing where nobody launches the app. */
export function coordinatorRoutes(parts: RouteParts): Route[] {
  const { smart } = parts;
  if (smart === undefined) return [];
  return [
    ...reviewRoutes(parts, smart),
    ...deadLetterRoutes(parts, smart),
    jobsRoute(parts, smart),
    ratesRoute(parts, smart),
    accessesRoute(parts, smart),
  ];
}
