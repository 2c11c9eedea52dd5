import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** One cookie as the browser keeps it. */
export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly path: string;
  /** Attributes in lower case, as they were set: `httponly`, `secure`, `samesite=lax`, `partitioned` … */
  readonly attributes: readonly string[];
}

export interface Arrived {
  readonly url: URL;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Every address on the way, the first and the last too. */
  readonly way: readonly URL[];
}

/** One request on a connection of its own: a server that was stopped and started again on one port is asked afresh. */
export async function ask(address: string | URL, init: RequestInit = {}): Promise<Response> {
  const outgoing = request(new URL(address), {
    method: init.method ?? 'GET',
    headers: Object.fromEntries(new Headers(init.headers)),
    agent: false,
  });
  outgoing.end(typeof init.body === 'string' ? init.body : undefined);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  const body = await text(incoming);
  const status = incoming.statusCode ?? 0;
  return new Response(status === 204 || status === 304 ? null : body, { status, headers });
}

const ENDED = /^(max-age=0|expires=thu, 01 jan 1970)/;

/** As much of a browser as a launch needs: cookies by host and path, and redirects followed one by one. */
export class Browser {
  #cookies: Cookie[] = [];

  get cookies(): readonly Cookie[] {
    return this.#cookies;
  }

  /** One request, its answer not followed. */
  async ask(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = new URL(address);
    const headers = new Headers(init.headers);
    const cookie = this.#cookies
      .filter((it) => it.host === url.host && url.pathname.startsWith(it.path))
      .map((it) => `${it.name}=${it.value}`)
      .join('; ');
    if (cookie !== '') headers.set('cookie', cookie);
    const answer = await ask(url, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) this.#keep(line, url);
    return answer;
  }

  /** Goes to an address and on to where it leads; stops before an address of which `until` says so. */
  async go(address: string | URL, until: (url: URL) => boolean = () => false): Promise<Arrived> {
    const way = [new URL(address)];
    for (let step = 0; step < 12; step += 1) {
      const url = way.at(-1) ?? new URL(address);
      const answer = await this.ask(url);
      const text = await answer.text();
      const location = answer.headers.get('location');
      if (location === null) return { url, status: answer.status, headers: answer.headers, text, way };
      way.push(new URL(location, url));
      const next = way.at(-1);
      if (next !== undefined && until(next))
        return { url: next, status: answer.status, headers: answer.headers, text, way };
    }
    throw new Error('the browser was sent around in circles');
  }

  #keep(line: string, url: URL): void {
    const [pair = '', ...rest] = line.split(';').map((it) => it.trim());
    const at = pair.indexOf('=');
    const attributes = rest.map((it) => it.toLowerCase());
    const path = rest.find((it) => it.toLowerCase().startsWith('path='))?.slice('path='.length) ?? '/';
    const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
    this.#cookies = this.#cookies.filter((it) => it.name !== name || it.host !== url.host || it.path !== path);
    if (attributes.some((it) => ENDED.test(it))) return;
    this.#cookies.push({ name, value, host: url.host, path, attributes });
  }
}
