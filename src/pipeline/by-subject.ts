import type { FhirResource, Reference } from 'fhir/r4.js';
import type { Query } from '../domain/queries.ts';
import { literal } from '../domain/reference.ts';
import type { FhirServer, Page, Resource, ResourceType, Search } from '../fhir/port.ts';

/** The pages of several searches, in the order asked; nothing is sent where nothing is asked. */
export const ask = (server: FhirServer, queries: readonly Query<ResourceType>[]): Promise<readonly Page[]> =>
  queries.length === 0 ? Promise.resolve([]) : server.searchAll(queries as readonly Search[]);

/** What matched, of the type that was asked for. */
export const resourcesOf = <T extends ResourceType>(page: Page | undefined, type: T): Resource<T>[] =>
  (page?.resources ?? []).filter((it): it is Resource<T> => it.resourceType === type);

/** Resources by the literal reference that says whom they are about. */
export function bySubject<T extends FhirResource>(
  resources: readonly T[],
  about: (it: T) => Reference | undefined,
  baseUrl: string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const resource of resources) {
    const subject = literal(about(resource), baseUrl);
    if (subject === undefined) continue;
    const group = groups.get(subject);
    if (group === undefined) groups.set(subject, [resource]);
    else group.push(resource);
  }
  return groups;
}
