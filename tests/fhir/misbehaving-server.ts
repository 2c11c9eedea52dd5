import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Clock, FhirOptions } from '../../src/fhir/options.ts';
import { FhirError } from '../../src/fhir/port.ts';

/** A request as it came over the wire. */
export interface Seen {
  readonly method: string;
  /** Path and query below the base; empty for the base itself. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export type Reply = (response: ServerResponse, request: Seen) => void | Promise<void>;

export interface MisbehavingServer {
  readonly baseUrl: string;
  readonly origin: string;
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

/** A real HTTP server that gives the n-th request the n-th reply; the last reply is for all that follow. */
export async function misbehave(...replies: readonly Reply[]): Promise<MisbehavingServer> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', headers } = request;
    const url = (request.url ?? '').replace(/^\/fhir\/?/, '');
    const it: Seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
    seen.push(it);
    await replies[Math.min(seen.length, replies.length) - 1]?.(response, it);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const stop = async () => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  return { baseUrl: `${origin}/fhir`, origin, seen, stop };
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/fhir+json', ...headers });
    response.end(body === undefined ? '' : JSON.stringify(body));
  };
export const status = (code: number, headers: Readonly<Record<string, string>> = {}): Reply =>
  json(code, undefined, headers);
export const outcome = (code: number, issue: string, diagnostics = ''): Reply =>
  json(code, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: issue, diagnostics }] });
export const html =
  (code: number): Reply =>
  (response) => {
    response.writeHead(code, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Sign in</title>');
  };
/** The connection ends without a word. */
export const cut: Reply = (response) => {
  response.destroy();
};
/** The server says nothing, ever. */
export const silence: Reply = () => {};
/** Half of what Content-Length promised, then the connection ends. */
export const halfBody: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/fhir+json', 'content-length': '200' });
  response.write('{"resourceType":"Patient","id":', () => response.destroy());
};
/** HTTP is satisfied, JSON is not. */
export const halfJson: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'application/fhir+json' });
  response.end('{"resourceType":"Patient","id":');
};

export const PATIENT = { resourceType: 'Patient', id: 'p1' } as const;
export const found: Reply = json(200, PATIENT);
export const statement = (...interactions: string[]): Reply =>
  json(200, {
    resourceType: 'CapabilityStatement',
    fhirVersion: '4.0.1',
    rest: [{ mode: 'server', interaction: interactions.map((code) => ({ code })) }],
  });

/** A clock that never waits: it notes how long it was asked to, and moves on by it. Jitter is at its longest. */
export function standingClock(
  start = Date.parse('2026-03-01T00:00:00Z'),
): Clock & { waits: number[]; move(ms: number): void } {
  let time = start;
  const waits: number[] = [];
  return {
    waits,
    now: () => time,
    move: (ms) => {
      time += ms;
    },
    sleep: (ms) => {
      waits.push(ms);
      time += ms;
      return Promise.resolve();
    },
    random: () => 1,
  };
}

export const options = (baseUrl: string, clock: Clock, more: Partial<FhirOptions> = {}): FhirOptions => ({
  baseUrl,
  auth: { kind: 'none' },
  clock,
  retry: { attempts: 5, baseMs: 100, maxMs: 30_000 },
  ...more,
});

/** The FhirError that was thrown. */
export const failureOf = async (promise: Promise<unknown>): Promise<FhirError> => {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof FhirError) return thrown;
  throw new Error(`no FhirError was thrown, but ${String(thrown)}`);
};
