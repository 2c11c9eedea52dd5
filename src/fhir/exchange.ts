import type { FhirResource } from 'fhir/r4.js';
import { Client } from 'fhir-kit-client';
import { Agent } from 'undici';
import { type Failure, readFailure, withoutToken } from './failure.ts';
import type { Clock, FhirOptions, RetryOptions } from './options.ts';
import { type Credentials, FhirError, type Traffic } from './port.ts';

/** One request as the adapter sends it. */
export interface Exchange {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Relative to the base, or absolute and already checked. */
  readonly url: string;
  /** What it is, for messages: no query, no content. */
  readonly what: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Doing it twice does what doing it once does. */
  readonly repeatable: boolean;
  /** A 409 means somebody else was writing at the same moment, not that what was read is stale. */
  readonly conflictPasses?: boolean;
}

export interface Answer {
  readonly body: FhirResource | undefined;
  readonly status: number;
  readonly headers: Headers;
}

const RETRY: RetryOptions = { attempts: 5, baseMs: 250, maxMs: 30_000 };
/** A 500 that stays is a fault of the server’s, not a moment’s weakness. */
const MOST_500 = 3;

/** What every request carries: no stale search, and tags replaced by a PUT instead of added up (HAPI). */
const ALWAYS = { 'cache-control': 'no-cache', 'x-meta-snapshot-mode': 'TAG, SECURITY_LABEL, PROFILE' };

/** An answer that is larger, as it comes over the wire, is broken off: a server that pours must not exhaust the process. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** The one place where requests are sent: timeout, token, retries, counting. */
export class Exchanges {
  readonly #client: Client;
  readonly #credentials: Credentials;
  readonly #timeoutMs: number;
  readonly #retry: RetryOptions;
  readonly #clock: Clock;
  readonly #dispatcher: Agent;
  readonly #counted = { requests: 0, bytesOut: 0, bytesIn: 0 };

  constructor(options: FhirOptions, credentials: Credentials, clock: Clock) {
    const coding = { 'accept-encoding': options.compressed === true ? 'gzip, deflate' : 'identity' };
    this.#client = new Client({ baseUrl: options.baseUrl, customHeaders: { ...ALWAYS, ...coding } });
    this.#credentials = credentials;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#retry = { ...RETRY, ...options.retry };
    this.#clock = clock;
    this.#dispatcher = new Agent({ maxResponseSize: options.largestAnswer ?? LARGEST_ANSWER });
  }

  get traffic(): Traffic {
    return { ...this.#counted };
  }

  /** Sends until it is answered, or until another try would be useless or could do harm. @throws FhirError */
  async send(exchange: Exchange): Promise<Answer> {
    let renewed = false;
    let mayHaveHappened = false;
    for (let attempt = 1; ; attempt += 1) {
      const token = await this.#token();
      const outcome = typeof token === 'object' ? token : await this.#once(exchange, token);
      if ('status' in outcome) return outcome;
      mayHaveHappened ||= outcome.mayHaveHappened;
      if (outcome.unauthorized && !renewed && this.#credentials.renewable && typeof token === 'string') {
        renewed = true;
        this.#credentials.forget(token);
        continue;
      }
      if (!this.#worthRepeating(outcome, exchange, attempt)) throw asUncertain(outcome.error, mayHaveHappened);
      await this.#clock.sleep(this.#wait(outcome, attempt));
    }
  }

  /** A token, nothing where none is needed, or why none could be had. */
  async #token(): Promise<string | undefined | Failure> {
    try {
      return await this.#credentials.token();
    } catch (error) {
      if (error instanceof FhirError) return withoutToken(error);
      throw error;
    }
  }

  async #once(exchange: Exchange, token: string | undefined): Promise<Answer | Failure> {
    // Bytes at once: a string would be turned into them for the count, and again to be sent.
    const body = exchange.body === undefined ? undefined : Buffer.from(exchange.body);
    this.#counted.requests += 1;
    this.#counted.bytesOut += body?.byteLength ?? 0;
    try {
      const answer = await this.#client.request(exchange.url, {
        method: exchange.method,
        options: {
          signal: AbortSignal.timeout(this.#timeoutMs),
          redirect: 'error',
          dispatcher: this.#dispatcher,
          ...(body === undefined ? {} : { body }),
          headers: {
            ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...exchange.headers,
          },
        } as never,
      });
      const { response } = Client.httpFor(answer);
      const headers = response?.headers ?? new Headers();
      this.#counted.bytesIn += Number(headers.get('content-length') ?? 0);
      const resource =
        typeof answer === 'object' && 'resourceType' in answer ? (answer as unknown as FhirResource) : undefined;
      return { body: resource, status: response?.status ?? 200, headers };
    } catch (thrown) {
      return readFailure(thrown, exchange.what, this.#clock.now());
    }
  }

  #worthRepeating({ error, passing, neverSent }: Failure, exchange: Exchange, attempt: number): boolean {
    if (attempt >= this.#retry.attempts) return false;
    if (error.status === 409 && exchange.conflictPasses) return exchange.repeatable;
    if (!passing || (error.status === 500 && attempt >= MOST_500)) return false;
    return exchange.repeatable || neverSent;
  }

  /** Twice as long each time, with jitter; what the server asks for where it asks, within bounds. */
  #wait({ retryAfterMs }: Failure, attempt: number): number {
    const { baseMs, maxMs } = this.#retry;
    const own = baseMs * 2 ** (attempt - 1) * (0.5 + this.#clock.random() / 2);
    return Math.min(maxMs, Math.max(own, retryAfterMs ?? 0));
  }
}

/** What an earlier try may have done is not undone by how the last one ended. */
function asUncertain(error: FhirError, mayHaveHappened: boolean): FhirError {
  if (error.uncertain || !mayHaveHappened) return error;
  const { status, outcome } = error;
  return new FhirError(error.kind, error.message, {
    ...(status === undefined ? {} : { status }),
    ...(outcome === undefined ? {} : { outcome }),
    uncertain: true,
  });
}
