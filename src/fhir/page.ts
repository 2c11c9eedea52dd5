import type { Bundle, FhirResource, OperationOutcome } from 'fhir/r4.js';
import { nextUrl } from './addresses.ts';
import { issueCode } from './failure.ts';
import { FhirError, type Page, type Search } from './port.ts';

/** A page with the way to the next one. */
export interface FoundPage extends Page {
  readonly next: string | undefined;
}

/** Parameters that shape the answer and are not always named in `self`. */
const SHAPING: ReadonlySet<string> = new Set([
  '_count',
  '_sort',
  '_elements',
  '_total',
  '_summary',
  '_include',
  '_revinclude',
  '_offset',
  '_format',
]);

const linkOf = (bundle: Bundle, relation: string): string | undefined =>
  bundle.link?.find((it) => it.relation === relation)?.url;

/** Reads a searchset: what matched and what was included apart. @throws FhirError where it is none, or the server says it failed. */
export function readPage(
  body: FhirResource | undefined,
  search: Search,
  baseUrl: string,
  date: string | null,
): FoundPage {
  if (body?.resourceType !== 'Bundle')
    throw new FhirError('malformed', `The search for ${search.type} was not answered with a Bundle.`);
  const resources: FhirResource[] = [];
  const included: FhirResource[] = [];
  for (const { resource, search: how } of (body as Bundle<FhirResource>).entry ?? []) {
    if (resource === undefined) continue;
    if (resource.resourceType === 'OperationOutcome') refuseFatal(resource, search);
    else if (how?.mode === 'include' || resource.resourceType !== search.type) included.push(resource);
    else resources.push(resource);
  }
  const next = linkOf(body, 'next');
  const ignored = ignoredBy(linkOf(body, 'self'), search);
  const serverTime = instantOf(body.meta?.lastUpdated) ?? instantOf(date);
  return {
    resources: resources as Page['resources'][number][],
    included,
    next: next === undefined ? undefined : nextUrl(next, baseUrl),
    ...(body.total === undefined ? {} : { total: body.total }),
    ...(serverTime === undefined ? {} : { serverTime }),
    ...(ignored.length === 0 ? {} : { ignored }),
  };
}

function refuseFatal(outcome: OperationOutcome, search: Search): void {
  const fatal = outcome.issue.filter((it) => it.severity === 'fatal' || it.severity === 'error');
  if (fatal.length === 0) return;
  const code = issueCode({ ...outcome, issue: fatal }) ?? 'no code';
  throw new FhirError('rejected', `The search for ${search.type} failed on the server (${code}).`);
}

function instantOf(text: string | null | undefined): string | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

/** Parameters that the server’s `self` link does not repeat: it did not search by them. */
function ignoredBy(self: string | undefined, search: Search): string[] {
  if (self === undefined || !self.includes('?')) return [];
  const used = new URLSearchParams(self.slice(self.indexOf('?') + 1));
  const names = new Set([...used.keys()].map((it) => it.split(':')[0]));
  return search.params
    .map(([name]) => name.split(':')[0] ?? name)
    .filter((name) => !SHAPING.has(name) && !names.has(name));
}
