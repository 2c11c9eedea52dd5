import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** One request on its way to the server. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export interface Answered {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** What is done to a request that matches; each fault strikes `times` times, once where nothing is said. */
export interface Fault {
  readonly when: (it: Passing) => boolean;
  times?: number;
  /** Answered instead of the server. */
  readonly answer?: Answered;
  /** The connection breaks before the server hears of it. */
  readonly cutBefore?: true;
  /** The server does it, and the connection breaks before the answer. */
  readonly cutAfter?: true;
  /** Half the answer, then the connection breaks. */
  readonly half?: true;
  /** No answer at all: the client’s patience ends first. */
  readonly silent?: true;
  /** Done while the request waits. */
  readonly before?: (it: Passing) => Promise<void> | void;
  readonly after?: (it: Passing) => Promise<void> | void;
  readonly rewrite?: (it: Passing) => Passing;
  readonly reply?: (it: Answered) => Answered;
}

export interface FaultProxy {
  readonly baseUrl: string;
  readonly faults: Fault[];
  /** Every request that came, in order. */
  readonly seen: Passing[];
  stop(): Promise<void>;
}

export const isTransaction = (it: Passing): boolean => it.method === 'POST' && it.body.includes('"type":"transaction"');
export const isBatch = (it: Passing): boolean => it.method === 'POST' && it.body.includes('"type":"batch"');

async function bodyOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** A reverse proxy before a real FHIR server, with faults on demand. What the server says of its own address becomes the proxy’s. */
export async function startProxy(target: string): Promise<FaultProxy> {
  const origin = new URL(target).origin;
  const faults: Fault[] = [];
  const seen: Passing[] = [];
  let own = '';

  const forward = async ({ method, path, body }: Passing, request: IncomingMessage): Promise<Answered> => {
    const headers: Record<string, string> = {};
    for (const name of [
      'accept',
      'authorization',
      'cache-control',
      'content-type',
      'if-match',
      'if-none-exist',
      'if-none-match',
      'x-meta-snapshot-mode',
    ])
      if (typeof request.headers[name] === 'string') headers[name] = request.headers[name];
    const answer = await fetch(`${origin}${path}`, {
      method,
      headers,
      ...(method === 'GET' || method === 'DELETE' ? {} : { body: body.replaceAll(own, origin) }),
    });
    const kept: Record<string, string> = {};
    for (const name of ['content-type', 'etag', 'location', 'date', 'last-modified']) {
      const value = answer.headers.get(name);
      if (value !== null) kept[name] = value.replaceAll(origin, own);
    }
    return { status: answer.status, headers: kept, body: (await answer.text()).replaceAll(origin, own) };
  };

  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    let passing: Passing = { method: request.method ?? 'GET', path: request.url ?? '/', body: await bodyOf(request) };
    seen.push(passing);
    const fault = faults.find((it) => (it.times ?? 1) > 0 && it.when(passing));
    if (fault !== undefined) fault.times = (fault.times ?? 1) - 1;
    await fault?.before?.(passing);
    if (fault?.cutBefore) return request.socket.destroy();
    if (fault?.silent) return undefined;
    passing = fault?.rewrite?.(passing) ?? passing;
    const answered = fault?.answer ?? (await forward(passing, request));
    await fault?.after?.(passing);
    if (fault?.cutAfter) return request.socket.destroy();
    const { status, headers, body } = fault?.reply?.(answered) ?? answered;
    response.writeHead(status, {
      ...headers,
      ...(fault?.half ? { 'content-length': String(Buffer.byteLength(body)) } : {}),
    });
    if (!fault?.half) return response.end(body);
    response.write(body.slice(0, Math.ceil(body.length / 2)));
    setImmediate(() => request.socket.destroy());
    return undefined;
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  own = `http://127.0.0.1:${address.port}`;
  return {
    baseUrl: target.replace(origin, own),
    faults,
    seen,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
