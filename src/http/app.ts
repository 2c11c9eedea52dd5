import { randomUUID } from 'node:crypto';
import express, { type Express, type RequestHandler } from 'express';
import { literal } from '../domain/reference.ts';
import type { Logger } from '../log.ts';
import { AccessLog } from '../pipeline/audit/access-log.ts';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import type { Now } from '../pipeline/compute-now.ts';
import { Notifications } from '../pipeline/notifications.ts';
import { withSafety } from '../pipeline/safety/safety-ports.ts';
import { answerErrors } from './answer-errors.ts';
import { recordAccess, recordedRoute, type Whose } from './api/record-access.ts';
import { authorizer, callerOrLaunch } from './authorize.ts';
import { cdsCors } from './cds-hooks/cors.ts';
import { CDS_METHODS } from './cds-hooks/routes.ts';
import type { HttpOptions } from './http-options.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { refusal } from './refusal.ts';
import { routesOf } from './routes.ts';
import { askRight } from './smart/asked-right.ts';
import { launchAuthorizer } from './smart/launch-authorizer.ts';
import { openSmart } from './smart/smart.ts';
import { rateLimits } from './web/rate-limits.ts';

export interface HttpPorts extends AlliancePorts {
  readonly log: Logger;
  readonly now: Now;
}

/** The application, and what its owner still needs of it. */
export interface VincleApp {
  readonly app: Express;
  readonly metrics: Metrics;
  readonly notifications: Notifications;
}

/** Vincle over HTTP, not yet listening: the table of routes, with what all of them have in common. */
export function createApp(ports: HttpPorts, options: HttpOptions): VincleApp {
  const { log, now } = ports;
  const metrics = createMetrics(ports.state, now.now, withSafety(ports));
  const notifications = new Notifications(ports, {
    ...now,
    max: options.notificationsMax ?? 1_000,
    onNoticed: (what) => metrics.notification(what),
  });
  const smart =
    options.smart === undefined
      ? undefined
      : openSmart(options.smart, { state: ports.state, now: now.now, server: ports.server });
  const authorize = callerOrLaunch(
    authorizer(options.authorization, ports.server.baseUrl),
    smart === undefined ? undefined : launchAuthorizer(smart, ports.context.content.access),
  );
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.proxyHops ?? 0);
  app.use(observe(log, metrics), harden);
  app.use('/cds-services', cdsCors(options.cds?.origins ?? [], CDS_METHODS));
  if (options.rateLimits !== undefined)
    for (const [path, limit] of rateLimits(options.rateLimits, { state: ports.state, now: now.now }))
      app.use(path, limit);
  const record = recordAccess(
    new AccessLog({
      baseUrl: ports.server.baseUrl,
      state: ports.state,
      now: now.now,
      newId: randomUUID,
      ...(options.publicUrl === undefined ? {} : { publicUrl: options.publicUrl }),
    }),
  );
  const whose: Whose = async (type, id) => {
    const found = await ports.server.read(type, id);
    const about = found?.resourceType === 'Task' ? found.for : found?.subject;
    return literal(about, ports.server.baseUrl);
  };
  for (const route of routesOf({
    ports,
    record,
    options,
    authorize,
    metrics,
    notifications,
    now,
    ...(smart === undefined ? {} : { smart }),
  }))
    app[route.method](
      route.path,
      (request, _response, next) => {
        askRight(request, route.right);
        next();
      },
      recordedRoute(route, record, whose),
    );
  app.use(() => {
    throw refusal(404, 'not-found', 'no-such-route', 'There is nothing at this address.');
  });
  app.use(answerErrors(log));
  return { app, metrics, notifications };
}

/** Counts and logs what was asked by its pattern: an id, a query and a body are nobody's business. */
const observe =
  (log: Logger, metrics: Metrics): RequestHandler =>
  (request, response, next) => {
    const started = performance.now();
    response.on('finish', () => {
      const route: unknown = request.route?.path;
      const path = typeof route === 'string' ? route : 'none';
      const ms = Math.round(performance.now() - started);
      metrics.request(path, request.method, response.statusCode, ms / 1000);
      log.info({ method: request.method, route: path, status: response.statusCode, ms }, 'request');
    });
    next();
  };

/** Nothing here is a page, a script, or anything to keep. */
const harden: RequestHandler = (_request, response, next) => {
  response.set({
    'Cache-Control': 'no-store',
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Strict-Transport-Security': 'max-age=31536000',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  });
  next();
};
