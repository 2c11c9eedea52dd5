import { localDate } from '../../../domain/instant.ts';
import { responseRates } from '../../../pipeline/forms/response-rates.ts';
import { refusal } from '../../refusal.ts';
import type { Route } from '../../route.ts';
import type { RouteParts } from '../../route-parts.ts';
import type { Smart } from '../../smart/smart.ts';
import { launchWith } from './rightful.ts';

const DAY = /^\d{4}-\d\d-\d\d$/;
const YEAR_MS = 365 * 86_400_000;

/** How many were asked and answered: counts, never by therapist. */
export const ratesRoute = (parts: RouteParts, smart: Smart): Route => ({
  method: 'get',
  path: '/api/response-rates',
  summary: 'Asked, answered and expired, by instrument, rater and visit; of the last year where no days are named',
  access: 'launch',
  query: { from: 'First day on which a window opened', to: 'Last day' },
  answers: { 200: 'ResponseRatesView', 400: 'Not a day', 401: 'No launch', 403: 'Not for this role' },
  produces: 'application/json',
  handle: async (request, response) => {
    const launch = await launchWith(parts, smart, request, 'response-rates');
    const zone = parts.ports.context.settings.timeZone;
    const now = parts.now.now();
    const day = (value: unknown, otherwise: string): string => {
      if (value === undefined || value === '') return otherwise;
      if (typeof value === 'string' && DAY.test(value)) return value;
      throw refusal(400, 'value', 'malformed-query', 'from and to are days.');
    };
    const from = day(request.query.from, localDate(now - YEAR_MS, zone));
    const to = day(request.query.to, localDate(now, zone));
    const rates = await responseRates(parts.ports, { from, to });
    await parts.record(launch, { action: 'read', resources: ['Task'] });
    response.json({ from, to, rates });
  },
});
