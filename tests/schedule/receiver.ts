import { once } from 'node:events';
import { createServer } from 'node:http';

/** One notice as it arrived. */
export interface Notified {
  readonly id: string;
  readonly to: string;
  readonly language: string;
  readonly body: string;
}

export interface NoticeReceiver {
  readonly url: string;
  readonly arrived: Notified[];
  /** Status of every answer, or what is done instead. */
  answer: (to: string) => number | 'cut';
  stop(): Promise<void>;
}

/** The hospital’s own messaging, as a real HTTP server. */
export async function startReceiver(): Promise<NoticeReceiver> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString('utf8');
    if (request.method === 'HEAD') {
      if (receiver.answer('') === 'cut') response.destroy();
      else response.writeHead(405).end();
      return;
    }
    const { id, data } = JSON.parse(body);
    const answer = receiver.answer(data.to);
    receiver.arrived.push({ id, to: data.to, language: data.language, body });
    if (answer === 'cut') response.destroy();
    else response.writeHead(answer).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const receiver: NoticeReceiver = {
    url: `http://127.0.0.1:${address.port}/`,
    arrived: [],
    answer: () => 204,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return receiver;
}
