import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import type { OperationOutcome } from 'fhir/r4.js';
import { performBundle } from './bundle.ts';
import { type Answer, etag, type Interaction, locationOf, type Method, readAddress } from './interaction.ts';
import { perform } from './perform.ts';
import { badRequest, outcomeOf, Refusal } from './refusal.ts';
import type { Clause } from './search.ts';
import type { ServerParts } from './server-parts.ts';

const FHIR_JSON = 'application/fhir+json';
const BODY_LIMIT = '16mb';
const METHODS: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE'];
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/;

/** The FHIR server as an express application, under `/fhir`. */
export function fhirApplication(parts: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(onlyLoopback);
  app.use('/fhir', express.text({ type: () => true, limit: BODY_LIMIT }), (request, response) => {
    const { baseUrl, method } = request;
    const base = `http://${request.get('host')}${baseUrl}`;
    if (method === 'POST' && request.path === '/') {
      const bundle = performBundle(parts, jsonBody(request), base, request.get('prefer') === 'return=representation');
      send(request, response, { status: 200, resource: bundle }, base);
    } else {
      send(request, response, perform(parts, interactionOf(request, base)), base);
    }
  });
  app.use((_request, response) => {
    sendOutcome(response, 404, outcomeOf('error', 'not-found', 'The FHIR server is under /fhir'));
  });
  app.use(refuse);
  return app;
}

/** A page of another site whose name was pointed at this machine still says its own name: it gets nothing. */
function onlyLoopback(request: Request, _response: Response, next: () => void): void {
  if (!LOOPBACK.test(request.get('host') ?? ''))
    throw new Refusal(421, 'security', 'This server answers on loopback only');
  next();
}

function interactionOf(request: Request, baseUrl: string): Interaction {
  const method = METHODS.find((it) => it === (request.method === 'HEAD' ? 'GET' : request.method));
  if (method === undefined) throw new Refusal(405, 'not-supported', `${request.method} is not supported`);
  const { path, query } = readAddress(request.url);
  const header = (name: string) => request.get(name);
  const [ifMatch, ifNoneMatch, ifNoneExist] = [header('if-match'), header('if-none-match'), header('if-none-exist')];
  return {
    method,
    path,
    query: path[1] === '_search' ? [...query, ...formBody(request)] : query,
    baseUrl,
    ...(method === 'PUT' || (method === 'POST' && path[1] !== '_search') ? { body: jsonBody(request) } : {}),
    ...(ifMatch === undefined ? {} : { ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
    ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
  };
}

function jsonBody(request: Request): unknown {
  if (!request.is(FHIR_JSON)) throw new Refusal(415, 'not-supported', `The content type is ${FHIR_JSON}`);
  try {
    return JSON.parse(String(request.body));
  } catch {
    // The parser's own words quote the body.
    throw badRequest('The body is no JSON');
  }
}

function formBody(request: Request): Clause[] {
  if (!request.is('application/x-www-form-urlencoded')) {
    throw new Refusal(415, 'not-supported', 'The content type of a search is application/x-www-form-urlencoded');
  }
  return [...new URLSearchParams(String(request.body ?? ''))];
}

function send(request: Request, response: Response, answer: Answer, baseUrl: string): void {
  const { status, version, resource } = answer;
  if (version !== undefined) {
    response.set('ETag', etag(version)).set('Last-Modified', new Date(version.lastUpdated).toUTCString());
    if (request.method !== 'GET') response.set('Location', `${baseUrl}/${locationOf(version)}`);
  }
  const isWrite = request.method === 'PUT' || (request.method === 'POST' && version !== undefined);
  const minimal = isWrite && request.get('prefer') === 'return=minimal';
  response.status(status);
  if (resource === undefined || minimal) response.end();
  else response.type(FHIR_JSON).send(JSON.stringify(resource));
}

function sendOutcome(response: Response, status: number, outcome: OperationOutcome): void {
  response.status(status).type(FHIR_JSON).send(JSON.stringify(outcome));
}

const refuse: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof Refusal) return sendOutcome(response, error.status, error.outcome);
  if (error instanceof URIError)
    return sendOutcome(response, 400, outcomeOf('error', 'invalid', 'The address is malformed'));
  const status = statusOf(error);
  const why =
    status === 413
      ? `A body has at most ${BODY_LIMIT}`
      : status < 500
        ? 'The request is malformed'
        : 'The server failed';
  return sendOutcome(response, status, outcomeOf('error', status === 413 ? 'too-long' : 'exception', why));
};

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 600 ? status : 500;
}
