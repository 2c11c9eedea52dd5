import { evalFhirPathTyped, type FhirPathAtom, toTypedValue } from '@medplum/core';
import type { FhirResource } from 'fhir/r4.js';
import { type DateRange, rangeOfDate } from './date-range.ts';
import type { Parameter } from './search-parameters.ts';

/** What one resource offers to one search parameter. */
export interface SearchValues {
  /** Everything that an equality search may ask for: `code`, `system|code`, `system|`, `Type/id`, a URL. */
  readonly keys: readonly string[];
  readonly ranges: readonly DateRange[];
  /** In lower case and without accents. */
  readonly texts: readonly string[];
  readonly sortKey: string | number;
}

type Json = Readonly<Record<string, unknown>>;

/** Evaluates a parameter's expression on a resource. */
export function searchValues(parameter: Parameter, path: FhirPathAtom, resource: FhirResource): SearchValues {
  const found = evalFhirPathTyped(path, [toTypedValue(resource)]).map(({ value }) => value as unknown);
  switch (parameter.type) {
    case 'token':
      return ofKeys(found.flatMap(tokenKeys));
    case 'reference':
      return ofKeys(found.flatMap(referenceKeys));
    case 'uri':
      return ofKeys(found.filter((value) => typeof value === 'string'));
    case 'date':
      return ofRanges(found.flatMap(dateRanges));
    case 'number':
    case 'quantity':
      return ofNumbers(found);
    default:
      return ofTexts(found.flatMap(texts));
  }
}

/** Lower case without accents, as string search compares. */
export function folded(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function ofKeys(keys: readonly string[]): SearchValues {
  return { keys: [...new Set(keys)], ranges: [], texts: [], sortKey: keys[0] ?? '' };
}

function ofRanges(ranges: readonly DateRange[]): SearchValues {
  return { keys: [], ranges, texts: [], sortKey: Math.min(...ranges.map(({ low }) => low)) };
}

function ofTexts(found: readonly string[]): SearchValues {
  return { keys: found, ranges: [], texts: found.map(folded), sortKey: folded(found[0] ?? '') };
}

function ofNumbers(found: readonly unknown[]): SearchValues {
  const numbers = found.map((value) => (isObject(value) ? value.value : value)).filter((it) => typeof it === 'number');
  const keys = found
    .filter(isObject)
    .flatMap((it) => [`${it.system ?? ''}|${it.code ?? ''}`, `|${it.code ?? it.unit ?? ''}`]);
  return { keys, ranges: numbers.map((n) => ({ low: n, high: n })), texts: [], sortKey: Math.min(...numbers) };
}

function tokenKeys(value: unknown): string[] {
  if (!isObject(value)) return [String(value)];
  if (Array.isArray(value.coding)) return value.coding.flatMap(tokenKeys);
  const code = value.code ?? value.value;
  if (typeof code !== 'string') return typeof value.system === 'string' ? [`${value.system}|`] : [];
  const { system } = value;
  return typeof system === 'string' ? [code, `${system}|${code}`, `${system}|`] : [code, `|${code}`];
}

function referenceKeys(value: unknown): string[] {
  if (typeof value === 'string') return [value, value.replace(/\|[^|]*$/, '')];
  if (!isObject(value)) return [];
  const logical = isObject(value.identifier) ? tokenKeys(value.identifier).map((key) => `identifier:${key}`) : [];
  if (typeof value.reference !== 'string') return logical;
  const plain = value.reference.replace(/\/_history\/[^/]*$/, '');
  const id = /^[A-Za-z]+\/([A-Za-z0-9\-.]{1,64})$/.exec(plain)?.[1];
  return [plain, ...(id === undefined ? [] : [id]), ...logical];
}

function dateRanges(value: unknown): DateRange[] {
  if (typeof value === 'string') return [rangeOfDate(value)].filter((it) => it !== undefined);
  if (!isObject(value)) return [];
  if (Array.isArray(value.event)) return value.event.flatMap(dateRanges);
  const start = typeof value.start === 'string' ? rangeOfDate(value.start) : undefined;
  const end = typeof value.end === 'string' ? rangeOfDate(value.end) : undefined;
  if (start === undefined && end === undefined) return [];
  return [{ low: start?.low ?? Number.NEGATIVE_INFINITY, high: end?.high ?? Number.POSITIVE_INFINITY }];
}

/** Of a HumanName, an Address or a plain string. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (!isObject(value)) return [];
  const parts = [
    'family',
    'given',
    'prefix',
    'suffix',
    'text',
    'line',
    'city',
    'district',
    'state',
    'postalCode',
    'country',
  ];
  return parts.flatMap((part) => texts(value[part]));
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null;
}
