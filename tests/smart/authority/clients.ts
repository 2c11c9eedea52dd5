import { type CryptoKey, exportJWK, exportPKCS8, generateKeyPair, type JWK } from 'jose';
import type { ClientMetadata, Configuration } from 'oidc-provider';

/** How Vincle is registered here, in each of the ways a hospital may choose. */
export const CLIENT_IDS = {
  public: 'vincle-public',
  secret: 'vincle-secret',
  RS384: 'vincle-rs384',
  ES384: 'vincle-es384',
} as const;
export type ClientKind = keyof typeof CLIENT_IDS;

/** Of the client `vincle-secret`; with characters that Basic authentication must encode. */
export const CLIENT_SECRET = 'a secret: of +the% tests';

/** A pair of which the authority knows the public half, and Vincle the private one. */
export interface KeyPair {
  readonly publicJwk: JWK;
  readonly privateKey: CryptoKey;
  /** PKCS #8. */
  readonly pem: string;
}

export type Keys = Readonly<Record<'RS384' | 'ES384', KeyPair>>;

export async function makeKeys(): Promise<Keys> {
  const pair = async (alg: 'RS384' | 'ES384', kid: string): Promise<KeyPair> => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const publicJwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
    return { publicJwk, privateKey, pem: await exportPKCS8(privateKey) };
  };
  return { RS384: await pair('RS384', 'rs384'), ES384: await pair('ES384', 'es384') };
}

/** The registrations as oidc-provider wants them; public keys are read where Vincle publishes them. */
export function clientsOf(redirectUris: readonly string[]): NonNullable<Configuration['clients']> {
  const common: Pick<ClientMetadata, 'redirect_uris' | 'grant_types' | 'response_types'> = {
    redirect_uris: [...redirectUris],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  };
  const keyed = (alg: 'RS384' | 'ES384'): ClientMetadata => ({
    ...common,
    client_id: CLIENT_IDS[alg],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: alg,
    jwks_uri: new URL('/.well-known/jwks.json', redirectUris[0]).href,
  });
  return [
    { ...common, client_id: CLIENT_IDS.public, token_endpoint_auth_method: 'none' },
    {
      ...common,
      client_id: CLIENT_IDS.secret,
      client_secret: CLIENT_SECRET,
      token_endpoint_auth_method: 'client_secret_basic',
    },
    keyed('RS384'),
    keyed('ES384'),
  ];
}
