import { FhirError, type ResourceType, type Search } from './port.ts';

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

/** `Type/id`, after the id was checked: an id with a slash would be another address. */
export function instance(type: ResourceType, id: string): string {
  if (!ID.test(id) || id === '.' || id === '..')
    throw new FhirError('rejected', `An id of a ${type} is not a FHIR id: not sent.`);
  return `${type}/${id}`;
}

const encoded = (params: Search['params']): string =>
  params.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');

/** `Type?name=value&…` */
export const searchUrl = (search: Search): string =>
  `${search.type}${search.params.length === 0 ? '' : `?${encoded(search.params)}`}`;

/** The form body of the same search, for one that is too long for a URL. */
export const searchForm = (search: Search): string => encoded(search.params);

/**
 * `Type?name=value`, with its values encoded. A caller encodes a `%` or `&` that stands inside a value; the rest may be
 * encoded or not. @throws FhirError where a `%` encodes nothing
 */
export function conditionalUrl(where: string): string {
  const [type = '', query = ''] = where.split(/\?(.*)/s);
  const pairs = query.split('&').map((pair) => pair.split(/=(.*)/s));
  return `${type}?${pairs.map(([name = '', value = '']) => `${name}=${encodedOnce(value)}`).join('&')}`;
}

function encodedOnce(value: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(value));
  } catch {
    throw new FhirError('rejected', 'The condition of a write is not URL-encoded: not sent.');
  }
}

/** A `next` link that may be followed: on the server that was asked, below its base. Anything else would carry the token away. */
export function nextUrl(link: string, baseUrl: string): string {
  const base = new URL(`${baseUrl}/`);
  let next: URL;
  try {
    next = new URL(link, base);
  } catch {
    throw new FhirError('malformed', 'The server’s next link is no address.');
  }
  const below =
    next.pathname === base.pathname || `${next.pathname}/` === base.pathname || next.pathname.startsWith(base.pathname);
  if (next.origin !== base.origin || !below)
    throw new FhirError(
      'malformed',
      `The server’s next link leads to ${next.origin}, not to ${base.origin}${base.pathname}: not followed.`,
    );
  return next.href;
}
