import { type AccessPolicy, RIGHTS } from '../domain/access.ts';
import type { Issue } from '../domain/outcome.ts';
import type { Right } from '../domain/view/session-view.ts';
import { fault } from './content-error.ts';
import { type ContentFile, isRecord } from './content-files.ts';

export const ACCESS = 'profiles/programme/access.json';

const NOBODY: AccessPolicy = { version: '', roles: new Map(), everybody: new Set(), apart: [] };
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((it) => typeof it === 'string');
const isRight = (value: string): value is Right => RIGHTS.some((it) => it === value);

/** Who may open and do what; faults where a role or a right is unknown, or a role is apart from itself. */
export function readAccess(files: readonly ContentFile[], roles: ReadonlySet<string>, issues: Issue[]): AccessPolicy {
  const file = files.find((it) => it.path === ACCESS);
  const json = file?.json;
  if (!isRecord(json) || typeof json.version !== 'string' || !isRecord(json.roles) || !isTexts(json.everybody)) {
    const what = file === undefined ? 'The file is missing.' : 'It needs a version, roles, everybody and apart.';
    issues.push(fault(ACCESS, '', file === undefined ? 'missing-file' : 'malformed', what));
    return NOBODY;
  }
  const known = (role: string, place: string): boolean => {
    if (!roles.has(role)) issues.push(fault(ACCESS, place, 'unknown-role', `CodeSystem/role has no code ${role}.`));
    return roles.has(role);
  };
  const rights = Object.entries(json.roles).flatMap(([role, given]): [string, readonly Right[]][] => {
    const place = `roles.${role}`;
    if (!known(role, place)) return [];
    if (!isTexts(given)) {
      issues.push(fault(ACCESS, place, 'malformed', 'A role has a list of rights.'));
      return [];
    }
    for (const it of given.filter((one) => !isRight(one)))
      issues.push(fault(ACCESS, place, 'unknown-right', `${it} is no right: ${RIGHTS.join(', ')}.`));
    return [[role, given.filter(isRight)]];
  });
  return {
    version: json.version,
    roles: new Map(rights),
    everybody: new Set(json.everybody.filter((it) => known(it, 'everybody'))),
    apart: readApart(json.apart, known, issues),
  };
}

function readApart(
  given: unknown,
  known: (role: string, place: string) => boolean,
  issues: Issue[],
): readonly (readonly [string, string])[] {
  if (!Array.isArray(given)) {
    issues.push(fault(ACCESS, 'apart', 'malformed', 'It is a list of pairs of roles.'));
    return [];
  }
  return given.flatMap((pair: unknown, index): (readonly [string, string])[] => {
    const place = `apart[${index}]`;
    const [a, b] = isTexts(pair) && pair.length === 2 ? pair : [];
    if (a === undefined || b === undefined || a === b) {
      issues.push(fault(ACCESS, place, 'malformed', 'It names two roles.'));
      return [];
    }
    return known(a, place) && known(b, place) ? [[a, b]] : [];
  });
}
