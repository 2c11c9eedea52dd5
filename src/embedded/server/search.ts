import { badRequest } from './refusal.ts';
import type { Repository } from './repository.ts';
import { checkType } from './resource-check.ts';
import type { ParameterIndex, SearchIndex } from './search-index.ts';
import { alternatives, matchValue, unescaped } from './search-match.ts';
import type { Parameter, SearchParameters } from './search-parameters.ts';

/** One `name=value` of a query, decoded. */
export type Clause = readonly [name: string, value: string];

/** Beside `:missing`, which every parameter has, and the types that a reference may name. */
const MODIFIERS: Readonly<Partial<Record<Parameter['type'], readonly string[]>>> = {
  token: ['not'],
  string: ['exact', 'contains'],
  reference: ['identifier'],
};

/** Finds resources by their search parameters, chains and `_has`; what it does not know it refuses. */
export class Search {
  readonly #repository: Repository;
  readonly #parameters: SearchParameters;
  readonly #index: SearchIndex;

  constructor(repository: Repository, parameters: SearchParameters, index: SearchIndex) {
    this.#repository = repository;
    this.#parameters = parameters;
    this.#index = index;
  }

  /** The ids of all resources of one type that meet every clause, in the order of their creation. */
  ids(type: string, clauses: readonly Clause[]): string[] {
    checkType(type);
    const sets = clauses.map((clause) => this.#matching(type, clause)).sort((a, b) => a.size - b.size);
    const [smallest, ...others] = sets;
    if (smallest === undefined) return [...this.#all(type)];
    const found = [...smallest].filter((id) => others.every((set) => set.has(id)));
    return found.length < 2 ? found : this.#inOrder(type, new Set(found));
  }

  /** Whether one resource meets every clause. */
  matches(type: string, id: string, clauses: readonly Clause[]): boolean {
    return clauses.every((clause) => this.#matching(type, clause).has(id));
  }

  /** Orders ids by `_sort` rules; ties keep the order they came in. */
  sort(type: string, ids: readonly string[], rules: string): string[] {
    const keys = rules.split(',').map((rule) => {
      const code = rule.replace(/^-/, '');
      const values = this.#index.of(type, this.#parameter(type, code)).values;
      return { sign: rule.startsWith('-') ? -1 : 1, of: (id: string) => values.get(id)?.sortKey };
    });
    return [...ids].sort((a, b) => {
      for (const { sign, of } of keys) {
        const order = compare(of(a), of(b));
        if (order !== 0) return sign * order;
      }
      return 0;
    });
  }

  /** The references that a resource holds under one reference parameter, as `Type/id`. */
  referencesFrom(type: string, id: string, code: string): string[] {
    const keys = this.#index.of(type, this.#parameter(type, code)).values.get(id)?.keys ?? [];
    return keys.filter((key) => /^[A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(key));
  }

  #matching(type: string, [name, value]: Clause): ReadonlySet<string> {
    if (name.startsWith('_has:')) return this.#reverseChain(type, name, value);
    const dot = name.indexOf('.');
    if (dot > 0) return this.#chain(type, name.slice(0, dot), name.slice(dot + 1), value);
    const [code = '', modifier = '', more] = name.split(':');
    const parameter = this.#parameter(type, code);
    const typeModifier = parameter.type === 'reference' && /^[A-Z]/.test(modifier);
    const known = modifier === '' || modifier === 'missing' || MODIFIERS[parameter.type]?.includes(modifier);
    if (more !== undefined || !(known || typeModifier)) throw unknown(type, name);
    if (code === '_id') return this.#byId(type, modifier, value);
    return this.#byIndex(type, parameter, modifier, value);
  }

  #byIndex(type: string, parameter: Parameter, modifier: string, value: string): ReadonlySet<string> {
    const index = this.#index.of(type, parameter);
    if (modifier === 'missing') return this.#missing(type, index, value);
    const found = matchValue(index, parameter, modifier, value);
    return modifier === 'not' ? this.#except(type, found) : found;
  }

  #byId(type: string, modifier: string, value: string): ReadonlySet<string> {
    if (modifier !== '' && modifier !== 'not') throw unknown(type, `_id:${modifier}`);
    const found = new Set(
      alternatives(value)
        .map((id) => unescaped(id).replace(`${type}/`, ''))
        .filter((id) => this.#repository.current(type, id) !== undefined),
    );
    return modifier === 'not' ? this.#except(type, found) : found;
  }

  #missing(type: string, index: ParameterIndex, value: string): Set<string> {
    if (value !== 'true' && value !== 'false') throw badRequest(':missing is true or false');
    return new Set(this.#all(type).filter((id) => index.has(id) === (value === 'false')));
  }

  /** `subject:Patient.identifier=…`: what points at a resource that meets the rest. */
  #chain(type: string, link: string, rest: string, value: string): ReadonlySet<string> {
    const [code = '', modifier = ''] = link.split(':');
    const parameter = this.#parameter(type, code);
    if (parameter.type !== 'reference') throw badRequest(`${code} is no reference`);
    const index = this.#index.of(type, parameter);
    const found = new Set<string>();
    for (const target of modifier === '' ? parameter.target : [checkType(modifier)]) {
      // A chain through several types asks each that knows the parameter.
      if (modifier === '' && !this.#knows(target, rest)) continue;
      for (const id of this.ids(target, [[rest, value]])) {
        for (const holder of index.withKey(`${target}/${id}`)) found.add(holder);
      }
    }
    return found;
  }

  /** `_has:Observation:subject:code=…`: what is pointed at by a resource that meets the rest. */
  #reverseChain(type: string, name: string, value: string): ReadonlySet<string> {
    const [, source = '', code = '', ...rest] = name.split(':');
    if (rest.length === 0) throw unknown(type, name);
    checkType(source);
    const found = this.ids(source, [[rest.join(':'), value]]);
    const references = found.flatMap((id) => this.referencesFrom(source, id, code));
    return new Set(references.filter((it) => it.startsWith(`${type}/`)).map((it) => it.slice(type.length + 1)));
  }

  #knows(type: string, name: string): boolean {
    const code = /^[^.:]+/.exec(name)?.[0] ?? '';
    return name.startsWith('_has:') || this.#parameters.find(type, code) !== undefined;
  }

  #parameter(type: string, code: string): Parameter {
    const parameter = this.#parameters.find(type, code);
    if (parameter === undefined) throw unknown(type, code);
    return parameter;
  }

  #except(type: string, ids: ReadonlySet<string>): Set<string> {
    return new Set(this.#all(type).filter((id) => !ids.has(id)));
  }

  #all(type: string): string[] {
    return [...this.#repository.all(type)].flatMap(({ id }) => id ?? []);
  }

  #inOrder(type: string, ids: ReadonlySet<string>): string[] {
    return this.#all(type).filter((id) => ids.has(id));
  }
}

function unknown(type: string, name: string): Error {
  return badRequest(`Unknown search parameter "${name.slice(0, 64)}" for ${type}`);
}

/** Without a value last, as in HAPI. */
function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (a === b) return 0;
  if (a === undefined || a === '') return 1;
  if (b === undefined || b === '') return -1;
  return a < b ? -1 : 1;
}
