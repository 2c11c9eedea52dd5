import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stopServer } from '../authority/fhir-gate.ts';

/** A reverse proxy that ends TLS before Vincle, as a hospital’s does; its certificate is made for the test and signed by nobody. */
export interface TlsFront {
  /** `https://localhost:PORT` */
  readonly origin: string;
  /** Where it passes requests on. */
  target: string;
  stop(): Promise<void>;
}

export async function startTlsFront(): Promise<TlsFront> {
  const server = createServer(certificate());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const front: TlsFront = {
    origin: `https://localhost:${address.port}`,
    target: '',
    stop: () => stopServer(server),
  };
  server.on('request', (incoming, outgoing) => {
    const { method, url, headers } = incoming;
    const passed = request(`${front.target}${url}`, { method, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => incoming.socket.destroy());
    incoming.pipe(passed);
  });
  return front;
}

/** @throws Error where this machine has no openssl */
function certificate(): { readonly key: Buffer; readonly cert: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'vincle-tls-'));
  try {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const made = spawnSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert],
    ]);
    if (made.status !== 0) throw new Error('openssl made no certificate');
    return { key: readFileSync(key), cert: readFileSync(cert) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
