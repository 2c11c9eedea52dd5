import { once } from 'node:events';
import { createServer } from 'node:http';
import { fhirApplication } from './http.ts';
import { openServerParts } from './server-parts.ts';
import { Subscriptions } from './subscriptions.ts';

export interface EmbeddedOptions {
  /** An SQLite file that outlives the process; without it everything is in memory. */
  readonly file?: string;
  /** A free one where none is given. */
  readonly port?: number;
  /** Loopback, always: this server asks nobody who they are. */
  readonly host?: '127.0.0.1';
}

export interface Embedded {
  /** `http://127.0.0.1:PORT/fhir` */
  readonly baseUrl: string;
  stop(): Promise<void>;
}

/** Starts the FHIR R4 server for the demonstration and for tests: durable in a file, on loopback only. */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<Embedded> {
  const parts = openServerParts(options.file);
  const subscriptions = new Subscriptions(parts.repository, parts.search);
  const server = createServer(fhirApplication(parts));
  server.listen(options.port ?? 0, options.host ?? '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (cause) {
    parts.log.close();
    throw cause;
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    baseUrl: `http://127.0.0.1:${address.port}/fhir`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await Promise.all([closed, subscriptions.stop()]);
      parts.log.close();
    },
  };
}
