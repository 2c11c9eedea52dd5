/** Where a page stands: which app, and which launch. Two tabs have two launches and never mix. */
export interface Launch {
  readonly id: string;
  /** Path under which the app's own pages live, without a slash at its end: `/app/<launchId>`. */
  readonly base: string;
}

const PATH = /^(\/(?:app|form)\/([A-Za-z0-9_-]{1,128}))(?:\/|$)/;

/** The launch that a path names; `undefined` where it names none. */
export function launchOf(pathname: string): Launch | undefined {
  const [, base, id] = PATH.exec(pathname) ?? [];
  return base === undefined || id === undefined ? undefined : { id, base };
}
