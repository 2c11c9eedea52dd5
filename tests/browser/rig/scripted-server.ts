import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { CrisisView, DraftBody, ResponseBody } from '../../../src/domain/view/form-view.ts';
import { dueForm, formView, SCRIPTED, SENT_READING } from './scripted-forms.ts';

/** What the scripted server does next, and what it was told: for behaviour that a healthy server never shows. */
export interface Script {
  /** Answers every API call with this status, as an outage or an ended session would. */
  status: number | undefined;
  crisis: CrisisView | undefined;
  drafts: Map<string, { version: number; body: DraftBody }>;
  /** Every response handed in, by the key it carried. */
  handedIn: ResponseBody[];
  /** Milliseconds before a response is answered. */
  delayMs: number;
  due: string[];
}

export interface ScriptedServer {
  readonly url: string;
  readonly script: Script;
  stop(): Promise<void>;
}

const DIST = join(import.meta.dirname, '../../../dist/app');
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
};
/** As strict as the product's own. */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** The forms app with answers made to measure: an ended session, a conflict, an outage, a slow hand-in. */
export async function startScriptedServer(dist = DIST): Promise<ScriptedServer> {
  const script: Script = {
    status: undefined,
    crisis: undefined,
    drafts: new Map(),
    handedIn: [],
    delayMs: 0,
    due: Object.keys(SCRIPTED),
  };
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (path.startsWith('/api/')) void api(script, request, response);
    else page(dist, path, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, script, stop: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}

function page(dist: string, path: string, response: ServerResponse): void {
  const file = path.startsWith('/assets/') ? path : '/form/index.html';
  try {
    const body = readFileSync(join(dist, file));
    response.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? '', 'Content-Security-Policy': CSP }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

async function api(script: Script, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const send = (status: number, body: object) =>
    void response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  const refuse = (status: number, text: string) =>
    send(status, { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'x', details: { text } }] });
  const body = await read(request);
  if (script.status !== undefined) return refuse(script.status, 'scripted');
  const [, , , task = '', what] = url.pathname.split('/');
  if (url.pathname === '/api/link/code')
    return isLink(body) ? send(200, { digits: 6, triesLeft: 5 }) : refuse(410, 'link-dead');
  if (url.pathname === '/api/link/open')
    return isRightCode(body) ? send(200, { launch: 'opened' }) : refuse(403, 'wrong-code');
  if (url.pathname === '/api/session') return send(200, SESSION);
  if (url.pathname === '/api/copy') return send(200, { responses: [], asOf: new Date().toISOString() });
  if (url.pathname === '/api/forms')
    return send(200, {
      rater: 'patient',
      forms: script.due.map((it) => ({ ...dueForm(it), answered: script.drafts.get(it)?.body.items.length ?? 0 })),
      asOf: new Date().toISOString(),
    });
  if (what === undefined) {
    const draft = script.drafts.get(task);
    const saved = draft && {
      version: String(draft.version),
      items: draft.body.items,
      savedAt: new Date().toISOString(),
    };
    const asked = url.searchParams.get('language') === 'es' ? 'es' : 'en';
    return send(200, { ...formView(task, asked), ...(saved === undefined ? {} : { draft: saved }) });
  }
  if (what === 'draft') {
    const put = body as DraftBody;
    const version = script.drafts.get(task)?.version ?? 0;
    if (version !== Number(put.version ?? 0)) return refuse(409, 'draft-conflict');
    script.drafts.set(task, { version: version + 1, body: put });
    const crisis = script.crisis === undefined ? {} : { crisis: script.crisis };
    return send(200, { version: String(version + 1), savedAt: new Date().toISOString(), ...crisis });
  }
  script.handedIn.push(body as ResponseBody);
  await new Promise((done) => setTimeout(done, script.delayMs));
  script.due = script.due.filter((it) => it !== task);
  return send(201, { state: 'stored', reading: SENT_READING });
}

/** The code of the one link that is worth something here, and the one-time code that belongs to it. */
export const LINK = { code: 'a-code-of-a-fragment', oneTimeCode: '123456' };

const isLink = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && 'code' in body && body.code === LINK.code;
const isRightCode = (body: unknown): boolean =>
  isLink(body) &&
  typeof body === 'object' &&
  body !== null &&
  'oneTimeCode' in body &&
  body.oneTimeCode === LINK.oneTimeCode;

const SESSION = {
  launch: 'test',
  csrf: 'csrf',
  user: { reference: 'Patient/1', kind: 'patient' },
  roles: ['patient'],
  rights: ['answer'],
  timeZone: 'Europe/Madrid',
  language: 'en',
  signIn: '/launch?iss=https%3A%2F%2Fhospital.example',
};

async function read(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
