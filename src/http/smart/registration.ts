import type { CryptoKey, JWK } from 'jose';

/** How Vincle proves at the token endpoint that it is the registered client. */
export type ClientAuthentication =
  | { readonly kind: 'public' }
  | { readonly kind: 'secret'; readonly secret: string }
  | {
      readonly kind: 'private-key';
      readonly key: CryptoKey;
      readonly alg: 'RS384' | 'ES384';
      readonly kid: string;
      /** Published under `/.well-known/jwks.json`. */
      readonly publicKey: JWK;
    };

/** One FHIR server from which Vincle may be launched, and how Vincle is registered there. */
export interface Registration {
  /** The FHIR base that the EHR sends as `iss`, without a slash at its end. */
  readonly iss: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  /** Origins whose pages may hold Vincle in a frame; none where it opens in a window of its own. */
  readonly frameAncestors: readonly string[];
  /** Scopes that this server wants beside Vincle’s own, or instead of some. */
  readonly extraScopes: readonly string[];
}

/** The public keys of these registrations, each once. */
export const publicKeysOf = (all: readonly Registration[]): readonly JWK[] => [
  ...new Map(
    all.flatMap(({ authentication: it }) => (it.kind === 'private-key' ? [[it.kid, it.publicKey] as const] : [])),
  ).values(),
];

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

/** The registration of an `iss`; `undefined` for a server that is not on the list. */
export const registrationOf = (all: readonly Registration[], iss: string): Registration | undefined =>
  all.find((it) => it.iss === withoutSlash(iss));
