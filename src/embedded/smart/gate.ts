import express, { type Request, type RequestHandler, type Response } from 'express';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import type { TokenOf } from './authority.ts';
import { isOfPatient } from './compartment.ts';

/** What stands between an app and the FHIR server. */
export interface GateParts {
  /** The server behind it, `http://127.0.0.1:PORT/fhir`. */
  readonly upstream: string;
  /** How the app reaches the server through the gate. */
  readonly baseUrl: string;
  readonly tokenOf: (token: string) => Promise<TokenOf | undefined>;
}

type Right = 'c' | 'r' | 'u' | 's' | 'd';
const SCOPE = /^(patient|user)\/([A-Za-z]+|\*)\.(c?r?u?d?s?)$/;

/** The levels at which a token may do something with a type. */
function levelsOf(scope: string, type: string, right: Right): Set<string> {
  const levels = new Set<string>();
  for (const word of scope.split(' ')) {
    const [, level = '', resource, rights = ''] = SCOPE.exec(word) ?? [];
    if ((resource === type || resource === '*') && rights.includes(right)) levels.add(level);
  }
  return levels;
}

const refuse = (response: Response, status: number, code: string, diagnostics: string): void =>
  void response
    .status(status)
    .type('application/fhir+json')
    .send(JSON.stringify({ resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] }));

/**
 * Lets through what the token’s scopes allow, type by type, entry by entry of a batch; with `patient/` scopes alone nothing
 * that is not about the patient of the launch comes back, and nothing about anybody else is written.
 */
export function gate({ upstream, baseUrl, tokenOf }: GateParts): RequestHandler[] {
  return [
    express.text({ type: () => true, limit: '16mb' }),
    async (request: Request, response: Response) => {
      const [, bearer] = /^Bearer (.+)$/.exec(request.get('authorization') ?? '') ?? [];
      const token = bearer === undefined ? undefined : await tokenOf(bearer);
      if (token === undefined) return refuse(response, 401, 'login', 'No token that is good now.');
      const asked = askedFor(request);
      if (asked === undefined) return refuse(response, 400, 'structure', 'The batch cannot be read.');
      const levels = asked.map((it) => levelsOf(token.scope, it.type, it.right));
      const denied = asked[levels.findIndex((it) => it.size === 0)];
      if (denied !== undefined)
        return refuse(response, 403, 'forbidden', `The token does not allow ${denied.right} of ${denied.type}.`);
      const narrow = new Set(asked.filter((_, at) => !levels[at]?.has('user')).map((it) => it.type));
      const patient = token.patient ?? (token.user.startsWith('Patient/') ? token.user : undefined);
      const written = asked.flatMap((it) => it.resource ?? []);
      if (written.some((it) => narrow.has(it.resourceType) && !isOfPatient(it, patient)))
        return refuse(response, 403, 'forbidden', 'It is about somebody else than the patient of the launch.');
      if (await standsForOthers(asked, narrow, patient, upstream))
        return refuse(response, 403, 'forbidden', 'What stands there is about somebody else.');
      await forward(request, response, { upstream, baseUrl, narrow, patient });
    },
  ];
}

interface Wanted {
  readonly type: string;
  readonly right: Right;
  readonly id?: string;
  readonly resource?: FhirResource;
}

/** Whether something is to be changed that is about another patient than the launch’s, whatever it would become. */
async function standsForOthers(
  asked: readonly Wanted[],
  narrow: ReadonlySet<string>,
  patient: string | undefined,
  upstream: string,
): Promise<boolean> {
  const changed = asked.filter((it) => (it.right === 'u' || it.right === 'd') && narrow.has(it.type));
  const standing = await Promise.all(
    changed.map(async ({ type, id }) => {
      const answer = await fetch(`${upstream}/${type}/${id ?? ''}`, { signal: AbortSignal.timeout(60_000) });
      return answer.ok ? parsed(await answer.text()) : undefined;
    }),
  );
  return standing.some((it) => it !== undefined && it.resourceType !== 'Bundle' && !isOfPatient(it, patient));
}

function askedFor(request: Request): readonly Wanted[] | undefined {
  const text = typeof request.body === 'string' ? request.body : '';
  if (request.path !== '/' && request.path !== '') return [wanted(request.method, request.url, text)];
  try {
    const bundle = JSON.parse(text) as Bundle<FhirResource>;
    return (bundle.entry ?? []).map((it) => ({
      ...wanted(it.request?.method ?? 'GET', `/${it.request?.url ?? ''}`, ''),
      ...(it.resource === undefined ? {} : { resource: it.resource }),
    }));
  } catch {
    return undefined;
  }
}

function wanted(method: string, url: string, body: string): Wanted {
  const [path = ''] = url.split('?');
  const [type = '', id] = path.split('/').filter((it) => it !== '');
  const isSearch = (method === 'GET' && id === undefined) || id === '_search';
  const right = isSearch ? 's' : method === 'GET' ? 'r' : method === 'POST' ? 'c' : method === 'DELETE' ? 'd' : 'u';
  const resource = right === 'c' || right === 'u' ? parsed(body) : undefined;
  return { type, right, ...(id === undefined ? {} : { id }), ...(resource === undefined ? {} : { resource }) };
}

function parsed(text: string): FhirResource | undefined {
  try {
    return text === '' ? undefined : (JSON.parse(text) as FhirResource);
  } catch {
    return undefined;
  }
}

interface Forwarding {
  readonly upstream: string;
  readonly baseUrl: string;
  readonly narrow: ReadonlySet<string>;
  readonly patient: string | undefined;
}

const PASSED = ['accept', 'content-type', 'if-match', 'if-none-match', 'if-none-exist', 'prefer', 'cache-control'];

async function forward(request: Request, response: Response, { upstream, baseUrl, narrow, patient }: Forwarding) {
  const headers = Object.fromEntries(PASSED.flatMap((it) => (request.get(it) ? [[it, request.get(it) ?? '']] : [])));
  const hasBody = typeof request.body === 'string' && request.body !== '';
  const answer = await fetch(`${upstream}${request.url === '/' ? '' : request.url}`, {
    method: request.method,
    headers: { ...headers, 'accept-encoding': 'identity' },
    signal: AbortSignal.timeout(60_000),
    ...(hasBody ? { body: request.body.replaceAll(baseUrl, upstream) } : {}),
  });
  const text = (await answer.text()).replaceAll(upstream, baseUrl);
  if (resourcesIn(parsed(text)).some((it) => narrow.has(it.resourceType) && !isOfPatient(it, patient)))
    return refuse(response, 403, 'forbidden', 'It is about somebody else than the patient of the launch.');
  for (const name of ['etag', 'last-modified', 'location', 'date']) {
    const value = answer.headers.get(name);
    if (value !== null) response.set(name, value.replaceAll(upstream, baseUrl));
  }
  response
    .status(answer.status)
    .type(answer.headers.get('content-type') ?? 'application/fhir+json')
    .send(text);
}

/** Every resource of an answer, however deep its Bundles. */
function resourcesIn(resource: FhirResource | undefined): FhirResource[] {
  if (resource?.resourceType !== 'Bundle') return resource === undefined ? [] : [resource];
  const { entry = [] } = resource as Bundle<FhirResource>;
  return entry.flatMap((it) => resourcesIn(it.resource));
}
