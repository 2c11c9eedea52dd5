import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const DIST = join(import.meta.dirname, '../../../dist/app');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** What the pages are served with: no inline script, no inline style, nothing from elsewhere. */
export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/** What the API is asked. */
export interface Asked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly launch: string | undefined;
  readonly csrf: string | undefined;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly body: unknown;
  /** Holds the answer back until it is settled. */
  readonly after?: Promise<void>;
}

/** Views that a test sets, by method and path; a function sees the query. */
export type Answers = (asked: Asked) => Answer | undefined;

export interface FixtureServer {
  readonly address: string;
  readonly asked: readonly Asked[];
  answer(answers: Answers): void;
  close(): Promise<void>;
}

/** Serves the built apps under the strict policy, and views that are given instead of a hospital’s. */
export async function startFixtureServer(first: Answers, folder: string = DIST): Promise<FixtureServer> {
  const asked: Asked[] = [];
  let answers = first;
  const server = createServer((request, response) => {
    void handle(request, response, (it) => answers(it), asked, folder).catch(() => response.writeHead(500).end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}`,
    asked,
    answer: (it) => {
      answers = it;
    },
    close: () => close(server),
  };
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  answers: Answers,
  asked: Asked[],
  folder: string,
): Promise<void> {
  const path = request.url ?? '/';
  if (!path.startsWith('/api/')) return page(path.split('?')[0] ?? '/', response, folder);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  const one: Asked = {
    method: request.method ?? 'GET',
    path,
    launch: header('vincle-launch'),
    csrf: header('vincle-csrf'),
    body: text === '' ? undefined : JSON.parse(text),
  };
  asked.push(one);
  const { status, body, after } = answers(one) ?? { status: 404, body: outcome('not-found') };
  await after;
  response.writeHead(status ?? 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(body === undefined ? '' : JSON.stringify(body));
}

/** An OperationOutcome as Vincle refuses with. */
export const outcome = (reason: string): object => ({
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'processing', details: { text: reason }, diagnostics: `In English: ${reason}` }],
});

async function page(path: string, response: ServerResponse, folder: string): Promise<void> {
  const name = path.startsWith('/assets/')
    ? normalize(path)
    : path.startsWith('/form/')
      ? '/form/index.html'
      : '/clinician/index.html';
  const body = await readFile(join(folder, name)).catch(() => undefined);
  response.writeHead(body === undefined ? 404 : 200, {
    'Content-Type': TYPES[extname(name)] ?? 'application/octet-stream',
    'Content-Security-Policy': CSP,
  });
  response.end(body);
}
