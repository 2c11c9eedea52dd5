import { createHash } from 'node:crypto';
import type { Issue } from '../domain/outcome.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord, isResource, type ResourceFile, resourceKey } from './content-files.ts';

export const MANIFEST = 'questionnaires/digests.json';

/** JSON with the keys in order: two files that say the same have the same text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value)
    .sort()
    .filter((key) => value[key] !== undefined);
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`).join(',')}}`;
}

/** SHA-256 of the canonical JSON, in hexadecimal. */
export const digestOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** The manifest of a folder's Questionnaires: `url|version` to digest, in order. */
export function manifestOf(files: readonly ContentFile[]): Record<string, string> {
  const entries = files.filter(isQuestionnaire).map((file) => [resourceKey(file.json), digestOf(file.json)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isQuestionnaire = (file: ContentFile): file is ResourceFile =>
  isResource(file) && file.json.resourceType === 'Questionnaire';

const declared = (files: readonly ContentFile[]): Readonly<Record<string, unknown>> | undefined => {
  const json = files.find((file) => file.path === MANIFEST)?.json;
  return isRecord(json) ? json : undefined;
};

/**
 * A version says one thing for ever. A shipped Questionnaire must be as the shipped manifest says. A site's own must be
 * as the site's manifest says, where it has one; where it replaces a shipped version by other content it must have one,
 * so that nobody changes a key by a slip of the hand.
 */
export function checkDigests(shipped: readonly ContentFile[], site: readonly ContentFile[], issues: Issue[]): void {
  const own = declared(shipped);
  for (const file of shipped.filter(isQuestionnaire)) compareDigest(file, own?.[resourceKey(file.json)], issues);
  const sites = declared(site);
  for (const file of site.filter(isQuestionnaire)) {
    const key = resourceKey(file.json);
    const replaces = own?.[key] !== undefined && own[key] !== digestOf(file.json);
    if (replaces || sites !== undefined) compareDigest(file, sites?.[key], issues);
  }
}

function compareDigest(file: ResourceFile, expected: unknown, issues: Issue[]): void {
  const key = resourceKey(file.json);
  if (expected === digestOf(file.json)) return;
  const what = expected === undefined ? `${key} is not in ${MANIFEST}` : `${key} is not what ${MANIFEST} says it was`;
  issues.push(
    fault(
      file.path,
      'version',
      'changed-under-same-version',
      `${what}: give it a new version, or write the manifest anew (npm run content:digests).`,
    ),
  );
}
