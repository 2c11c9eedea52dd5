import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Lease, State } from '../../state/port.ts';
import { unavailable } from '../authorization-server.ts';
import { type Refusal, unauthenticated } from '../refusal.ts';
import type { CdsOptions } from './cds-options.ts';

/** Asymmetric ones alone: CDS Hooks 2.0 forbids `none` and every algorithm with a shared key. */
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'EdDSA'];
/** A token that lives longer would have to be remembered for longer. */
const LONGEST_SECONDS = 300;
/** Clocks of two houses differ by so much. */
const TOLERANCE_SECONDS = 30;
const KEYS_TIMEOUT_MS = 5_000;

/** What tells that a token was used. */
export interface TokenPorts {
  readonly state: State;
  readonly now: () => number;
  readonly holder: string;
}

/**
 * Lets a call through whose token a configured client signed for this very address, once.
 * @throws Refusal 401, or 503 where the client’s keys cannot be had
 */
export type AuthenticateClient = (authorization: string | undefined, url: string) => Promise<void>;

/** The check of CDS Hooks 2.0, “Trusting CDS Clients”, for the clients of one site. */
export function clientAuthenticator(options: CdsOptions, ports: TokenPorts): AuthenticateClient {
  const keys = new Map<string, JWTVerifyGetKey>(
    options.clients.map((it) => [
      it.jwksUrl,
      createRemoteJWKSet(new URL(it.jwksUrl), { timeoutDuration: KEYS_TIMEOUT_MS }),
    ]),
  );
  const remember = usedTokens(ports);
  return async (authorization, url) => {
    const token = /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthenticated('no-token', 'The call needs the token of a CDS client.');
    const { jwksUrl, issuer } = trusted(token, options);
    const found = keys.get(jwksUrl);
    if (found === undefined) throw refused('unknown-issuer');
    const claims = await verified(token, found, { issuer, audience: url, currentDate: new Date(ports.now()) });
    const { jti, exp, iat, tenant } = claims;
    if (typeof jti !== 'string' || jti === '' || jti.length > 255) throw refused('jti');
    if (typeof exp !== 'number' || typeof iat !== 'number' || exp - iat > LONGEST_SECONDS) throw refused('lifetime');
    if (iat > ports.now() / 1000 + TOLERANCE_SECONDS) throw refused('iat');
    if (options.tenant !== undefined && tenant !== options.tenant) throw refused('tenant');
    await remember(JSON.stringify([issuer, jti]), (exp + TOLERANCE_SECONDS) * 1000);
  };
}

const SAYS = {
  malformed: 'It cannot be read.',
  header: 'Its header needs typ JWT and a kid.',
  algorithm: 'Its algorithm is not one that is taken.',
  'unknown-issuer': 'Its issuer is no client of this site.',
  jku: 'Its jku is not the address of this client’s keys.',
  invalid: 'It is not signed by this client, not for this address, or not in force.',
  jti: 'It names no jti.',
  lifetime: 'It lives longer than five minutes, or does not say how long.',
  iat: 'It was issued in the future.',
  tenant: 'It is of another tenant.',
  replayed: 'It was used before.',
} as const;

const refused = (why: keyof typeof SAYS): Refusal =>
  unauthenticated(`cds-token-${why}`, `The token of the CDS client is not taken. ${SAYS[why]}`);

/** What the token claims of itself, held against the site’s own list before any key is asked for. */
function trusted(token: string, { clients }: CdsOptions): { readonly issuer: string; readonly jwksUrl: string } {
  const { header, issuer } = read(token);
  if (header.typ?.toUpperCase() !== 'JWT' || typeof header.kid !== 'string' || header.kid === '')
    throw refused('header');
  if (!ALGORITHMS.includes(header.alg ?? '')) throw refused('algorithm');
  const own = clients.filter((it) => it.issuer === issuer);
  const [first] = own;
  if (first === undefined) throw refused('unknown-issuer');
  if (header.jku === undefined) return first;
  const named = own.find((it) => it.jwksUrl === header.jku);
  if (named === undefined) throw refused('jku');
  return named;
}

function read(token: string) {
  try {
    return { header: decodeProtectedHeader(token), issuer: decodeJwt(token).iss };
  } catch {
    throw refused('malformed');
  }
}

async function verified(
  token: string,
  keys: JWTVerifyGetKey,
  expected: { readonly issuer: string; readonly audience: string; readonly currentDate: Date },
) {
  try {
    const { payload } = await jwtVerify(token, keys, {
      ...expected,
      algorithms: ALGORITHMS,
      clockTolerance: TOLERANCE_SECONDS,
      requiredClaims: ['iss', 'aud', 'exp', 'iat', 'jti'],
    });
    return payload;
  } catch (error) {
    // A key that the set does not have, and a claim that does not fit, are the client’s; all else is the line to its keys.
    if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw unavailable();
    if (error.code === 'ERR_JOSE_GENERIC' || error instanceof errors.JWKSInvalid) throw unavailable();
    throw refused('invalid');
  }
}

/**
 * Remembers a token until it expires: a lease that nobody gives back before, so that on a shared state a replica knows
 * what another has seen. What has expired is given back on a later call.
 */
function usedTokens({ state, now, holder }: TokenPorts): (id: string, untilMs: number) => Promise<void> {
  const held: { readonly lease: Lease; readonly untilMs: number }[] = [];
  return async (id, untilMs) => {
    const lease = await state.acquire([`cds-token/${id}`], holder, Math.max(1, untilMs - now()), now());
    if (lease === undefined) throw refused('replayed');
    held.push({ lease, untilMs });
    while (held[0] !== undefined && held[0].untilMs < now()) await held.shift()?.lease.release();
  };
}
