import type { FhirAuth } from './options.ts';
import type { Credentials } from './port.ts';

/** Credentials that never change: none, or one bearer token. */
export function fixedCredentials(auth: Exclude<FhirAuth, { kind: 'backend-services' | 'supplied' }>): Credentials {
  const token = auth.kind === 'bearer' ? auth.token : undefined;
  return { token: () => Promise.resolve(token), forget: () => {}, renewable: false };
}
