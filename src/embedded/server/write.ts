import { randomUUID } from 'node:crypto';
import type { FhirResource } from 'fhir/r4.js';
import { type Answer, etag, type Interaction } from './interaction.ts';
import { badRequest, preconditionFailed } from './refusal.ts';
import { checkClientId, checkId, checkResource, checkType } from './resource-check.ts';
import type { Clause } from './search.ts';
import type { ServerParts } from './server-parts.ts';
import type { Version } from './version-log.ts';

const CREATED = 201;
const OK = 200;

/** POST [type]; with If-None-Exist only where that search finds nothing. */
export function create(parts: ServerParts, type: string, request: Interaction): Answer {
  const resource = checkResource(request.body, checkType(type));
  if (request.ifNoneExist !== undefined) {
    const existing = oneMatch(parts, type, [...new URLSearchParams(request.ifNoneExist)]);
    if (existing !== undefined) return { status: OK, ...withResource(existing) };
  }
  return { status: CREATED, ...withResource(parts.repository.put(randomUUID(), resource).version) };
}

/** PUT [type]/[id]: replaces, or creates under the client's id. */
export function update(parts: ServerParts, type: string, id: string, request: Interaction): Answer {
  const resource = checkResource(request.body, checkType(type));
  if (resource.id !== checkId(id)) throw badRequest('The id in the body is not the one in the address');
  return put(parts, id, resource, request);
}

/** PUT [type]?[search]: replaces the one match, or creates where there is none. */
export function conditionalUpdate(parts: ServerParts, type: string, request: Interaction): Answer {
  const resource = checkResource(request.body, checkType(type));
  const id = conditionalTarget(parts, type, resource, request.query);
  return parts.repository.transact(() => {
    const answer = put(parts, id, resource, request);
    // HAPI too: what was written has to be what the address asks for.
    if (!parts.search.matches(type, id, request.query)) throw preconditionFailed('The body does not meet the search');
    return answer;
  });
}

/** The id that a conditional update writes to. */
export function conditionalTarget(
  parts: ServerParts,
  type: string,
  resource: FhirResource,
  query: readonly Clause[],
): string {
  const existing = oneMatch(parts, type, query);
  if (existing === undefined) return resource.id ?? randomUUID();
  if (resource.id !== undefined && resource.id !== existing.id) {
    throw badRequest('The id in the body is not that of the resource the search finds');
  }
  return existing.id;
}

/** DELETE [type]/[id]; 204 whether or not it was there. */
export function remove(parts: ServerParts, type: string, id: string, request: Interaction): Answer {
  checkType(type);
  checkId(id);
  checkIfMatch(parts.repository.latest(type, id), request.ifMatch);
  const version = parts.repository.remove(type, id);
  return version === undefined ? { status: 204 } : { status: 204, version };
}

/** DELETE [type]?[search]: all that match. */
export function conditionalRemove(parts: ServerParts, type: string, request: Interaction): Answer {
  if (request.query.length === 0) throw badRequest('A delete needs an id or a search');
  return parts.repository.transact(() => {
    for (const id of parts.search.ids(type, request.query)) parts.repository.remove(type, id);
    return { status: 204 };
  });
}

/** The one current resource that a search finds. */
export function oneMatch(parts: ServerParts, type: string, query: readonly Clause[]): Version | undefined {
  if (query.length === 0) throw preconditionFailed('A condition needs at least one search parameter');
  const [first, ...others] = parts.search.ids(checkType(type), query);
  if (others.length > 0) throw preconditionFailed('Several resources match the condition');
  return first === undefined ? undefined : parts.repository.latest(type, first);
}

function put(parts: ServerParts, id: string, resource: FhirResource, request: Interaction): Answer {
  const before = parts.repository.latest(resource.resourceType, id);
  checkIfMatch(before, request.ifMatch);
  if (request.ifNoneMatch === '*' && before?.resource !== undefined) throw preconditionFailed('It exists already');
  if (before === undefined) checkClientId(id);
  const { version, change } = parts.repository.put(id, resource);
  return { status: change === 'created' ? CREATED : OK, ...withResource(version) };
}

function checkIfMatch(before: Version | undefined, ifMatch: string | undefined): void {
  if (ifMatch === undefined) return;
  const expected = ifMatch.startsWith('W/') ? ifMatch : `W/${ifMatch.startsWith('"') ? ifMatch : `"${ifMatch}"`}`;
  if (before?.resource === undefined || etag(before) !== expected) {
    throw preconditionFailed('Somebody else has changed it since');
  }
}

function withResource(version: Version): Pick<Answer, 'resource' | 'version'> {
  return version.resource === undefined ? { version } : { version, resource: version.resource };
}
