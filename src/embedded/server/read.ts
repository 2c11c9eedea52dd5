import type { Bundle } from 'fhir/r4.js';
import { type Answer, etag, type Interaction, locationOf } from './interaction.ts';
import { gone, notFound } from './refusal.ts';
import type { Repository } from './repository.ts';
import { checkId, checkType } from './resource-check.ts';
import type { Version } from './version-log.ts';

/** GET [type]/[id]; 304 where the asker's ETag is the current one. */
export function read(repository: Repository, type: string, id: string, ifNoneMatch?: string): Answer {
  checkType(type);
  const version = repository.latest(type, checkId(id));
  if (version === undefined) throw notFound(`${type}/${id}`);
  if (version.resource === undefined) throw gone(`${type}/${id}`);
  if (ifNoneMatch === etag(version)) return { status: 304, version };
  return { status: 200, resource: version.resource, version };
}

/** GET [type]/[id]/_history/[version] */
export function readVersion(repository: Repository, type: string, id: string, versionId: string): Answer {
  const version = historyOf(repository, type, id).find((it) => String(it.versionId) === versionId);
  if (version === undefined) throw notFound(`${type}/${id}/_history/${versionId.slice(0, 20)}`);
  if (version.resource === undefined) throw gone(locationOf(version));
  return { status: 200, resource: version.resource, version };
}

/** GET [type]/[id]/_history, newest first, all of it in one page. */
export function readHistory(repository: Repository, type: string, id: string, request: Interaction): Answer {
  const versions = historyOf(repository, type, id);
  const bundle: Bundle = {
    resourceType: 'Bundle',
    type: 'history',
    total: versions.length,
    link: [{ relation: 'self', url: `${request.baseUrl}/${type}/${id}/_history` }],
    entry: versions.map((version) => ({
      fullUrl: `${request.baseUrl}/${type}/${id}`,
      ...(version.resource === undefined ? {} : { resource: version.resource }),
      request: { method: version.resource === undefined ? 'DELETE' : 'PUT', url: `${type}/${id}` },
      response: { status: '200', etag: etag(version), lastModified: version.lastUpdated },
    })),
  };
  return { status: 200, resource: bundle };
}

function historyOf(repository: Repository, type: string, id: string): Version[] {
  const versions = repository.history(checkType(type), checkId(id));
  if (versions.length === 0) throw notFound(`${type}/${id}`);
  return versions;
}
