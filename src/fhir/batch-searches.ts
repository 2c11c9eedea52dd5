import type { Bundle, FhirResource } from 'fhir/r4.js';
import { searchUrl } from './addresses.ts';
import type { Answer } from './exchange.ts';
import { isPassing, issueCode, kindOf } from './failure.ts';
import { type FoundPage, readPage } from './page.ts';
import { FhirError, type Search } from './port.ts';

/** One request for the first page of each search. */
export const batchOf = (searches: readonly Search[]): Bundle => ({
  resourceType: 'Bundle',
  type: 'batch',
  entry: searches.map((it) => ({ request: { method: 'GET', url: searchUrl(it) } })),
});

/** One page of a batch; `later` where the server could not answer this search now, and may when it is asked alone. */
export function batchedPage(
  { body, headers }: Answer,
  search: Search,
  index: number,
  baseUrl: string,
): FoundPage | 'later' {
  const entry = body?.resourceType === 'Bundle' ? (body as Bundle<FhirResource>).entry?.[index] : undefined;
  if (entry === undefined) throw new FhirError('malformed', `The batch left the search for ${search.type} unanswered.`);
  const status = Number.parseInt(entry.response?.status ?? '200', 10);
  if (isPassing(status)) return 'later';
  if (status >= 400) {
    const code = issueCode(entry.response?.outcome) ?? issueCode(entry.resource);
    throw new FhirError(
      kindOf(status),
      `The search for ${search.type} in a batch was answered ${status}${code === undefined ? '' : ` (${code})`}.`,
      { status },
    );
  }
  return readPage(entry.resource, search, baseUrl, headers.get('date'));
}
