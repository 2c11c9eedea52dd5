import { parseFhirPath } from '@medplum/core';
import type { FhirResource } from 'fhir/r4.js';
import { badRequest } from './refusal.ts';
import type { Repository } from './repository.ts';
import type { Parameter, SearchParameters } from './search-parameters.ts';
import { type SearchValues, searchValues } from './search-values.ts';

/** What every resource of one type offers to one parameter, and which of them offer a given key. */
export class ParameterIndex {
  readonly values = new Map<string, SearchValues>();
  readonly #byKey = new Map<string, Set<string>>();
  readonly #extract: (resource: FhirResource) => SearchValues;

  constructor(parameter: Parameter) {
    const path = parseFhirPath(parameter.expression);
    this.#extract = (resource) => searchValues(parameter, path, resource);
  }

  /** The ids of the resources that offer this key. */
  withKey(key: string): ReadonlySet<string> {
    return this.#byKey.get(key) ?? NONE;
  }

  /** Whether the resource offers anything at all. */
  has(id: string): boolean {
    const values = this.values.get(id);
    return values !== undefined && values.keys.length + values.ranges.length > 0;
  }

  replace(id: string, resource: FhirResource | undefined): void {
    for (const key of this.values.get(id)?.keys ?? []) this.#byKey.get(key)?.delete(id);
    this.values.delete(id);
    if (resource === undefined) return;
    const values = this.#extract(resource);
    this.values.set(id, values);
    for (const key of values.keys) {
      const ids = this.#byKey.get(key);
      if (ids === undefined) this.#byKey.set(key, new Set([id]));
      else ids.add(id);
    }
  }
}

function indexOf(parameter: Parameter): ParameterIndex {
  try {
    return new ParameterIndex(parameter);
  } catch {
    // A stored SearchParameter may say anything.
    throw badRequest(`The expression of search parameter ${parameter.code} cannot be read`);
  }
}

const NONE: ReadonlySet<string> = new Set();

/** The indices of one server: each is built when a search first asks for it, and follows every write from then on. */
export class SearchIndex {
  readonly #repository: Repository;
  readonly #byType = new Map<string, Map<string, ParameterIndex>>();

  constructor(repository: Repository, parameters: SearchParameters) {
    this.#repository = repository;
    for (const resource of repository.all('SearchParameter')) parameters.define(resource.id ?? '', resource);
    repository.follow((type, id, after) => {
      for (const index of this.#byType.get(type)?.values() ?? []) index.replace(id, after);
      if (type !== 'SearchParameter') return;
      parameters.define(id, after);
      // What it defined may have changed its meaning: built anew when next asked for.
      this.#byType.clear();
    });
  }

  of(type: string, parameter: Parameter): ParameterIndex {
    const ofType = this.#byType.get(type) ?? new Map<string, ParameterIndex>();
    this.#byType.set(type, ofType);
    const known = ofType.get(parameter.code);
    if (known !== undefined) return known;
    const index = indexOf(parameter);
    for (const resource of this.#repository.all(type)) index.replace(resource.id ?? '', resource);
    ofType.set(parameter.code, index);
    return index;
  }
}
