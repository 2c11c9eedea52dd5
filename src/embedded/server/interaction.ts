import type { FhirResource } from 'fhir/r4.js';
import type { Clause } from './search.ts';
import type { Version } from './version-log.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One RESTful interaction, whether it came by HTTP or as an entry of a Bundle. */
export interface Interaction {
  readonly method: Method;
  /** The address below the base, decoded: `['Observation', 'x']`. */
  readonly path: readonly string[];
  readonly query: readonly Clause[];
  readonly body?: unknown;
  readonly ifMatch?: string;
  readonly ifNoneMatch?: string;
  readonly ifNoneExist?: string;
  /** Where links and full URLs start. */
  readonly baseUrl: string;
}

export interface Answer {
  readonly status: number;
  readonly resource?: FhirResource;
  /** What was read or written: its ETag, Last-Modified and Location. */
  readonly version?: Version;
}

/** The weak ETag of a version, `W/"3"`. */
export const etag = (version: Version): string => `W/"${version.versionId}"`;

/** Where a version stays readable. */
export const locationOf = (version: Version): string => `${version.type}/${version.id}/_history/${version.versionId}`;

/** `Observation?code=x` or `Observation/x` as a path and a query. */
export function readAddress(address: string): { path: string[]; query: Clause[] } {
  const [path = '', query = ''] = address.replace(/^\//, '').split(/\?(.*)/s);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent),
    query: [...new URLSearchParams(query)],
  };
}
