import type { Bundle, BundleEntry, FhirResource } from 'fhir/r4.js';
import { conditionalUrl, instance } from './addresses.ts';
import { issueCode, kindOf } from './failure.ts';
import { FhirError, type ResourceType, type Write, type WriteResult } from './port.ts';

/** Doing it twice does what doing it once does. */
export const isRepeatable = (write: Write): boolean => write.method !== 'POST' || write.ifNoneExist !== undefined;

/** Written over a version that was read: a conflict is news for the caller, not a race to run again. */
export const isGuarded = (write: Write): boolean =>
  write.method === 'PUT' && !('where' in write) && (write.ifMatch !== undefined || write.ifNoneMatch !== undefined);

/** Where a single write goes. */
export function writeUrl(write: Write): string {
  if (write.method === 'DELETE') return instance(write.type, write.id);
  if (write.method === 'POST') return write.resource.resourceType;
  if ('where' in write) return conditionalUrl(write.where);
  return instance(write.resource.resourceType, write.resource.id ?? '');
}

export function writeHeaders(write: Write): Record<string, string> {
  if (write.method === 'POST')
    return write.ifNoneExist === undefined ? {} : { 'if-none-exist': conditionalUrl(`?${write.ifNoneExist}`).slice(1) };
  if (write.method === 'DELETE' || 'where' in write) return {};
  return {
    ...(write.ifMatch === undefined ? {} : { 'if-match': `W/"${write.ifMatch}"` }),
    ...(write.ifNoneMatch === undefined ? {} : { 'if-none-match': write.ifNoneMatch }),
  };
}

function entryOf(write: Write, baseUrl: string): BundleEntry {
  const url = writeUrl(write);
  if (write.method === 'DELETE') return { request: { method: 'DELETE', url } };
  if (write.method === 'POST')
    return {
      ...(write.fullUrl === undefined ? {} : { fullUrl: write.fullUrl }),
      resource: write.resource,
      request: {
        method: 'POST',
        url,
        ...(write.ifNoneExist === undefined ? {} : { ifNoneExist: writeHeaders(write)['if-none-exist'] ?? '' }),
      },
    };
  const guards =
    'where' in write
      ? {}
      : {
          ...(write.ifMatch === undefined ? {} : { ifMatch: `W/"${write.ifMatch}"` }),
          ...(write.ifNoneMatch === undefined ? {} : { ifNoneMatch: write.ifNoneMatch }),
        };
  return {
    ...('where' in write ? {} : { fullUrl: `${baseUrl}/${url}` }),
    resource: write.resource,
    request: { method: 'PUT', url, ...guards },
  };
}

export const transactionOf = (writes: readonly Write[], baseUrl: string): Bundle => ({
  resourceType: 'Bundle',
  type: 'transaction',
  entry: writes.map((it) => entryOf(it, baseUrl)),
});

const LOCATION = /([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;
const VERSION = /^(?:W\/)?"(.*)"$/;

/** What the server says of one write, from its status, Location and ETag. */
export function resultOf(
  status: number,
  location: string | null | undefined,
  etag: string | null | undefined,
  write: Write,
): WriteResult {
  const [, type, id, version] = LOCATION.exec(location ?? '') ?? [];
  const own = 'resource' in write && !('where' in write) && write.method === 'PUT' ? write.resource : undefined;
  const versionId = VERSION.exec(etag ?? '')?.[1] ?? version;
  const named = { type: (type as ResourceType | undefined) ?? own?.resourceType, id: id ?? own?.id };
  return {
    status,
    ...(named.type === undefined ? {} : { type: named.type }),
    ...(named.id === undefined ? {} : { id: named.id }),
    ...(versionId === undefined ? {} : { versionId }),
  };
}

/**
 * The results of a transaction, in the order of its entries. @throws FhirError where the answer is none, or an entry
 * failed on its own: then the server does not keep the whole together, and what else was written stays
 */
export function resultsOf(body: FhirResource | undefined, writes: readonly Write[]): WriteResult[] {
  const entries = body?.resourceType === 'Bundle' ? (body.entry ?? []) : [];
  if (entries.length !== writes.length)
    throw new FhirError('malformed', 'The transaction was not answered entry by entry.', { uncertain: true });
  return writes.map((write, index) => {
    const response = entries[index]?.response;
    const status = Number.parseInt(response?.status ?? '', 10);
    const isGone = write.method === 'DELETE' && kindOf(status) === 'not-found';
    if ((status >= 200 && status < 400) || isGone) return resultOf(status, response?.location, response?.etag, write);
    const code = issueCode(response?.outcome);
    const said = Number.isNaN(status) ? 'without a status' : `${status}${code === undefined ? '' : ` (${code})`}`;
    throw new FhirError(
      Number.isNaN(status) ? 'malformed' : kindOf(status),
      `Entry ${index + 1} of a transaction of ${writes.length} was answered ${said}.`,
      { ...(Number.isNaN(status) ? {} : { status }), uncertain: true },
    );
  });
}
