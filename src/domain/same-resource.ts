import type { Coding, Meta, Resource } from 'fhir/r4.js';

/** Codings by system and code alone: displays differ between releases and servers, and order carries nothing. */
const codes = (codings: readonly Coding[] | undefined): string =>
  (codings ?? [])
    .map((it) => `${it.system ?? ''}|${it.code ?? ''}`)
    .sort()
    .join(' ');

function sameMeta(a: Meta | undefined, b: Meta | undefined): boolean {
  return (
    codes(a?.tag) === codes(b?.tag) &&
    codes(a?.security) === codes(b?.security) &&
    [...(a?.profile ?? [])].sort().join(' ') === [...(b?.profile ?? [])].sort().join(' ')
  );
}

/** Keys that the server owns, or that say nothing. */
const SERVERS: ReadonlySet<string> = new Set(['meta', 'text', 'id']);

function same(a: unknown, b: unknown, top: boolean): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const left = Object.entries(a).filter(([key]) => !(top && SERVERS.has(key)));
  const right = new Map(Object.entries(b).filter(([key]) => !(top && SERVERS.has(key))));
  return (
    left.length === right.size && left.every(([key, value]) => right.has(key) && same(value, right.get(key), false))
  );
}

/**
 * Whether two derived resources say the same: everything but the server's own `meta`, the narrative and the id, which a
 * server without client ids gives.
 */
export function sameDerived<T extends Resource>(a: T, b: T): boolean {
  return sameMeta(a.meta, b.meta) && same(a, b, true);
}
