import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import { accessesRoute } from './accesses.ts';
import { cohortReportRoute } from './cohort-report.ts';
import { jobsRoute } from './jobs.ts';
import { deadLetterRoutes } from './letters.ts';
import { ratesRoute } from './rates.ts';
import { reviewRoutes } from './review.ts';

/** The pages of the coordinator, the privacy officer’s and the researcher’s. Nothing where nobody launches the app. */
export function coordinatorRoutes(parts: RouteParts): Route[] {
  const { smart } = parts;
  const { cohortReport } = parts.options;
  if (smart === undefined) return [];
  return [
    ...reviewRoutes(parts, smart),
    ...deadLetterRoutes(parts, smart),
    jobsRoute(parts, smart),
    ratesRoute(parts, smart),
    accessesRoute(parts, smart),
    ...(cohortReport === undefined ? [] : [cohortReportRoute(parts, smart, cohortReport)]),
  ];
}
