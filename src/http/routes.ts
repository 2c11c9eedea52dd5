import type { Request, Response } from 'express';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import { worstDelay } from '../pipeline/safety/safety-status.ts';
import { FHIR_JSON } from './answer-errors.ts';
import { clinicRoutes } from './api/clinic/routes.ts';
import { coordinatorRoutes } from './api/coordinator/routes.ts';
import { formRoutes } from './api/forms/routes.ts';
import { safetyRoutes } from './api/safety.ts';
import { stepRoutes } from './api/steps.ts';
import { cdsRoutes } from './cds-hooks/routes.ts';
import { capabilityStatement } from './fhir/capability-statement.ts';
import { createResponse } from './fhir/create-response.ts';
import { offeredForms, readQuestionnaire, searchQuestionnaires } from './fhir/questionnaires.ts';
import { lastRunsOf, readiness, watchOf } from './health.ts';
import { openapi } from './openapi.ts';
import { readBody } from './read-body.ts';
import { refusal, unauthenticated } from './refusal.ts';
import type { Route } from './route.ts';
import type { RouteParts } from './route-parts.ts';
import { isBearerOf } from './same-secret.ts';
import { publicKeysOf } from './smart/registration.ts';
import { smartRoutes } from './smart/routes.ts';
import { webRoutes } from './web/routes.ts';

const sendFhir = (response: Response, resource: object): void =>
  void response.type(FHIR_JSON).send(JSON.stringify(resource));

/** How fast a sign of danger is seen, for whoever reads /fhir/metadata. */
function safetyNote({ safety }: AlliancePorts): string | undefined {
  if (safety === undefined) return undefined;
  const { ownIntake, byOthers } = worstDelay(safety);
  return `An answer with a sign of danger reaches a person within ${ownIntake} s when it is handed in here, within ${byOthers} s when it is stored on the hospital’s server by others, while everything works.`;
}

/** Every route there is, in the order of docs: what is not here answers 404. */
export function routesOf(parts: RouteParts): readonly Route[] {
  const routes: Route[] = [
    ...operational(parts),
    ...fhir(parts),
    ...stepRoutes(parts),
    ...safetyRoutes(parts),
    ...cdsRoutes(parts),
    ...hooks(parts),
    ...smartRoutes(parts),
    ...formRoutes(parts),
    ...coordinatorRoutes(parts),
    ...clinicRoutes(parts),
    ...webRoutes(parts),
  ];
  const { version, publicUrl } = parts.options;
  routes.push({
    method: 'get',
    path: '/openapi.json',
    summary: 'This table of routes',
    access: 'public',
    answers: { 200: 'OpenAPI 3.1' },
    produces: 'application/json',
    handle: (_request, response) => void response.json(openapi(routes, version, publicUrl)),
  });
  return routes;
}

function operational({ ports, options, metrics, now }: RouteParts): Route[] {
  const { version, publicKeys = [], metricsToken, lastRunMaxAgeMs, readyTimeoutMs = 5_000 } = options;
  const started = now.now();
  const launching = publicKeysOf(options.smart?.registrations ?? []);
  const keys = [...publicKeys.filter((it) => !launching.some((other) => other.kid === it.kid)), ...launching];
  const ready = readiness(ports, { lastRunMaxAgeMs, timeoutMs: readyTimeoutMs, now: now.now });
  const all: (Route | false)[] = [
    {
      method: 'get',
      path: '/health',
      summary: 'The process lives; when the jobs last ran',
      access: 'public',
      answers: { 200: 'Alive', 503: 'Alive, and nobody is looking for signs of danger: the safety poll is late' },
      produces: 'application/json',
      handle: async (_request, response) => {
        const watch = await watchOf(ports, now.now(), started);
        const isRed = watch?.watching === false;
        response.status(isRed ? 503 : 200).json({
          status: isRed ? 'red' : 'alive',
          version,
          lastRuns: await lastRunsOf(ports),
          ...(watch === undefined ? {} : { safety: watch }),
        });
      },
    },
    {
      method: 'get',
      path: '/ready',
      summary: 'Vincle can do its work; with for=safety, whether it can watch over anybody',
      access: 'public',
      query: { for: 'safety' },
      answers: { 200: 'Ready', 503: 'Not ready, and what is missing' },
      produces: 'application/json',
      handle: async (request, response) => {
        const answer = await ready();
        const isReady = answer.ready && (request.query.for !== 'safety' || answer.safety?.ready === true);
        response.status(isReady ? 200 : 503).json(answer);
      },
    },
    {
      method: 'get',
      path: '/.well-known/jwks.json',
      summary: 'Public keys of Vincle’s client assertions',
      access: 'public',
      answers: { 200: 'JWK Set' },
      produces: 'application/json',
      handle: (_request, response) => void response.json({ keys }),
    },
    metricsToken !== undefined && {
      method: 'get',
      path: '/metrics',
      summary: 'Counters for Prometheus',
      access: 'metrics-token',
      answers: { 200: 'Text format', 401: 'Wrong token' },
      produces: 'text/plain',
      handle: async (request, response) => {
        if (!isBearerOf(metricsToken, request.get('authorization')))
          throw unauthenticated('wrong-token', 'This route needs its own token.');
        response.type('text/plain').send(await metrics.text());
      },
    },
  ];
  return all.filter((it) => it !== false);
}

function fhir(parts: RouteParts): Route[] {
  const { ports, options, now } = parts;
  const offered = offeredForms(ports.context.content, ports.safety);
  const started = new Date(now.now()).toISOString();
  const self = (request: Request) => `${options.publicUrl ?? `http://${request.get('host') ?? ''}`}/fhir/Questionnaire`;
  return [
    {
      method: 'get',
      path: '/fhir/metadata',
      summary: 'CapabilityStatement of what Vincle itself serves',
      access: 'public',
      answers: { 200: 'CapabilityStatement' },
      produces: FHIR_JSON,
      handle: (_request, response) =>
        sendFhir(
          response,
          capabilityStatement(
            options.version,
            started,
            options.publicUrl,
            options.authorization?.issuer,
            safetyNote(ports),
          ),
        ),
    },
    {
      method: 'get',
      path: '/fhir/Questionnaire',
      summary: 'Questionnaires by canonical, without licensed wording',
      access: 'public',
      query: { url: 'Canonical, with or without |version' },
      answers: { 200: 'Bundle' },
      produces: FHIR_JSON,
      handle: (request, response) => {
        const { url } = request.query;
        const named = typeof url === 'string' ? url : undefined;
        sendFhir(response, searchQuestionnaires(offered, named, self(request)));
      },
    },
    {
      method: 'get',
      path: '/fhir/Questionnaire/:id',
      summary: 'One Questionnaire, without licensed wording',
      access: 'public',
      answers: { 200: 'Questionnaire', 404: 'None of that id' },
      produces: FHIR_JSON,
      handle: (request, response) => sendFhir(response, readQuestionnaire(offered, String(request.params.id))),
    },
    handIn(parts),
  ];
}

const handIn = ({ ports, authorize, metrics, notifications, now }: RouteParts): Route => ({
  method: 'post',
  path: '/fhir/QuestionnaireResponse',
  summary: 'Hand in a response: stored on the hospital’s server and computed at once',
  access: 'bearer',
  body: 'fhir',
  answers: {
    200: 'It stood there already, or replaced an earlier one',
    201: 'Stored; the outcome says whether it was scored',
    202: 'Kept, and delivered once the hospital’s server can take it',
    401: 'No good token',
    403: 'Not this caller’s, or not of the programme; nothing is kept',
    409: 'The identifier is of another response',
    413: 'Larger than 6 MB',
    415: 'No FHIR JSON',
    422: 'The response does not fit its questionnaire; each issue says where',
    503: 'Try again',
  },
  produces: FHIR_JSON,
  handle: async (request, response) => {
    // Before the body is read: whoever has no token costs nothing.
    const caller = await authorize(request);
    await readBody(request, response);
    const onStored = notifications.knows.bind(notifications);
    await createResponse(ports, caller, request, response, { now, metrics, onStored });
  },
});

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function hooks({ options: { hooksSecret }, notifications }: RouteParts): Route[] {
  if (hooksSecret === undefined) return [];
  const authenticate = (request: Request) => {
    // The body is never looked at: whoever knows the secret still decides nothing.
    request.resume();
    if (!isBearerOf(hooksSecret, request.get('authorization')))
      throw unauthenticated('wrong-secret', 'This route needs the secret of its Subscription.');
  };
  const answers = { 200: 'Noted', 401: 'Wrong secret', 404: 'No id of a response', 503: 'Too many wait' };
  return [
    {
      method: 'put',
      path: '/hooks/fhir/QuestionnaireResponse/:id',
      summary: 'A response changed on the FHIR server: it is read again from there',
      access: 'subscription-secret',
      answers,
      produces: FHIR_JSON,
      handle: (request, response) => {
        authenticate(request);
        const id = String(request.params.id);
        if (!ID.test(id)) throw refusal(404, 'not-found', 'not-found', 'That is no id.');
        if (!notifications.notice(id)) throw refusal(503, 'throttled', 'too-many', 'Too many notifications wait.');
        response.status(200).end();
      },
    },
    {
      method: 'post',
      path: '/hooks/fhir',
      summary: 'Something changed, without a word about what: the job will find it',
      access: 'subscription-secret',
      answers,
      produces: FHIR_JSON,
      handle: (request, response) => {
        authenticate(request);
        response.status(200).end();
      },
    },
  ];
}
