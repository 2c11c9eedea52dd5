import type { Bundle, FhirResource, OperationOutcome } from 'fhir/r4.js';
import { instance, searchForm, searchUrl } from './addresses.ts';
import {
  isGuarded,
  isRepeatable,
  resultOf,
  resultsOf,
  transactionOf,
  writeHeaders,
  writeUrl,
} from './bundle-writes.ts';
import type { Answer, Exchanges } from './exchange.ts';
import { type FoundPage, readPage } from './page.ts';
import {
  type Capabilities,
  FhirError,
  type FhirServer,
  type Page,
  type Resource,
  type ResourceType,
  type Search,
  type Traffic,
  type Write,
  type WriteResult,
} from './port.ts';
import { Recent } from './recent.ts';
import { writeOneByOne } from './sequential.ts';

/** A URL longer than this is refused by some proxies: the search goes as a form. */
const LONGEST_URL = 1_800;
/** What servers answer that do not know an interaction. */
const UNSUPPORTED: ReadonlySet<number> = new Set([404, 405, 501]);

/** The port on fhir-kit-client. What a server turns out not to do is remembered, and done another way from then on. */
export class FhirKitServer implements FhirServer {
  readonly baseUrl: string;
  readonly #exchanges: Exchanges;
  readonly #found: { clientIds: boolean; transaction: boolean; batch: boolean };

  constructor(baseUrl: string, exchanges: Exchanges, clientIds: boolean) {
    this.baseUrl = baseUrl;
    this.#exchanges = exchanges;
    this.#found = { clientIds, transaction: true, batch: true };
  }

  get traffic(): Traffic {
    return this.#exchanges.traffic;
  }

  capabilities(): Promise<Capabilities> {
    return Promise.resolve({ ...this.#found });
  }

  async read<T extends ResourceType>(type: T, id: string): Promise<Resource<T> | undefined> {
    try {
      const { body } = await this.#exchanges.send({
        method: 'GET',
        url: instance(type, id),
        what: `GET ${type}/${id}`,
        repeatable: true,
      });
      if (body?.resourceType !== type)
        throw new FhirError('malformed', `GET ${type}/${id} was not answered with a ${type}.`);
      return body as Resource<T>;
    } catch (error) {
      if (error instanceof FhirError && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  async *search<T extends ResourceType>(search: Search<T>): AsyncIterable<Page<T>> {
    yield* this.#follow(await this.#first(search), search) as AsyncIterable<Page<T>>;
  }

  async searchAll(searches: readonly Search[]): Promise<readonly Page[]> {
    const firsts =
      searches.length > 1 && this.#found.batch ? await this.#batched(searches) : await this.#oneByOne(searches);
    const pages: Page[] = [];
    for (const [index, search] of searches.entries()) {
      const first = firsts[index];
      if (first === undefined)
        throw new FhirError('malformed', `The batch left the search for ${search.type} unanswered.`);
      pages.push(first.next === undefined ? first : await this.#whole(first, search));
    }
    return pages;
  }

  async write(write: Write): Promise<WriteResult> {
    const what = `${write.method} ${'resource' in write ? write.resource.resourceType : write.type}`;
    const { status, headers } = await this.#exchanges.send({
      method: write.method,
      url: writeUrl(write),
      what,
      headers: writeHeaders(write),
      repeatable: isRepeatable(write),
      conflictPasses: !isGuarded(write),
      ...('resource' in write ? { body: JSON.stringify(write.resource) } : {}),
    });
    return resultOf(status, headers.get('location') ?? headers.get('content-location'), headers.get('etag'), write);
  }

  async transaction(writes: readonly Write[]): Promise<readonly WriteResult[]> {
    if (writes.length === 0) return [];
    if (!this.#found.transaction) return writeOneByOne(this, writes);
    try {
      const { body } = await this.#exchanges.send({
        method: 'POST',
        url: '',
        what: `POST transaction of ${writes.length}`,
        body: JSON.stringify(transactionOf(writes, this.baseUrl)),
        repeatable: writes.every(isRepeatable),
        conflictPasses: !writes.some(isGuarded),
      });
      return resultsOf(body, writes);
    } catch (error) {
      if (!(await this.#lacks('transaction', error))) throw error;
      this.#found.transaction = false;
      return writeOneByOne(this, writes);
    }
  }

  async request(method: 'GET' | 'POST', path: string, body?: FhirResource): Promise<FhirResource> {
    const what = `${method} ${path.split('?')[0] === '' ? '/' : path.split('?')[0]}`;
    const answer = await this.#exchanges.send({
      method,
      url: path,
      what,
      repeatable: method === 'GET',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.body === undefined) throw new FhirError('malformed', `${what} was not answered with a resource.`);
    return answer.body;
  }

  /** Says that the server refused ids of ours: from now on it gives its own. */
  withoutClientIds(): void {
    this.#found.clientIds = false;
  }

  async #first(search: Search): Promise<FoundPage> {
    const url = searchUrl(search);
    const what = `search ${search.type}`;
    const answer =
      url.length <= LONGEST_URL
        ? await this.#exchanges.send({ method: 'GET', url, what, repeatable: true })
        : await this.#exchanges.send({
            method: 'POST',
            url: `${search.type}/_search`,
            what,
            repeatable: true,
            body: searchForm(search),
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
          });
    return this.#page(answer, search);
  }

  #page({ body, headers }: Answer, search: Search): FoundPage {
    return readPage(body, search, this.baseUrl, headers.get('date'));
  }

  /** Page after page by the server’s own links; what two pages both hold is given once. */
  async *#follow(first: FoundPage, search: Search): AsyncIterable<Page> {
    const recent = new Recent();
    const followed = new Set<string>();
    for (let page = first; ; ) {
      yield { ...page, resources: page.resources.filter((it) => recent.isNew(`${it.id}|${it.meta?.versionId ?? ''}`)) };
      const { next } = page;
      if (next === undefined) return;
      if (followed.has(next))
        throw new FhirError('malformed', `The pages of the search for ${search.type} go in a circle.`);
      followed.add(next);
      page = this.#page(
        await this.#exchanges.send({ method: 'GET', url: next, what: `next page of ${search.type}`, repeatable: true }),
        search,
      );
    }
  }

  async #whole(first: FoundPage, search: Search): Promise<Page> {
    const pages: Page[] = [];
    for await (const page of this.#follow(first, search)) pages.push(page);
    const { next: _next, ...rest } = first;
    return { ...rest, resources: pages.flatMap((it) => it.resources), included: pages.flatMap((it) => it.included) };
  }

  async #oneByOne(searches: readonly Search[]): Promise<FoundPage[]> {
    const pages: FoundPage[] = [];
    for (const search of searches) pages.push(await this.#first(search));
    return pages;
  }

  async #batched(searches: readonly Search[]): Promise<FoundPage[]> {
    const batch: Bundle = {
      resourceType: 'Bundle',
      type: 'batch',
      entry: searches.map((it) => ({ request: { method: 'GET', url: searchUrl(it) } })),
    };
    try {
      const answer = await this.#exchanges.send({
        method: 'POST',
        url: '',
        what: `POST batch of ${searches.length} searches`,
        body: JSON.stringify(batch),
        repeatable: true,
      });
      return searches.map((search, index) => this.#batchedPage(answer, search, index));
    } catch (error) {
      if (!(await this.#lacks('batch', error))) throw error;
      this.#found.batch = false;
      return this.#oneByOne(searches);
    }
  }

  #batchedPage({ body, headers }: Answer, search: Search, index: number): FoundPage {
    const entry = body?.resourceType === 'Bundle' ? (body as Bundle<FhirResource>).entry?.[index] : undefined;
    const status = Number.parseInt(entry?.response?.status ?? '200', 10);
    if (entry === undefined || status >= 400) {
      const outcome = entry?.response?.outcome as OperationOutcome | undefined;
      const code = outcome?.issue?.[0]?.code;
      throw new FhirError(
        status >= 500 ? 'unreachable' : 'rejected',
        `The search for ${search.type} in a batch was answered ${status}${code === undefined ? '' : ` (${code})`}.`,
        { status: entry === undefined ? 502 : status },
      );
    }
    return readPage(entry.resource, search, this.baseUrl, headers.get('date'));
  }

  /** Whether the failure means that the server knows no such interaction: by its status, or by its own statement. */
  async #lacks(interaction: 'batch' | 'transaction', error: unknown): Promise<boolean> {
    if (!(error instanceof FhirError) || error.status === undefined) return false;
    if (UNSUPPORTED.has(error.status)) return true;
    if (error.status !== 400 && error.status !== 403 && error.status !== 422) return false;
    const statement = await this.request('GET', 'metadata').catch(() => undefined);
    const declared =
      statement?.resourceType === 'CapabilityStatement'
        ? statement.rest?.[0]?.interaction?.map((it) => it.code)
        : undefined;
    return declared !== undefined && declared.length > 0 && !declared.includes(interaction);
  }
}
