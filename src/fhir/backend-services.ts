import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, importJWK, importPKCS8, type JWK, SignJWT } from 'jose';
import type { BackendServicesAuth, Clock } from './options.ts';
import { type Credentials, FhirError } from './port.ts';

/** A client assertion lives this long: SMART allows five minutes. */
const ASSERTION_SECONDS = 240;
/** A token is renewed this long before it ends. */
const MARGIN_MS = 30_000;
const TIMEOUT_MS = 30_000;

interface SigningKey {
  readonly key: CryptoKey | Uint8Array;
  readonly alg: 'RS384' | 'ES384';
  /** As it is configured, else the key’s thumbprint (RFC 7638): SMART wants one. */
  readonly kid: string;
}

/** The private key of a JWK or PKCS #8 PEM file: RSA signs RS384, P-384 signs ES384. @throws Error naming the file */
export async function readSigningKey(
  { privateKeyFile, keyId }: Pick<BackendServicesAuth, 'privateKeyFile' | 'keyId'>,
  extractable = false,
): Promise<SigningKey> {
  const text = await readFile(privateKeyFile, 'utf8');
  if (!text.trimStart().startsWith('{')) {
    for (const alg of ['RS384', 'ES384'] as const) {
      const key = await importPKCS8(text, alg, { extractable: true }).catch(() => undefined);
      if (key === undefined) continue;
      const kid = keyId ?? (await calculateJwkThumbprint(await exportJWK(key)));
      return { key: extractable ? key : await importPKCS8(text, alg), alg, kid };
    }
    throw new Error(`${privateKeyFile}: neither a JWK nor a PKCS #8 key for RS384 or ES384`);
  }
  const jwk = JSON.parse(text) as JWK;
  const alg = jwk.kty === 'RSA' ? 'RS384' : jwk.kty === 'EC' && jwk.crv === 'P-384' ? 'ES384' : undefined;
  if (alg === undefined || jwk.d === undefined) throw new Error(`${privateKeyFile}: not a private RSA or P-384 key`);
  return {
    key: await importJWK(jwk, alg, { extractable }),
    alg,
    kid: keyId ?? jwk.kid ?? (await calculateJwkThumbprint(jwk)),
  };
}

/** The public half of a signing key, as a JWK Set publishes it. */
export async function publicKeyOf(auth: Pick<BackendServicesAuth, 'privateKeyFile' | 'keyId'>): Promise<JWK> {
  const { key, alg, kid } = await readSigningKey(auth, true);
  const { kty, n, e, crv, x, y } = await exportJWK(key);
  const parts = kty === 'RSA' ? { n, e } : { crv, x, y };
  return { kty, ...parts, alg, use: 'sig', key_ops: ['verify'], kid } as JWK;
}

/** Tokens by SMART Backend Services (`private_key_jwt`); one is asked for at a time and kept until shortly before it ends. */
export class BackendServices implements Credentials {
  readonly renewable = true;
  readonly #auth: BackendServicesAuth;
  readonly #baseUrl: string;
  readonly #clock: Clock;
  #current: { token: string; until: number } | undefined;
  #asking: Promise<string> | undefined;
  #endpoint: string | undefined;

  constructor(auth: BackendServicesAuth, baseUrl: string, clock: Clock) {
    this.#auth = auth;
    this.#baseUrl = baseUrl;
    this.#clock = clock;
  }

  token(): Promise<string> {
    if (this.#current !== undefined && this.#clock.now() < this.#current.until)
      return Promise.resolve(this.#current.token);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  forget(token: string): void {
    if (this.#current?.token === token) this.#current = undefined;
  }

  async #ask(): Promise<string> {
    const endpoint = await this.#tokenEndpoint();
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      scope: this.#auth.scopes,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await this.#assertion(endpoint),
    });
    const answer = await fetched(endpoint, { method: 'POST', body });
    const { access_token: token, expires_in: seconds } = answer;
    if (typeof token !== 'string' || token === '')
      throw new FhirError('unauthorized', 'The token endpoint gave no access token.');
    const lifeMs = (typeof seconds === 'number' ? seconds : 300) * 1000;
    this.#current = { token, until: this.#clock.now() + Math.max(lifeMs - MARGIN_MS, lifeMs / 2) };
    return token;
  }

  async #tokenEndpoint(): Promise<string> {
    this.#endpoint ??= this.#auth.tokenUrl ?? (await this.#discovered());
    return this.#endpoint;
  }

  async #discovered(): Promise<string> {
    const found = (await fetched(`${this.#baseUrl}/.well-known/smart-configuration`, {})).token_endpoint;
    if (typeof found !== 'string')
      throw new FhirError('unauthorized', 'The SMART configuration names no token endpoint.');
    return new URL(found, `${this.#baseUrl}/`).href;
  }

  async #assertion(audience: string): Promise<string> {
    const { key, alg, kid } = await readSigningKey(this.#auth);
    const now = Math.floor(this.#clock.now() / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg, typ: 'JWT', kid })
      .setIssuer(this.#auth.clientId)
      .setSubject(this.#auth.clientId)
      .setAudience(audience)
      .setJti(randomUUID())
      .setIssuedAt(now)
      .setExpirationTime(now + ASSERTION_SECONDS)
      .sign(key);
  }
}

/** JSON of the authorization server; its refusals are told by OAuth error code alone. */
async function fetched(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const place = new URL(url).pathname;
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (cause) {
    throw new FhirError('unreachable', `The authorization server was not reached (${place}).`, { cause });
  }
  const body: unknown = await response.json().catch(() => undefined);
  const json = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  if (response.ok) return json;
  const code = typeof json.error === 'string' ? ` ${json.error}` : '';
  throw new FhirError(
    response.status >= 500 ? 'unreachable' : 'unauthorized',
    `The authorization server answered ${response.status}${code} (${place}).`,
    { status: response.status },
  );
}
