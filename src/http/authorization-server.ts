import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose';
import { refusal } from './refusal.ts';

/** What is asked of the hospital's authorization server, found out once. */
export interface AuthorizationServer {
  readonly keys: JWTVerifyGetKey;
  readonly introspectionUrl: string | undefined;
}

const TIMEOUT_MS = 5_000;

/** Where issuers publish what they are: OpenID Connect, RFC 8414, SMART. */
const places = (issuer: string): string[] => {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/smart-configuration`,
  ];
};

/** Finds the issuer's keys by its metadata. @throws Refusal 503 where it does not answer: nobody can be let in now */
export async function discover(issuer: string): Promise<AuthorizationServer> {
  for (const place of places(issuer)) {
    const metadata = await metadataAt(place);
    if (metadata === undefined || metadata.issuer !== issuer || typeof metadata.jwks_uri !== 'string') continue;
    const { introspection_endpoint: endpoint } = metadata;
    return {
      keys: createRemoteJWKSet(new URL(metadata.jwks_uri), { timeoutDuration: TIMEOUT_MS }),
      introspectionUrl: typeof endpoint === 'string' ? endpoint : undefined,
    };
  }
  throw unavailable();
}

export const unavailable = () =>
  refusal(503, 'transient', 'authorization-unavailable', 'The authorization server cannot be asked now.', {
    'Retry-After': '30',
  });

async function metadataAt(url: string): Promise<Record<string, unknown> | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    const body: unknown = answer.ok ? await answer.json() : undefined;
    return typeof body === 'object' && body !== null ? { ...body } : undefined;
  } catch {
    return undefined;
  }
}

/** RFC 7662. @throws Refusal 503 where the endpoint does not answer */
export async function introspect(
  url: string,
  token: string,
  client: { readonly clientId: string; readonly clientSecret: string },
): Promise<Record<string, unknown>> {
  const basic = [client.clientId, client.clientSecret].map(encodeURIComponent).join(':');
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }),
      headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}`, accept: 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      redirect: 'error',
    });
    const body: unknown = answer.ok ? await answer.json() : undefined;
    if (typeof body !== 'object' || body === null) throw unavailable();
    return { ...body };
  } catch {
    throw unavailable();
  }
}
