import type { Reference } from 'fhir/r4.js';

const LITERAL = /^(?:(https?:\/\/.+)\/)?([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * `Type/id` of a literal reference on this server: relative, or absolute under `baseUrl`. `undefined` for a logical or
 * contained reference, another server's, or none.
 */
export function literal(reference: Reference | undefined, baseUrl: string): string | undefined {
  const match = reference?.reference === undefined ? null : LITERAL.exec(reference.reference);
  if (match === null) return undefined;
  const [, base, type, id] = match;
  if (base !== undefined && base !== baseUrl) return undefined;
  return `${type}/${id}`;
}

/** The type of a `Type/id`. */
export const typeOf = (reference: string): string => reference.slice(0, reference.indexOf('/'));
/** The id of a `Type/id`. */
export const idOf = (reference: string): string => reference.slice(reference.indexOf('/') + 1);
