import { refusal } from '../refusal.ts';

/** What a SMART server says of itself, as far as an app needs it; endpoints absolute. */
export interface SmartConfiguration {
  readonly issuer: string | undefined;
  readonly jwksUri: string | undefined;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string | undefined;
  readonly scopesSupported: readonly string[] | undefined;
}

const TIMEOUT_MS = 10_000;

export const unreachable = (what: string) =>
  refusal(503, 'transient', 'authorization-away', `The hospital’s ${what} does not answer: try again.`, {
    'Retry-After': '5',
  });

const malformed = (what: string) =>
  refusal(502, 'processing', 'smart-configuration', `The hospital’s SMART configuration cannot be used: ${what}.`);

/**
 * Reads `.well-known/smart-configuration` under the FHIR base (SMART App Launch 2.2, 7.1): asked for as JSON, relative
 * addresses resolved against the base, S256 required. The keys of its id_tokens are the issuer’s.
 * @throws Refusal 502 where it cannot be used, 503 where nobody answers
 */
export async function readSmartConfiguration(iss: string): Promise<SmartConfiguration> {
  const url = `${iss}/.well-known/smart-configuration`;
  const said = await readJson(url);
  if (said === undefined) throw unreachable('SMART configuration');
  const endpoint = (name: string): string | undefined => resolved(said[name], `${iss}/`, name);
  const [authorize, token] = [endpoint('authorization_endpoint'), endpoint('token_endpoint')];
  if (authorize === undefined) throw malformed('it names no authorization_endpoint');
  if (token === undefined) throw malformed('it names no token_endpoint');
  const methods = said.code_challenge_methods_supported;
  if (!Array.isArray(methods) || !methods.includes('S256'))
    throw malformed('code_challenge_methods_supported lacks S256');
  const issuer = typeof said.issuer === 'string' ? said.issuer : undefined;
  // SMART wants the keys of the issuer; what is said here is for servers whose issuer publishes no document.
  const jwksUri = (issuer === undefined ? undefined : await keysOf(issuer)) ?? endpoint('jwks_uri');
  const scopes = said.scopes_supported;
  return {
    issuer,
    jwksUri,
    authorizationEndpoint: authorize,
    tokenEndpoint: token,
    revocationEndpoint: endpoint('revocation_endpoint'),
    scopesSupported: Array.isArray(scopes) ? scopes.filter((it) => typeof it === 'string') : undefined,
  };
}

async function keysOf(issuer: string): Promise<string | undefined> {
  const base = issuer.replace(/\/+$/, '');
  const said = await readJson(`${base}/.well-known/openid-configuration`);
  // A document of another issuer says nothing about this one (OpenID Connect Discovery, 4.3).
  return said?.issuer === issuer ? resolved(said.jwks_uri, `${base}/`, 'jwks_uri') : undefined;
}

/** An address of the document: absolute or relative to the base, and never over an open line but to this machine. */
function resolved(value: unknown, base: string, name: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !URL.canParse(value, base)) throw malformed(`${name} is no address`);
  const url = new URL(value, base);
  const isOpen = url.protocol !== 'https:' && !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (isOpen) throw malformed(`${name} is not https`);
  return url.href;
}

async function readJson(url: string): Promise<Record<string, unknown> | undefined> {
  try {
    const answer = await fetch(url, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const said: unknown = answer.ok ? await answer.json() : undefined;
    return typeof said === 'object' && said !== null && !Array.isArray(said) ? { ...said } : undefined;
  } catch {
    return undefined;
  }
}
