import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';
import type { Issue } from '../domain/outcome.ts';
import { canonicalOf } from './canonical.ts';
import { fault } from './content-error.ts';

/** One JSON file of content. */
export interface ContentFile {
  /** Relative to its root, with `/`: `questionnaires/Questionnaire-phq-9.json`. */
  readonly path: string;
  readonly origin: 'shipped' | 'site';
  readonly json: unknown;
}

/** A FHIR resource with the file it came from. */
export interface ResourceFile extends ContentFile {
  readonly json: FhirResource;
}

const FOLDERS = ['profiles', 'questionnaires', 'key-confirmations'] as const;

/** Every JSON file below the content folders of a root, in the order of their paths. */
export function readContentFiles(root: string, origin: ContentFile['origin'], issues: Issue[]): ContentFile[] {
  const paths = FOLDERS.map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return paths.flatMap((path): ContentFile[] => {
    const name = relative(root, path).split(sep).join('/');
    const json = readJson(path, name, issues);
    return json === undefined ? [] : [{ path: name, origin, json }];
  });
}

/** The content of a JSON file; an issue where it is not JSON. */
export function readJson(path: string, name: string, issues: Issue[]): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    issues.push(
      fault(name, '', 'unreadable-json', `The file is not JSON: ${error instanceof Error ? error.message : ''}`),
    );
    return undefined;
  }
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isResource = (file: ContentFile): file is ResourceFile =>
  isRecord(file.json) && typeof file.json.resourceType === 'string';

/** What a resource is known by: its canonical, else type and id. */
export function resourceKey(resource: FhirResource): string {
  const { url, version } = resource as { url?: string; version?: string };
  return url === undefined ? `${resource.resourceType}/${resource.id ?? ''}` : canonicalOf({ url, version });
}

/** A site's file over the shipped one of the same canonical (or, for what is no resource, of the same path); new ones added. */
export function overlay(shipped: readonly ContentFile[], site: readonly ContentFile[], issues: Issue[]): ContentFile[] {
  const files = new Map<string, ContentFile>();
  const keyOf = (file: ContentFile): string => (isResource(file) ? resourceKey(file.json) : file.path);
  for (const [origin, list] of [shipped, site].entries()) {
    for (const file of list) {
      const key = keyOf(file);
      const other = files.get(key);
      if (other !== undefined && other.origin === file.origin)
        issues.push(fault(file.path, '', 'duplicate-canonical', `${key} is in ${other.path} too.`));
      else if (origin === 0 || key !== 'questionnaires/digests.json') files.set(key, file);
    }
  }
  return [...files.values()];
}
