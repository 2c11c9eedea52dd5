import { createInterface } from 'node:readline';
import type { FhirResource } from 'fhir/r4.js';
import { Agent, type Dispatcher, request } from 'undici';
import type { Clock, FhirOptions } from './options.ts';
import { type BulkExporter, type Credentials, FhirError, type ResourceType } from './port.ts';

/** How long an export may take, and how often the server is asked. */
export interface BulkLimits {
  /** The longest wait between two looks at the job, whatever Retry-After asks. */
  readonly longestWaitMs: number;
  /** After so long a job that is not done is given up, and deleted. */
  readonly wholeMs: number;
}

const LIMITS: BulkLimits = { longestWaitMs: 30_000, wholeMs: 60 * 60_000 };
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 1_000;
/** Answers that a moment later may be others. */
const PASSING: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** What the server says of a finished export. */
interface Manifest {
  readonly output: readonly { readonly type: string; readonly url: string; readonly count?: number }[];
  readonly error: readonly unknown[];
}

/**
 * FHIR Bulk Data `$export` (STU 2): asked for, waited for, and read line by line, so that memory does not grow with what
 * comes; the job is deleted at the end, whatever happened. Files on another host are read without our token.
 */
export class BulkExport implements BulkExporter {
  readonly #baseUrl: string;
  readonly #credentials: Credentials;
  readonly #clock: Clock;
  readonly #limits: BulkLimits;
  readonly #attempts: number;
  readonly #dispatcher: Agent;

  constructor(options: FhirOptions, credentials: Credentials, clock: Clock, limits: Partial<BulkLimits> = {}) {
    this.#baseUrl = options.baseUrl;
    this.#credentials = credentials;
    this.#clock = clock;
    this.#limits = { ...LIMITS, ...limits };
    this.#attempts = options.retry?.attempts ?? ATTEMPTS;
    const quiet = options.timeoutMs ?? 30_000;
    this.#dispatcher = new Agent({ headersTimeout: quiet, bodyTimeout: quiet, connect: { timeout: quiet } });
  }

  /**
   * Resources of these types, of the members of a Group or of every patient; one may come twice.
   * @throws FhirError where the server has no such export, reports errors, breaks off, or is not done in time
   */
  async *exported(level: 'Patient' | `Group/${string}`, types: readonly ResourceType[]): AsyncIterable<FhirResource> {
    const job = await this.#begun(`${this.#baseUrl}/${level}/$export?_type=${types.join(',')}`);
    try {
      const { output, error } = await this.#finished(job);
      if (error.length > 0) throw new FhirError('rejected', 'The export reports errors: nothing of it is used.');
      for (const file of output) yield* this.#fileOf(file);
    } finally {
      await this.#deleted(job);
    }
  }

  async #begun(url: string): Promise<string> {
    const { statusCode, headers, body } = await this.#send('GET', url, { prefer: 'respond-async' });
    await body.dump();
    const job = headers['content-location'];
    if (statusCode !== 202 || typeof job !== 'string')
      throw new FhirError('rejected', `The server has no such $export (${statusCode}).`, { status: statusCode });
    return new URL(job, `${this.#baseUrl}/`).href;
  }

  async #finished(job: string): Promise<Manifest> {
    const until = this.#clock.now() + this.#limits.wholeMs;
    for (let wait = FIRST_WAIT_MS; ; wait *= 2) {
      const { statusCode, headers, body } = await this.#send('GET', job);
      if (statusCode === 200) return manifestOf(await body.json().catch(() => undefined));
      await body.dump();
      if (statusCode !== 202) throw refusal(statusCode, 'The export failed.');
      if (this.#clock.now() >= until) throw new FhirError('unreachable', 'The export was not done in time.');
      const asked = Number(headers['retry-after']) * 1000 || wait;
      await this.#clock.sleep(Math.min(asked, this.#limits.longestWaitMs));
    }
  }

  /** A file that breaks off is read again from its beginning. */
  async *#fileOf({ url, type, count }: Manifest['output'][number]): AsyncIterable<FhirResource> {
    for (let attempt = 1; ; attempt += 1) {
      const { statusCode, body } = await this.#send('GET', url, { accept: 'application/fhir+ndjson' });
      if (statusCode !== 200) {
        await body.dump();
        throw refusal(statusCode, `A file of the export (${type}) was not given.`);
      }
      let lines = 0;
      try {
        for await (const line of createInterface({ input: body, crlfDelay: Number.POSITIVE_INFINITY })) {
          if (line.trim() === '') continue;
          lines += 1;
          yield resourceOf(line, type);
        }
        // A body that ends early and says no length looks whole: the count tells.
        if (count === undefined || lines === count) return;
        throw new FhirError('malformed', `A file of the export (${type}) holds ${lines} of ${count} resources.`);
      } catch (error) {
        if (attempt >= this.#attempts)
          throw error instanceof FhirError ? error : new FhirError('unreachable', `The export broke off in ${type}.`);
        await this.#clock.sleep(Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), this.#limits.longestWaitMs));
      }
    }
  }

  /** A job that cannot be deleted ends by itself: the server keeps it for hours at most. */
  async #deleted(job: string): Promise<void> {
    await this.#send('DELETE', job, {}, 1).then(
      ({ body }) => body.dump(),
      () => undefined,
    );
  }

  async #send(
    method: 'GET' | 'DELETE',
    url: string,
    headers: Record<string, string> = {},
    attempts = this.#attempts,
  ): Promise<Dispatcher.ResponseData> {
    const own = new URL(url).origin === new URL(this.#baseUrl).origin;
    for (let attempt = 1; ; attempt += 1) {
      const token = own ? await this.#credentials.token() : undefined;
      const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const wait = Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), this.#limits.longestWaitMs);
      try {
        const answer = await request(url, {
          method,
          dispatcher: this.#dispatcher,
          headers: { accept: 'application/json', ...bearer, ...headers },
        });
        if (answer.statusCode === 401 && token !== undefined) this.#credentials.forget(token);
        if (attempt >= attempts || !PASSING.has(answer.statusCode)) return answer;
        await answer.body.dump();
        const asked = Number(answer.headers['retry-after']) * 1000 || wait;
        await this.#clock.sleep(Math.min(asked, this.#limits.longestWaitMs));
      } catch (cause) {
        if (cause instanceof FhirError) throw cause;
        if (attempt >= attempts)
          throw new FhirError('unreachable', `${method} of the export was not answered.`, { cause });
        await this.#clock.sleep(wait);
      }
    }
  }
}

const refusal = (status: number, message: string): FhirError =>
  new FhirError(
    PASSING.has(status) ? 'unreachable' : status === 401 || status === 403 ? 'unauthorized' : 'rejected',
    message,
    {
      status,
    },
  );

function manifestOf(json: unknown): Manifest {
  const isManifest = (it: unknown): it is Manifest & { error?: readonly unknown[] } =>
    typeof it === 'object' && it !== null && 'output' in it && Array.isArray(it.output);
  const isFile = (it: unknown): boolean =>
    typeof it === 'object' && it !== null && 'url' in it && 'type' in it && URL.canParse(String(it.url));
  if (!isManifest(json) || !json.output.every(isFile))
    throw new FhirError('malformed', 'The export ended without a list of its files.');
  return { output: json.output, error: json.error ?? [] };
}

function resourceOf(line: string, type: string): FhirResource {
  const isResource = (it: unknown): it is FhirResource =>
    typeof it === 'object' && it !== null && 'resourceType' in it && it.resourceType === type;
  try {
    const json: unknown = JSON.parse(line);
    if (isResource(json)) return json;
  } catch {
    // Half a line: as an answer of another type, it is none.
  }
  throw new FhirError('malformed', `A line of the export is no ${type}.`);
}
