import { badRequest } from './refusal.ts';
import type { Clause } from './search.ts';

export const DEFAULT_PAGE = 20;
export const HIGHEST_PAGE = 1000;

/** How a search's result is to be shown, apart from what is searched. */
export interface ResultParameters {
  readonly clauses: readonly Clause[];
  readonly count: number;
  readonly sort?: string;
  readonly elements?: readonly string[];
  readonly countOnly: boolean;
  readonly withoutTotal: boolean;
  /** `Type:parameter` or `Type:parameter:Target`. */
  readonly include: readonly Include[];
  readonly revInclude: readonly Include[];
}

export interface Include {
  readonly source: string;
  readonly code: string;
  readonly target?: string;
  readonly iterate: boolean;
}

/** Tells the parameters of the result from those of the search; a value that cannot be honoured is refused. */
export function readResultParameters(query: readonly Clause[]): ResultParameters {
  const clauses: Clause[] = [];
  const of = new Map<string, string[]>();
  for (const [name, value] of query) {
    if (RESULT_PARAMETERS.has(name)) of.set(name, [...(of.get(name) ?? []), value]);
    else if (value !== '') clauses.push([name, value]);
  }
  const last = (name: string) => of.get(name)?.at(-1);
  const sort = last('_sort');
  const elements = last('_elements');
  return {
    clauses,
    count: pageSize(last('_count')),
    ...(sort === undefined ? {} : { sort }),
    ...(elements === undefined ? {} : { elements: elements.split(',') }),
    countOnly: summaryIsCount(last('_summary')) || last('_count') === '0',
    withoutTotal: last('_total') === 'none',
    include: includes(of, '_include'),
    revInclude: includes(of, '_revinclude'),
  };
}

const RESULT_PARAMETERS: ReadonlySet<string> = new Set([
  '_count',
  '_sort',
  '_elements',
  '_total',
  '_summary',
  '_format',
  '_pretty',
  '_include',
  '_include:iterate',
  '_revinclude',
  '_revinclude:iterate',
]);

function pageSize(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PAGE;
  if (!/^\d{1,9}$/.test(value)) throw badRequest('_count is a number');
  return Math.min(Number(value), HIGHEST_PAGE);
}

function summaryIsCount(value: string | undefined): boolean {
  if (value === undefined || value === 'false') return false;
  if (value === 'count') return true;
  throw badRequest('_summary is supported as count and false');
}

function includes(of: ReadonlyMap<string, string[]>, name: string): Include[] {
  const read = (value: string, iterate: boolean): Include => {
    const [source = '', code = '', target] = value.split(':');
    if (source === '' || code === '') throw badRequest(`${name} is Type:parameter`);
    return { source, code, iterate, ...(target === undefined ? {} : { target }) };
  };
  return [
    ...(of.get(name) ?? []).map((value) => read(value, false)),
    ...(of.get(`${name}:iterate`) ?? []).map((value) => read(value, true)),
  ];
}
