import { randomUUID } from 'node:crypto';
import type { Bundle, BundleEntry, BundleLink, FhirResource } from 'fhir/r4.js';
import { includedResources } from './include.ts';
import { PAGE_OFFSET, PAGE_TOKEN, type Paging, type Snapshot } from './paging.ts';
import type { Repository } from './repository.ts';
import { readResultParameters } from './result-parameters.ts';
import type { Clause, Search } from './search.ts';

const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/** Answers searches with Bundles, page by page. */
export class SearchBundles {
  readonly #repository: Repository;
  readonly #search: Search;
  readonly #paging: Paging;

  constructor(repository: Repository, search: Search, paging: Paging) {
    this.#repository = repository;
    this.#search = search;
    this.#paging = paging;
  }

  /** The first page of a search. */
  first(baseUrl: string, type: string, query: readonly Clause[]): Bundle {
    const wanted = readResultParameters(query);
    const found = this.#search.ids(type, wanted.clauses);
    const ids = wanted.sort === undefined ? found : this.#search.sort(type, found, wanted.sort);
    const self = `${baseUrl}/${type}${query.length === 0 ? '' : `?${new URLSearchParams(asPairs(query))}`}`;
    const snapshot = { type, ids, wanted, self };
    if (wanted.countOnly) return { ...head(snapshot), total: ids.length };
    const token = ids.length > wanted.count ? this.#paging.keep(snapshot) : undefined;
    return this.#page(baseUrl, snapshot, token, 0);
  }

  /** A later page, by the parameters of a `next` link. */
  next(baseUrl: string, query: readonly Clause[]): Bundle {
    const { token, offset, snapshot } = this.#paging.find(query);
    return this.#page(baseUrl, snapshot, token, offset);
  }

  #page(baseUrl: string, snapshot: Snapshot, token: string | undefined, offset: number): Bundle {
    const { ids, type, wanted } = snapshot;
    const end = offset + wanted.count;
    const matches = ids.slice(offset, end).flatMap((id) => this.#repository.current(type, id) ?? []);
    const included = includedResources(matches, wanted, this.#repository, this.#search);
    const page = head(snapshot);
    if (!wanted.withoutTotal) page.total = ids.length;
    if (token !== undefined && end < ids.length) page.link?.push(next(baseUrl, token, end));
    const shown = wanted.elements === undefined ? matches : matches.map((it) => subset(it, wanted.elements ?? []));
    const entry = [
      ...shown.map((resource) => entryOf(baseUrl, resource, 'match')),
      ...included.map((resource) => entryOf(baseUrl, resource, 'include')),
    ];
    return entry.length === 0 ? page : { ...page, entry };
  }
}

function head({ self }: Snapshot): Bundle {
  return {
    resourceType: 'Bundle',
    id: randomUUID(),
    meta: { lastUpdated: new Date().toISOString() },
    type: 'searchset',
    link: [{ relation: 'self', url: self }],
  };
}

function next(baseUrl: string, token: string, offset: number): BundleLink {
  return { relation: 'next', url: `${baseUrl}?${PAGE_TOKEN}=${token}&${PAGE_OFFSET}=${offset}` };
}

function entryOf(baseUrl: string, resource: FhirResource, mode: 'match' | 'include'): BundleEntry {
  return { fullUrl: `${baseUrl}/${resource.resourceType}/${resource.id}`, resource, search: { mode } };
}

/** `_elements`: the named elements, and what every resource keeps. */
function subset(resource: FhirResource, elements: readonly string[]): FhirResource {
  const kept = new Set(['resourceType', 'id', 'meta', ...elements.map((it) => it.replace(/^.*\./, ''))]);
  const chosen = Object.entries(resource).filter(([name]) => kept.has(name) || kept.has(name.replace(/^_/, '')));
  const tag = [...(resource.meta?.tag ?? []), SUBSETTED];
  // Parts of a resource are its type still: `_elements` may leave out what R4 requires, and the tag says so.
  return { ...Object.fromEntries(chosen), meta: { ...resource.meta, tag } } as FhirResource;
}

function asPairs(query: readonly Clause[]): [string, string][] {
  return query.map(([name, value]) => [name, value]);
}
