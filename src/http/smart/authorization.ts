import * as oidc from 'openid-client';
import { refusal } from '../refusal.ts';
import type { Registration } from './registration.ts';
import { readSmartConfiguration, type SmartConfiguration, unreachable } from './smart-configuration.ts';

/** What the token endpoint gave, checked. */
export interface Granted {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  /** Seconds, as the server says; absent where it does not. */
  readonly expiresIn: number | undefined;
  /** What was granted, which may be less than was asked for. */
  readonly scope: string;
  /** Reference as the id_token says it. */
  readonly fhirUser: string | undefined;
  /** Launch context of the token response, unchecked: `patient`, `fhirContext`, `intent` … */
  readonly context: Readonly<Record<string, unknown>>;
}

/** What must be remembered between the authorization request and its answer. */
export interface Asked {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly scope: string;
}

const TIMEOUT_SECONDS = 15;
/** Asymmetric only. */
const ALGORITHMS = ['RS256', 'RS384', 'ES256', 'ES384'];

/** The hospital’s authorization server as this registered client speaks with it; discovered when it is first needed. */
export class Authorization {
  readonly registration: Registration;
  readonly #redirectUri: string;
  #known: Promise<{ readonly smart: SmartConfiguration; readonly client: oidc.Configuration }> | undefined;

  constructor(registration: Registration, redirectUri: string) {
    this.registration = registration;
    this.#redirectUri = redirectUri;
  }

  #discovered() {
    this.#known ??= this.#discover().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    });
    return this.#known;
  }

  async #discover() {
    const { registration } = this;
    const smart = await readSmartConfiguration(registration.iss);
    const client = new oidc.Configuration(
      {
        // Without an issuer of its own the server’s base stands for it; an id_token is then not taken.
        issuer: smart.issuer ?? registration.iss,
        authorization_endpoint: smart.authorizationEndpoint,
        token_endpoint: smart.tokenEndpoint,
        id_token_signing_alg_values_supported: ALGORITHMS,
        ...(smart.jwksUri === undefined ? {} : { jwks_uri: smart.jwksUri }),
        ...(smart.revocationEndpoint === undefined ? {} : { revocation_endpoint: smart.revocationEndpoint }),
      },
      registration.clientId,
      { [oidc.clockTolerance]: 30 },
      authenticationOf(registration, smart.tokenEndpoint),
    );
    client.timeout = TIMEOUT_SECONDS;
    if (new URL(smart.tokenEndpoint).protocol === 'http:') oidc.allowInsecureRequests(client);
    if (smart.jwksUri !== undefined) oidc.enableNonRepudiationChecks(client);
    return { smart, client };
  }

  /** Where the browser is sent, and what to remember. `launch` as the EHR sent it; absent of a standalone launch. */
  async begin(
    scopes: readonly string[],
    launch: string | undefined,
  ): Promise<{ readonly url: URL; readonly asked: Asked }> {
    const { client } = await this.#discovered();
    const scope = [...new Set([...scopes, ...this.registration.extraScopes])].join(' ');
    const verifier = oidc.randomPKCECodeVerifier();
    const asked = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, scope };
    const url = oidc.buildAuthorizationUrl(client, {
      response_type: 'code',
      redirect_uri: this.#redirectUri,
      scope,
      state: asked.state,
      nonce: asked.nonce,
      aud: this.registration.iss,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(launch === undefined ? {} : { launch }),
    });
    return { url, asked };
  }

  /** Exchanges the code. @throws Refusal 400 where the answer is not the one to what was asked, 503 where nobody answers */
  async finish(callback: URL, asked: Asked): Promise<Granted> {
    const { client, smart } = await this.#discovered();
    const url = new URL(this.#redirectUri);
    url.search = callback.search;
    const answer = await spoken(() =>
      oidc.authorizationCodeGrant(client, url, {
        pkceCodeVerifier: asked.verifier,
        expectedState: asked.state,
        expectedNonce: asked.nonce,
        idTokenExpected: asked.scope.split(' ').includes('openid'),
      }),
    );
    if (answer.id_token !== undefined && (smart.issuer === undefined || smart.jwksUri === undefined))
      throw refusal(502, 'processing', 'smart-configuration', 'The server names no issuer or keys for its id_token.');
    return grantedOf(answer, asked.scope);
  }

  /** A new access token. @throws Refusal 401 where the server gives none any more, 503 where it is away */
  async refresh(refreshToken: string, scope: string): Promise<Granted> {
    const { client } = await this.#discovered();
    return grantedOf(await spoken(() => oidc.refreshTokenGrant(client, refreshToken)), scope);
  }

  /** Tells the server that a token is not used any more, where it can be told; a failure changes nothing here. */
  async revoke(token: string): Promise<void> {
    const { client, smart } = await this.#discovered();
    if (smart.revocationEndpoint === undefined) return;
    await oidc.tokenRevocation(client, token).catch(() => undefined);
  }
}

function authenticationOf({ authentication }: Registration, tokenEndpoint: string): oidc.ClientAuth {
  switch (authentication.kind) {
    case 'public':
      return oidc.None();
    case 'secret':
      return oidc.ClientSecretBasic(authentication.secret);
    case 'private-key': {
      const { key, kid } = authentication;
      const assert = oidc.PrivateKeyJwt(
        { key, kid },
        {
          // SMART names the token endpoint as audience, where RFC 7523 would let it be the issuer.
          [oidc.modifyAssertion]: (header, payload) => {
            header.typ = 'JWT';
            payload.aud = tokenEndpoint;
          },
        },
      );
      return async (server, client, body, headers) => {
        await assert(server, client, body, headers);
        // The assertion says who it is; SMART leaves client_id to public apps.
        body.delete('client_id');
      };
    }
  }
}

const AWAY = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON']);

/** One conversation with the authorization server; what goes wrong is said without what was sent. */
async function spoken<T>(say: () => Promise<T>): Promise<T> {
  try {
    return await say();
  } catch (error) {
    if (error instanceof oidc.AuthorizationResponseError)
      throw refusal(403, 'forbidden', `authorization-${word(error.error)}`, 'The hospital did not let the app in.');
    if (error instanceof oidc.ResponseBodyError && error.status < 500)
      throw refusal(401, 'login', `token-${word(error.error)}`, 'The hospital gives no token for this launch.');
    // What has no code of its own is a connection that broke.
    const code = error instanceof oidc.ClientError ? error.code : undefined;
    if (code === undefined || AWAY.has(code)) throw unreachable('authorization server');
    throw refusal(
      400,
      'security',
      'launch-answer',
      'The answer of the authorization server does not fit the question.',
    );
  }
}

/** An OAuth error code as a word; anything else is not repeated. */
const word = (code: string): string => (/^[a-z_]{1,60}$/.test(code) ? code.replaceAll('_', '-') : 'refused');

function grantedOf(answer: oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers, asked: string): Granted {
  const { access_token, refresh_token, id_token, expires_in, scope, token_type: _type, ...context } = answer;
  const user = answer.claims()?.fhirUser ?? answer.claims()?.profile;
  return {
    accessToken: access_token,
    refreshToken: refresh_token,
    idToken: id_token,
    expiresIn: expires_in,
    scope: scope ?? asked,
    fhirUser: typeof user === 'string' ? user : undefined,
    context,
  };
}
