/** A canonical taken apart: `url|version`, the version absent where it names none. A fragment stays with the url. */
export interface Canonical {
  readonly url: string;
  readonly version: string | undefined;
}

/** Takes `url|version` apart. An empty version counts as none. */
export function parseCanonical(text: string): Canonical {
  const bar = text.lastIndexOf('|');
  if (bar < 0) return { url: text, version: undefined };
  return { url: text.slice(0, bar), version: text.slice(bar + 1) || undefined };
}

/** `url|version`, or the url alone where there is no version. */
export const canonicalOf = ({ url, version }: { url: string; version?: string | undefined }): string =>
  version === undefined ? url : `${url}|${version}`;

/** True where `asked` names `known`: the same url, and the same version where both name one. */
export function matchesCanonical(asked: string, known: string): boolean {
  const [a, k] = [parseCanonical(asked), parseCanonical(known)];
  return a.url === k.url && (a.version === undefined || k.version === undefined || a.version === k.version);
}

const RELATIVE = /^Questionnaire\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * `questionnaire` of a response as one form whatever its author wrote: a reference to a resource on the server itself
 * (`baseUrl`) becomes relative, `_history/…` is dropped; a canonical stays as it is.
 */
export function normalizeQuestionnaire(text: string, baseUrl?: string): string {
  const base = baseUrl?.replace(/\/+$/, '');
  const onServer = base !== undefined && text.startsWith(`${base}/Questionnaire/`);
  const [path = ''] = (onServer ? text.slice((base ?? '').length + 1) : text).split('/_history/');
  const { url, version } = parseCanonical(path);
  return RELATIVE.test(url) ? url : canonicalOf({ url, version });
}

/** True of `Questionnaire/<id>`: a place on the hospital's server, not a canonical. */
export const isRelative = (text: string): boolean => RELATIVE.test(text);

/** Compares versions number by number where they are numbers, else as text: `1.10.0` is newer than `1.9.0`. */
export const compareVersions = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' });
