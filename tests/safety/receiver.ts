import { once } from 'node:events';
import { createServer } from 'node:http';

/** One notice as the hospital’s receiver got it. */
export interface Received {
  readonly id: string;
  readonly type: string;
  readonly to: string;
  readonly text: string;
}

export interface Receiver {
  readonly url: string;
  /** What was delivered, in order. */
  readonly got: Received[];
  /** People of whom the receiver says that it does not know them (HTTP 404). */
  readonly unknown: Set<string>;
  /** People about whom it takes the notice and never answers. */
  readonly mute: Set<string>;
  /** Everything is answered with this status. */
  failing: number | undefined;
  /** Nothing is answered until the sender gives up. */
  silent: boolean;
  stop(): Promise<void>;
}

/** A hospital’s receiver of signed notices: a real HTTP server on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const got: Received[] = [];
  const unknown = new Set<string>();
  const mute = new Set<string>();
  const server = createServer(async (request, response) => {
    if (receiver.silent) return;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    // A look whether the receiver stands there carries nothing.
    if (parts.length === 0) return void response.writeHead(receiver.failing ?? 204).end();
    const body = JSON.parse(Buffer.concat(parts).toString('utf8'));
    if (mute.has(body.data.to)) return;
    const text = `${body.data.subject} ${body.data.text} ${body.data.link ?? ''}`;
    const status = receiver.failing ?? (unknown.has(body.data.to) ? 404 : 204);
    if (status === 204) got.push({ id: body.id, type: body.type, to: body.data.to, text });
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${address.port}/`,
    got,
    unknown,
    mute,
    failing: undefined,
    silent: false,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return receiver;
}
