import { rangeMatches, rangeOfDate, splitPrefix } from './date-range.ts';
import { badRequest } from './refusal.ts';
import type { ParameterIndex } from './search-index.ts';
import type { Parameter } from './search-parameters.ts';
import { folded } from './search-values.ts';

/** Splits at an unescaped comma, and undoes the escapes of the parts where `unescape` is set. */
export function alternatives(value: string): string[] {
  return value.split(/(?<!\\),/);
}

/** `\,` `\|` `\$` `\\` as they are meant. */
export function unescaped(value: string): string {
  return value.replace(/\\([\\,|$])/g, '$1');
}

/** The ids of the resources that one parameter with one value (alternatives included) finds, before modifiers. */
export function matchValue(index: ParameterIndex, parameter: Parameter, modifier: string, value: string): Set<string> {
  const found = new Set<string>();
  for (const alternative of alternatives(value)) {
    if (alternative === '') throw badRequest(`Parameter ${parameter.code} has an empty value`);
    for (const id of matchOne(index, parameter, modifier, alternative)) found.add(id);
  }
  return found;
}

function matchOne(index: ParameterIndex, parameter: Parameter, modifier: string, value: string): Iterable<string> {
  switch (parameter.type) {
    case 'token':
      return index.withKey(unescaped(value));
    case 'reference':
      return index.withKey(referenceKey(parameter, modifier, unescaped(value)));
    case 'uri':
      return index.withKey(unescaped(value));
    case 'date':
      return matchDate(index, parameter, value);
    case 'number':
    case 'quantity':
      return matchNumber(index, parameter, value);
    default:
      return matchText(index, modifier, unescaped(value));
  }
}

/** `patient=x` and `subject:Patient=x` name the type that `x` leaves out. */
function referenceKey(parameter: Parameter, modifier: string, value: string): string {
  if (modifier === 'identifier') return `identifier:${value}`;
  if (modifier !== '' && !value.includes('/')) return `${modifier}/${value}`;
  const [only, ...others] = parameter.target;
  if (only !== undefined && others.length === 0 && /^[A-Za-z0-9\-.]{1,64}$/.test(value)) return `${only}/${value}`;
  return value;
}

function* matchDate(index: ParameterIndex, parameter: Parameter, value: string): Iterable<string> {
  const { prefix, rest } = splitPrefix(value);
  const searched = rangeOfDate(rest);
  if (searched === undefined) throw badRequest(`Parameter ${parameter.code} has a value that is no date`);
  for (const [id, { ranges }] of index.values) {
    if (ranges.some((range) => rangeMatches(range, prefix, searched))) yield id;
  }
}

function* matchNumber(index: ParameterIndex, parameter: Parameter, value: string): Iterable<string> {
  const { prefix, rest } = splitPrefix(value);
  const [digits = '', system, code] = rest.split('|');
  const number = Number(digits);
  if (digits === '' || Number.isNaN(number))
    throw badRequest(`Parameter ${parameter.code} has a value that is no number`);
  const searched = precisionOf(digits, number, prefix === 'eq' || prefix === 'ne');
  const unit = code === undefined ? undefined : `${system ?? ''}|${code}`;
  for (const [id, { ranges, keys }] of index.values) {
    if (unit !== undefined && !keys.includes(unit)) continue;
    if (ranges.some((range) => rangeMatches(range, prefix, searched))) yield id;
  }
}

/** `5` stands for 4.5 to 5.5 and `5.0` for 4.95 to 5.05; an ordering takes the number itself. */
function precisionOf(digits: string, number: number, implicit: boolean): { low: number; high: number } {
  const decimals = /\.(\d+)/.exec(digits)?.[1]?.length ?? 0;
  const half = implicit ? 0.5 / 10 ** decimals : 0;
  return { low: number - half, high: number + half };
}

function* matchText(index: ParameterIndex, modifier: string, value: string): Iterable<string> {
  if (modifier === 'exact') {
    yield* index.withKey(value);
    return;
  }
  const wanted = folded(value);
  for (const [id, { texts }] of index.values) {
    if (texts.some((text) => (modifier === 'contains' ? text.includes(wanted) : text.startsWith(wanted)))) yield id;
  }
}
