import { randomBytes } from 'node:crypto';
import express, { type Express, type Request, type Response } from 'express';
import { exportJWK, generateKeyPair } from 'jose';
import { type Configuration, interactionPolicy, Provider } from 'oidc-provider';
import type { LaunchContext } from './launch-context.ts';

/** How the authorization server of the demonstration, or of a test, behaves. */
export interface AuthorityOptions {
  /** `http://127.0.0.1:PORT` */
  readonly issuer: string;
  /** Every scope that may be asked for. */
  readonly scopes: readonly string[];
  readonly clients: NonNullable<Configuration['clients']>;
  /** Seconds until an access token ends. */
  readonly accessTokenSeconds?: number;
  /** Who is at the keyboard, where the EHR hands out no launch: chosen on a page that this renders. */
  readonly choose: (request: Request) => LaunchContext | undefined;
  readonly choicePage: (request: Request, uid: string) => string;
}

/** What a token stands for. */
export interface TokenOf extends LaunchContext {
  readonly scope: string;
}

/** A SMART authorization server without passwords: whoever reaches it is who they say. */
export interface Authority {
  readonly app: Express;
  readonly provider: Provider;
  /** A launch that the EHR hands out; good for one authorization request. */
  launch(context: LaunchContext): string;
  /** What an access token that is good now stands for. */
  tokenOf(token: string): Promise<TokenOf | undefined>;
}

/** Makes the authorization server; its routes are mounted by whoever listens. */
export async function makeAuthority(options: AuthorityOptions): Promise<Authority> {
  const contexts = new Map<string, LaunchContext>();
  const launches = new Map<string, LaunchContext>();
  const provider = new Provider(options.issuer, await configuration(options));
  provider.use(async (ctx, next) => {
    await next();
    const { oidc, body } = ctx as unknown as { oidc?: OidcContext; body?: Record<string, unknown> };
    const grant = oidc?.route === 'token' ? oidc.entities?.Grant?.jti : undefined;
    const context = grant === undefined ? undefined : contexts.get(grant);
    if (context === undefined || body?.access_token === undefined) return;
    ctx.body = {
      ...body,
      need_patient_banner: true,
      ...(context.patient === undefined ? {} : { patient: context.patient.slice('Patient/'.length) }),
    };
  });
  const finish = async (request: Request, response: Response, context: LaunchContext): Promise<void> => {
    const details = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: context.user, clientId: String(details.params.client_id) });
    grant.addOIDCScope(String(details.params.scope));
    const grantId = await grant.save();
    contexts.set(grantId, context);
    await provider.interactionFinished(request, response, { login: { accountId: context.user }, consent: { grantId } });
  };
  const app = express();
  app.disable('x-powered-by');
  app.get('/interaction/:uid', async (request, response) => {
    const { params } = await provider.interactionDetails(request, response);
    const launch = typeof params.launch === 'string' ? params.launch : undefined;
    const context = launch === undefined ? options.choose(request) : launches.get(launch);
    if (launch !== undefined) launches.delete(launch);
    if (context !== undefined) return finish(request, response, context);
    if (launch !== undefined)
      return void response.status(400).type('text/plain').send('No such launch, or used before.');
    response.type('html').send(options.choicePage(request, String(request.params.uid)));
  });
  app.use(provider.callback());
  return {
    app,
    provider,
    launch: (context) => {
      const code = randomBytes(16).toString('base64url');
      launches.set(code, context);
      return code;
    },
    tokenOf: async (value) => {
      const token = await provider.AccessToken.find(value);
      const context = token?.grantId === undefined ? undefined : contexts.get(token.grantId);
      return token === undefined || context === undefined || token.isExpired
        ? undefined
        : { ...context, scope: token.scope ?? '' };
    },
  };
}

interface OidcContext {
  readonly route?: string;
  readonly entities?: { readonly Grant?: { readonly jti?: string } };
}

async function configuration(options: AuthorityOptions): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'demonstration', alg: 'RS256', use: 'sig' };
  const policy = interactionPolicy.base();
  // Whoever launches is asked anew each time: two tabs may be two people.
  policy
    .get('login')
    ?.checks.add(
      new interactionPolicy.Check('each_launch', 'each launch says who it is', (ctx) =>
        ctx.oidc.result?.login === undefined
          ? interactionPolicy.Check.REQUEST_PROMPT
          : interactionPolicy.Check.NO_NEED_TO_PROMPT,
      ),
    );
  return {
    clients: options.clients,
    jwks: { keys: [key] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    scopes: options.scopes.filter((it) => it !== 'openid'),
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false,
    extraParams: ['launch', 'aud'],
    clientAuthMethods: ['none', 'client_secret_basic', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      revocation: { enabled: true },
    },
    interactions: { policy, url: (_ctx, { uid }) => `/interaction/${uid}` },
    issueRefreshToken: (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: options.accessTokenSeconds ?? 300,
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 300,
      Interaction: 600,
      RefreshToken: 43_200,
      Session: 86_400,
    },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ sub, fhirUser: sub }) }),
  };
}
