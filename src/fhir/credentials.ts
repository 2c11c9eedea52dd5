import type { FhirAuth } from './options.ts';

/** Where the token of a request comes from. */
export interface Credentials {
  /** A token that is good now; `undefined` where none is needed. */
  token(): Promise<string | undefined>;
  /** The server did not take this one: the next `token` is a new one, unless it was renewed meanwhile. */
  forget(token: string): void;
  readonly renewable: boolean;
}

/** Credentials that never change: none, or one bearer token. */
export function fixedCredentials(auth: Exclude<FhirAuth, { kind: 'backend-services' }>): Credentials {
  const token = auth.kind === 'bearer' ? auth.token : undefined;
  return { token: () => Promise.resolve(token), forget: () => {}, renewable: false };
}
