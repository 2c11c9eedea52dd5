import { readAddress } from './interaction.ts';
import { badRequest, preconditionFailed } from './refusal.ts';
import type { ServerParts } from './server-parts.ts';

/**
 * A copy of a resource in which the temporary addresses of a transaction (`urn:uuid:…`, or another entry's full URL in
 * a reference) are the final ones, and a reference by search (`Patient?identifier=…`) is the one resource it finds.
 *
 * @see https://hl7.org/fhir/R4/http.html#trules
 */
export function resolveReferences(value: unknown, finals: ReadonlyMap<string, string>, parts: ServerParts): unknown {
  if (typeof value === 'string') return value.startsWith('urn:') ? (finals.get(value) ?? value) : value;
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, finals, parts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === 'reference' && typeof part === 'string'
        ? (finals.get(part) ?? bySearch(part, parts))
        : resolveReferences(part, finals, parts),
    ]),
  );
}

function bySearch(reference: string, parts: ServerParts): string {
  if (reference.startsWith('urn:')) throw badRequest('A reference names no entry of this transaction');
  if (!/^[A-Za-z]+\?/.test(reference)) return reference;
  const { path, query } = readAddress(reference);
  const [type = ''] = path;
  const [id, ...others] = parts.search.ids(type, query);
  if (id === undefined || others.length > 0)
    throw preconditionFailed('A reference by search does not find exactly one');
  return `${type}/${id}`;
}
