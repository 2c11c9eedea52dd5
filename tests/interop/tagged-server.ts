import type { Coding, FhirResource } from 'fhir/r4.js';
import {
  FhirError,
  type FhirServer,
  type Page,
  type Resource,
  type ResourceType,
  type Search,
  type Write,
  type WriteResult,
} from '../../src/fhir/port.ts';

/** System of the tag that every resource of an interoperability run carries; the code is the run’s own. */
export const RUN_TAG = 'https://w3id.org/vincle/CodeSystem/interop-run';
const SYNTHETIC: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  code: 'HTEST',
  display: 'test health data',
};

interface Options {
  /** Unique to the run: every id begins with it. */
  readonly run: string;
  /** Least time between two requests, in milliseconds. */
  readonly everyMs: number;
  readonly pause: (ms: number) => Promise<void>;
}

/** References to Vincle’s own Devices go to the run’s copies, so that no shared id is written. */
const DEVICE = /"Device\/(vincle(?:-platform)?)"/g;
const renamed = <T extends FhirResource>(resource: T, run: string): T =>
  JSON.parse(JSON.stringify(resource).replace(DEVICE, `"Device/${run}-$1"`));
const original = <T extends FhirResource>(resource: T, run: string): T =>
  JSON.parse(JSON.stringify(resource).replaceAll(`"Device/${run}-`, '"Device/'));

/** The resource as the product wrote it, without what the run added. */
function untagged<T extends FhirResource>(tagged: T, run: string): T {
  const resource = original(tagged, run);
  const { tag, ...meta } = resource.meta ?? {};
  const kept = (tag ?? []).filter((it) => it.system !== RUN_TAG && it.code !== SYNTHETIC.code);
  return { ...resource, meta: { ...meta, ...(kept.length === 0 ? {} : { tag: kept }) } };
}

/**
 * A FHIR server seen through one interoperability run: what is written is tagged, what is searched is held to the tag,
 * requests come at a polite rate, and nothing that does not carry the tag is ever written over or deleted.
 */
export class TaggedServer implements FhirServer {
  readonly #inner: FhirServer;
  readonly #options: Options;
  /** `Type/id` of what this run made, in order. */
  readonly made = new Set<string>();
  #next = 0;

  constructor(inner: FhirServer, options: Options) {
    this.#inner = inner;
    this.#options = options;
  }

  get baseUrl(): string {
    return this.#inner.baseUrl;
  }
  get traffic() {
    return this.#inner.traffic;
  }

  async #politely(): Promise<void> {
    const now = performance.now();
    const wait = this.#next - now;
    this.#next = Math.max(now, this.#next) + this.#options.everyMs;
    if (wait > 0) await this.#options.pause(wait);
  }

  capabilities() {
    return this.#inner.capabilities();
  }

  async read<T extends ResourceType>(type: T, id: string): Promise<Resource<T> | undefined> {
    await this.#politely();
    const found = await this.#inner.read(type, id);
    return found !== undefined && this.isMine(found) ? untagged(found, this.#options.run) : undefined;
  }

  async *search<T extends ResourceType>(search: Search<T>): AsyncIterable<Page<T>> {
    await this.#politely();
    for await (const page of this.#inner.search(this.#held(search))) {
      yield this.#onlyMine(page);
      await this.#politely();
    }
  }

  async searchAll(searches: readonly Search[]): Promise<readonly Page[]> {
    await this.#politely();
    const pages = await this.#inner.searchAll(searches.map((it) => this.#held(it)));
    return pages.map((page) => this.#onlyMine(page));
  }

  async write(write: Write): Promise<WriteResult> {
    const [result] = await this.transaction([write]);
    if (result === undefined) throw new FhirError('malformed', 'The server answered nothing about the write.');
    return result;
  }

  async transaction(writes: readonly Write[]): Promise<readonly WriteResult[]> {
    const own = writes.map((it) => this.#own(it));
    for (const write of own) await this.#refuseForeign(write);
    for (const write of own) this.#remember(write);
    await this.#politely();
    return own.length === 1 && own[0] !== undefined ? [await this.#inner.write(own[0])] : this.#inner.transaction(own);
  }

  request(): Promise<FhirResource> {
    throw new FhirError('rejected', 'An interoperability run sends no free request.');
  }

  /** Deletes all that this run made, newest first, each only after its tag was seen; gives what would not go. */
  async deleteAll(): Promise<string[]> {
    const left: string[] = [];
    for (const reference of [...this.made].reverse()) {
      const [type, id] = reference.split('/') as [ResourceType, string];
      try {
        if ((await this.read(type, id)) === undefined) continue;
        await this.#politely();
        await this.#inner.write({ method: 'DELETE', type, id });
      } catch {
        left.push(reference);
      }
    }
    return left;
  }

  isMine(resource: FhirResource): boolean {
    return resource.meta?.tag?.some((it) => it.system === RUN_TAG && it.code === this.#options.run) ?? false;
  }

  #held<T extends ResourceType>(search: Search<T>): Search<T> {
    return { ...search, params: [...search.params, ['_tag', `${RUN_TAG}|${this.#options.run}`]] };
  }

  /** A server may ignore the tag parameter: what is not ours is not shown to anybody. `_elements` may leave the tags out. */
  #onlyMine<T extends ResourceType>(page: Page<T>): Page<T> {
    const mine = page.resources.filter(
      (it) => this.isMine(it as FhirResource) || this.made.has(`${it.resourceType}/${it.id}`),
    );
    return { ...page, resources: mine.map((it) => untagged(it as FhirResource, this.#options.run) as typeof it) };
  }

  #own(write: Write): Write {
    if (!('resource' in write)) return write;
    const tag = [
      ...(write.resource.meta?.tag ?? []).filter((it) => it.system !== RUN_TAG && it.code !== SYNTHETIC.code),
      { system: RUN_TAG, code: this.#options.run },
      SYNTHETIC,
    ];
    const resource = renamed(write.resource, this.#options.run);
    return { ...write, resource: { ...resource, meta: { ...write.resource.meta, tag } } } as Write;
  }

  /** A PUT over something that this run did not make is a mistake, whoever made it. */
  async #refuseForeign(write: Write): Promise<void> {
    const [type, id] = 'resource' in write ? [write.resource.resourceType, write.resource.id] : [write.type, write.id];
    if (id === undefined || this.made.has(`${type}/${id}`)) return;
    await this.#politely();
    const there = await this.#inner.read(type, id);
    if (there !== undefined && !this.isMine(there))
      throw new FhirError('conflict', `${type}/${id} is not this run’s: not touched.`);
  }

  #remember(write: Write): void {
    if ('resource' in write && write.resource.id !== undefined)
      this.made.add(`${write.resource.resourceType}/${write.resource.id}`);
  }
}
