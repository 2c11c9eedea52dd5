import type { Request } from 'express';
import { errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { Caller } from '../pipeline/caller.ts';
import { type AuthorizationServer, discover, introspect, unavailable } from './authorization-server.ts';
import type { AuthorizationOptions } from './http-options.ts';
import { type Refusal, unauthenticated } from './refusal.ts';
import { callerOf, type Needed } from './token-caller.ts';

/** Who asks, whose grant allows what is needed (to hand in a response, where nothing is said). @throws Refusal 401, 403, or 503 where the authorization server is away */
export type Authorize = (request: Request, needed?: Needed) => Promise<Caller>;

/** Whose bearer token an `Authorization` header carries. @throws Refusal as Authorize */
export type AuthorizeBearer = (authorization: string | undefined, needed?: Needed) => Promise<Caller>;

/** A launch of the app where the request names one, else a bearer token. */
export const callerOrLaunch =
  (bearer: AuthorizeBearer, launched: Authorize | undefined): Authorize =>
  (request, needed) =>
    launched !== undefined && request.get('authorization') === undefined && request.get('vincle-launch') !== undefined
      ? launched(request, needed)
      : bearer(request.get('authorization'), needed);

/** Asymmetric only: `none`, and a MAC with the public key as its secret, are not among them. */
const ALGORITHMS = ['RS256', 'RS384', 'ES256', 'ES384'];
const TOLERANCE_SECONDS = 30;
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** Checks bearer tokens of the hospital's authorization server: JWTs by signature, opaque ones by introspection. */
export function authorizer(options: AuthorizationOptions | undefined, baseUrl: string): AuthorizeBearer {
  const server = options === undefined ? undefined : remembered(options.issuer);
  return async (authorization, needed) => {
    if (authorization === undefined) throw unauthenticated('no-token', 'This route needs a bearer token.');
    const token = BEARER.exec(authorization)?.[1];
    if (token === undefined) throw unauthenticated('no-token', 'This route needs a bearer token.');
    if (options === undefined || server === undefined)
      throw unauthenticated('no-issuer', 'No authorization server is configured here: no token is taken.');
    const claims = JWT.test(token)
      ? await verified(token, options, await server())
      : await introspected(token, options, await server());
    return callerOf(claims, baseUrl, needed);
  };
}

/** Discovered at the first request; a failure is not remembered. */
function remembered(issuer: string): () => Promise<AuthorizationServer> {
  let found: Promise<AuthorizationServer> | undefined;
  return () => {
    found ??= discover(issuer).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
}

async function verified(
  token: string,
  options: AuthorizationOptions,
  { keys }: AuthorizationServer,
): Promise<JWTPayload> {
  const expected: JWTVerifyOptions = {
    issuer: options.issuer,
    audience: options.audience,
    algorithms: ALGORITHMS,
    clockTolerance: TOLERANCE_SECONDS,
    requiredClaims: ['exp', 'iss', 'aud'],
  };
  try {
    return (await jwtVerify(token, keys, expected)).payload;
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifiedByAny(token, error, expected);
    throw refusedBecause(error);
  }
}

/** Some servers name no key in their tokens: then any of those that fit may have signed. */
async function verifiedByAny(
  token: string,
  fitting: errors.JWKSMultipleMatchingKeys,
  expected: JWTVerifyOptions,
): Promise<JWTPayload> {
  let last: unknown = fitting;
  for await (const key of fitting) {
    try {
      return (await jwtVerify(token, key, expected)).payload;
    } catch (error) {
      last = error;
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) break;
    }
  }
  throw refusedBecause(last);
}

function refusedBecause(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return unauthenticated('token-expired', 'The token has expired.');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated('token-not-for-us', `The token’s ${error.claim} is not what is expected here.`);
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return unavailable();
  // jose throws its plain base class where the keys could not be fetched, and a TypeError where nobody listens.
  if (!(error instanceof errors.JOSEError) || error.code === 'ERR_JOSE_GENERIC') return unavailable();
  return unauthenticated('token-invalid', 'The token is not one of the hospital’s authorization server.');
}

async function introspected(
  token: string,
  options: AuthorizationOptions,
  server: AuthorizationServer,
): Promise<JWTPayload> {
  const { introspection, issuer, audience } = options;
  const url = introspection?.url ?? server.introspectionUrl;
  if (introspection === undefined || url === undefined)
    throw unauthenticated('token-invalid', 'The token is opaque, and no introspection is configured.');
  const claims = await introspect(url, token, introspection);
  const { active, iss, aud, exp } = claims;
  if (active !== true) throw unauthenticated('token-inactive', 'The token is not active.');
  if (iss !== undefined && iss !== issuer)
    throw unauthenticated('token-not-for-us', 'The token’s iss is not what is expected here.');
  if (!(Array.isArray(aud) ? aud : [aud]).includes(audience))
    throw unauthenticated('token-not-for-us', 'The token’s aud is not what is expected here.');
  if (typeof exp === 'number' && exp + TOLERANCE_SECONDS < Date.now() / 1000)
    throw unauthenticated('token-expired', 'The token has expired.');
  return claims;
}
