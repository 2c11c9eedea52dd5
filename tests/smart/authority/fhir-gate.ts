import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { concerns, type Interaction, interactionOf, reach } from './gate-rules.ts';
import type { Bearer } from './people.ts';

type Records = Bundle<FhirResource>;
type Entry = BundleEntry<FhirResource>;

/** One request as it came to the gate. */
export interface Passed {
  readonly method: string;
  /** Below the base, with its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  /** Key of the person; `system` for the token of a service; absent where the token was not taken. */
  readonly person: string | undefined;
  readonly status: number;
}

export interface GateOptions {
  readonly target: string;
  readonly bearerOf: (token: string) => Promise<Bearer | undefined>;
  /** Passes without a rule: Vincle’s own credential. */
  readonly systemToken: string;
  readonly smartConfiguration: () => object;
}

/** A fault of the FHIR server; `cut` breaks the connection, `silent` never answers, a number is the status answered. */
export type FhirFault = 'cut' | 'silent' | number;

export interface FhirGate {
  readonly baseUrl: string;
  readonly seen: Passed[];
  fault: FhirFault | undefined;
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const outcome = (status: number, text: string): Answer => ({
  status,
  headers: { 'content-type': 'application/fhir+json' },
  body: JSON.stringify({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code: status === 401 ? 'login' : 'forbidden', diagnostics: text }],
  }),
});
const FORBIDDEN = outcome(403, 'the token does not reach this');
const SENT = ['accept', 'cache-control', 'content-type', 'if-match', 'if-none-exist', 'if-none-match', 'prefer'];
const KEPT = ['content-type', 'etag', 'location', 'last-modified', 'date'];

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/**
 * A FHIR server as a hospital guards it: every interaction, entry of a Bundle and resource of an answer is held to the
 * scopes, the launch patient and the patients of whoever’s token it is; the server behind is asked without a token.
 */
class Gate {
  readonly #options: GateOptions;
  readonly #origin: string;
  readonly #own: string;

  constructor(options: GateOptions, own: string) {
    this.#options = options;
    this.#origin = new URL(options.target).origin;
    this.#own = own;
  }

  get base(): string {
    return this.#options.target.replace(this.#origin, this.#own);
  }

  async forward(method: string, path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const answer = await fetch(`${this.#options.target}${path}`, {
      method,
      headers,
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: body.replaceAll(this.#own, this.#origin) }),
    });
    const kept: Record<string, string> = {};
    for (const name of KEPT) {
      const value = answer.headers.get(name);
      if (value !== null) kept[name] = value.replaceAll(this.#origin, this.#own);
    }
    return { status: answer.status, headers: kept, body: (await answer.text()).replaceAll(this.#origin, this.#own) };
  }

  async asked(bearer: Bearer, method: string, path: string, body: string, headers: Record<string, string>) {
    const place = path.split('?')[0] ?? '';
    if (place === '/metadata') return this.forward(method, path, body, headers);
    if (place === '' || place === '/') {
      if (method === 'POST') return this.#bundle(bearer, path, body, headers);
      return this.#shown(bearer, await this.forward(method, path, body, headers));
    }
    const interaction = interactionOf(method, path);
    if (interaction === undefined || reach(bearer, interaction) === undefined) return FORBIDDEN;
    if (!(await this.#mayWrite(bearer, interaction, body))) return FORBIDDEN;
    return this.#shown(bearer, await this.forward(method, path, body, headers), interaction);
  }

  /** What is written concerns the caller, and so does what stands there. */
  async #mayWrite(bearer: Bearer, { type, letter, id }: Interaction, body: string): Promise<boolean> {
    if (letter === 'r' || letter === 's') return true;
    const written = body.startsWith('{') ? (JSON.parse(body) as FhirResource) : undefined;
    if (written?.resourceType !== undefined && !concerns(bearer, written, letter)) return false;
    if (id === undefined) return true;
    const standing = await this.forward('GET', `/${type}/${id}`, '', { accept: 'application/fhir+json' });
    return standing.status !== 200 || concerns(bearer, JSON.parse(standing.body) as FhirResource, letter);
  }

  /** An answer without what its reader may not see. */
  #shown(bearer: Bearer, answer: Answer, interaction?: Interaction): Answer {
    if (answer.status >= 300 || !answer.body.startsWith('{')) return answer;
    const resource = JSON.parse(answer.body) as FhirResource;
    const letter = interaction?.letter === 'c' || interaction?.letter === 'u' ? interaction.letter : 'r';
    if (resource.resourceType !== 'Bundle') return concerns(bearer, resource, letter) ? answer : FORBIDDEN;
    return { ...answer, body: JSON.stringify(this.#visible(bearer, resource as Records)) };
  }

  #visible(bearer: Bearer, bundle: Records): Records {
    const shown = (bundle.entry ?? []).filter(
      ({ resource }) => resource === undefined || concerns(bearer, resource, 's') || concerns(bearer, resource, 'r'),
    );
    const hidden = (bundle.entry ?? []).length - shown.length;
    return {
      ...bundle,
      ...(bundle.entry === undefined ? {} : { entry: shown }),
      ...(bundle.total === undefined ? {} : { total: Math.max(0, bundle.total - hidden) }),
    };
  }

  async #bundle(bearer: Bearer, path: string, body: string, headers: Record<string, string>): Promise<Answer> {
    const bundle = JSON.parse(body) as Records;
    const entries = bundle.entry ?? [];
    const allowed = await Promise.all(entries.map((it) => this.#mayEntry(bearer, it)));
    if (bundle.type !== 'batch' && !allowed.every(Boolean)) return FORBIDDEN;
    const passing = entries.filter((_, index) => allowed[index]);
    const answer = await this.forward('POST', path, JSON.stringify({ ...bundle, entry: passing }), headers);
    if (answer.status >= 300) return answer;
    const answered = (JSON.parse(answer.body) as Records).entry ?? [];
    let next = 0;
    const entry = allowed.map((isAllowed): Entry => {
      const one = isAllowed ? answered[next++] : undefined;
      return one === undefined ? refusedEntry() : this.#shownEntry(bearer, one);
    });
    return { ...answer, body: JSON.stringify({ resourceType: 'Bundle', type: `${bundle.type}-response`, entry }) };
  }

  #shownEntry(bearer: Bearer, entry: Entry): Entry {
    const { resource } = entry;
    if (resource?.resourceType === 'Bundle') return { ...entry, resource: this.#visible(bearer, resource as Records) };
    if (resource === undefined || concerns(bearer, resource, 'r') || concerns(bearer, resource, 'u')) return entry;
    return refusedEntry();
  }

  async #mayEntry(bearer: Bearer, { request, resource }: Entry): Promise<boolean> {
    if (request === undefined) return false;
    const interaction = interactionOf(request.method, `/${request.url}`);
    if (interaction === undefined || reach(bearer, interaction) === undefined) return false;
    return this.#mayWrite(bearer, interaction, resource === undefined ? '' : JSON.stringify(resource));
  }
}

const refusedEntry = (): Entry => ({
  response: { status: '403 Forbidden', outcome: JSON.parse(FORBIDDEN.body) as FhirResource },
});

/** Starts the gate before a FHIR server, on a port of its own. */
export async function startGate(options: GateOptions): Promise<FhirGate> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the gate has no port');
  const gate = new Gate(options, `http://127.0.0.1:${address.port}`);
  const started: FhirGate = { baseUrl: gate.base, seen: [], fault: undefined, stop: () => stopServer(server) };
  server.on('request', (request, response) => {
    handle(gate, options, started, request, response).catch(() => request.socket.destroy());
  });
  return started;
}

export async function stopServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

async function handle(
  gate: Gate,
  options: GateOptions,
  { fault, seen, baseUrl }: FhirGate,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await textOf(request);
  const { method = 'GET', url = '/' } = request;
  const prefix = new URL(baseUrl).pathname.replace(/\/$/, '');
  const path = url.slice(prefix.length);
  const { authorization } = request.headers;
  const send = ({ status, headers, body: said }: Answer, person?: string) => {
    seen.push({ method, path, authorization, person, status });
    response.writeHead(status, headers).end(said);
  };
  if (fault === 'cut') return void request.socket.destroy();
  if (fault === 'silent') return undefined;
  if (fault !== undefined) return send(outcome(fault, 'as the test wants it'));
  if (path === '/.well-known/smart-configuration') {
    const json = JSON.stringify(options.smartConfiguration());
    return send({ status: 200, headers: { 'content-type': 'application/json' }, body: json });
  }
  const headers: Record<string, string> = {};
  for (const name of SENT) {
    const value = request.headers[name];
    if (typeof value === 'string') headers[name] = value;
  }
  if (path === '/metadata') return send(await gate.forward(method, path, body, headers));
  const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? '';
  if (token === options.systemToken) return send(await gate.forward(method, path, body, headers), 'system');
  const bearer = await options.bearerOf(token);
  if (bearer === undefined) return send(outcome(401, 'no good token'));
  return send(await gate.asked(bearer, method, path, body, headers), bearer.person);
}
