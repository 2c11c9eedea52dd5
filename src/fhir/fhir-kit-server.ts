import type { FhirResource } from 'fhir/r4.js';
import { instance, searchForm, searchUrl } from './addresses.ts';
import { batchedPage, batchOf } from './batch-searches.ts';
import {
  isGuarded,
  isRepeatable,
  resultOf,
  resultsOf,
  transactionOf,
  writeHeaders,
  writeUrl,
} from './bundle-writes.ts';
import { mayRefuseIds, takesClientIds } from './client-ids.ts';
import { CreateOnly } from './create-only.ts';
import { DeclaredInteractions } from './declared-interactions.ts';
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
/** Pages in a row that bring nothing new, after which a search is not followed any further. */
const MOST_FRUITLESS = 100;

/** The port on fhir-kit-client. What a server turns out not to do is remembered, and done another way from then on. */
export class FhirKitServer implements FhirServer {
  readonly baseUrl: string;
  readonly #exchanges: Exchanges;
  readonly #createOnly: CreateOnly;
  readonly #found: { clientIds: boolean; transaction: boolean; batch: boolean };
  /** Whether client ids are still to be found out about where they are refused. */
  #probes: boolean;
  readonly #declared: DeclaredInteractions;

  constructor(baseUrl: string, exchanges: Exchanges, clientIds: 'auto' | 'yes' | 'no') {
    this.baseUrl = baseUrl;
    this.#exchanges = exchanges;
    this.#createOnly = new CreateOnly(exchanges);
    this.#declared = new DeclaredInteractions(() => this.request('GET', 'metadata'));
    this.#found = { clientIds: clientIds !== 'no', transaction: true, batch: true };
    this.#probes = clientIds === 'auto';
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
      if (body.id !== id) throw new FhirError('malformed', `GET ${type}/${id} was answered with another ${type}.`);
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
    const [result] = await this.#createOnly.send([write], async ([one = write]) => [await this.#write(one)]);
    return result ?? { status: 0 };
  }

  async #write(write: Write): Promise<WriteResult> {
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
    return this.#createOnly.send(writes, (worded) => this.#transaction(worded));
  }

  async #transaction(writes: readonly Write[]): Promise<readonly WriteResult[]> {
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
      if (!(await this.#declared.lacks('transaction', error))) {
        await this.#examineClientIds(error);
        throw error;
      }
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

  /** Finds out, once, whether a refusal means that the server takes no ids of a client’s; not where that was configured. */
  async #examineClientIds(error: unknown): Promise<void> {
    if (!this.#probes || !mayRefuseIds(error)) return;
    this.#probes = false;
    this.#found.clientIds = await takesClientIds(this.#exchanges);
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
    let fruitless = 0;
    for (let page = first; ; ) {
      const { next, ...shown } = page;
      const resources = page.resources.filter((it) => recent.isNew(`${it.id}|${it.meta?.versionId ?? ''}`));
      yield { ...shown, resources };
      if (next === undefined) return;
      fruitless = resources.length === 0 ? fruitless + 1 : 0;
      if (followed.has(next) || fruitless >= MOST_FRUITLESS)
        throw new FhirError('malformed', `The pages of the search for ${search.type} come to no end.`);
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
    let answer: Answer;
    try {
      answer = await this.#exchanges.send({
        method: 'POST',
        url: '',
        what: `POST batch of ${searches.length} searches`,
        body: JSON.stringify(batchOf(searches)),
        repeatable: true,
      });
    } catch (error) {
      if (!(await this.#declared.lacks('batch', error))) throw error;
      this.#found.batch = false;
      return this.#oneByOne(searches);
    }
    const pages: FoundPage[] = [];
    for (const [index, search] of searches.entries()) {
      const page = batchedPage(answer, search, index, this.baseUrl);
      pages.push(page === 'later' ? await this.#first(search) : page);
    }
    return pages;
  }
}
