import type { Answer, Interaction } from './interaction.ts';
import { capabilityStatement } from './metadata.ts';
import { PAGE_TOKEN } from './paging.ts';
import { read, readHistory, readVersion } from './read.ts';
import { notFound, Refusal } from './refusal.ts';
import { checkType } from './resource-check.ts';
import type { ServerParts } from './server-parts.ts';
import { conditionalRemove, conditionalUpdate, create, remove, update } from './write.ts';

/** Carries out one interaction on one resource or one type; Bundles have their own door (bundle.ts). */
export function perform(parts: ServerParts, request: Interaction): Answer {
  switch (request.method) {
    case 'GET':
      return get(parts, request);
    case 'POST':
      return post(parts, request);
    case 'PUT':
      return parts.repository.transact(() => put(parts, request));
    case 'DELETE':
      return parts.repository.transact(() => del(parts, request));
  }
}

function get(parts: ServerParts, request: Interaction): Answer {
  const [type = '', id, history, version, ...rest] = request.path;
  if (type === '' && request.query.some(([name]) => name === PAGE_TOKEN)) {
    return { status: 200, resource: parts.bundles.next(request.baseUrl, request.query) };
  }
  if (type === 'metadata') return { status: 200, resource: capabilityStatement(parts.parameters, request.baseUrl) };
  if (type === '' || rest.length > 0 || (history !== undefined && history !== '_history')) throw unknownAddress();
  checkType(type);
  if (id === undefined) {
    return { status: 200, resource: parts.bundles.first(request.baseUrl, type, request.query) };
  }
  if (version !== undefined) return readVersion(parts.repository, type, id, version);
  if (history !== undefined) return readHistory(parts.repository, type, id, request);
  return read(parts.repository, type, id, request.ifNoneMatch);
}

function post(parts: ServerParts, request: Interaction): Answer {
  const [type = '', action, ...rest] = request.path;
  if (rest.length > 0) throw unknownAddress();
  checkType(type);
  if (action === '_search') {
    return { status: 200, resource: parts.bundles.first(request.baseUrl, type, request.query) };
  }
  if (action?.startsWith('$'))
    throw new Refusal(404, 'not-supported', `Operation ${action.slice(0, 40)} is not supported`);
  if (action !== undefined) throw new Refusal(405, 'not-supported', 'A resource with an id is written by PUT');
  return parts.repository.transact(() => create(parts, type, request));
}

function put(parts: ServerParts, request: Interaction): Answer {
  const [type = '', id, ...rest] = request.path;
  if (rest.length > 0) throw unknownAddress();
  checkType(type);
  return id === undefined ? conditionalUpdate(parts, type, request) : update(parts, type, id, request);
}

function del(parts: ServerParts, request: Interaction): Answer {
  const [type = '', id, ...rest] = request.path;
  if (rest.length > 0) throw unknownAddress();
  checkType(type);
  return id === undefined ? conditionalRemove(parts, type, request) : remove(parts, type, id, request);
}

function unknownAddress(): Refusal {
  return notFound('This address');
}
