import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { type Configuration, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { TokenRequest } from './authority.ts';
import type { Chosen, Person } from './people.ts';

/** What one authorization grants: kept by the id of its grant. */
export interface Granted {
  readonly chosen: Chosen;
  readonly asked: readonly string[];
  readonly scopes: readonly string[];
}

/** What the tests may change while the provider runs. */
export interface Lifetimes {
  /** Whole seconds. */
  accessSeconds: number;
}

const OPENID = new Set(['openid', 'fhirUser', 'profile']);
const wordsOf = (scope: string | undefined): string[] => (scope ?? '').split(' ').filter((it) => it !== '');

export async function signingKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: 'signing', alg: 'RS256', use: 'sig' };
}

interface Parts {
  readonly issuer: string;
  readonly fhirBase: () => string;
  readonly people: Readonly<Record<string, Person>>;
  readonly clients: NonNullable<Configuration['clients']>;
  readonly grants: Map<string, Granted>;
  readonly lifetimes: Lifetimes;
  readonly onAccessToken: (token: string, grant: string) => void;
  readonly onTokenRequest: (path: string, request: TokenRequest) => void;
}

/** oidc-provider as a SMART authorization server: v2 scopes, PKCE, launch context in the token response, opaque access tokens. */
export async function smartProvider(parts: Parts): Promise<Provider> {
  const provider = new Provider(parts.issuer, configuration(parts, await signingKey()));
  provider.use(async (context, next) => {
    await next();
    noteRequest(context as TokenContext, parts);
    addLaunchContext(context as TokenContext, parts);
  });
  return provider;
}

/** What this middleware sees of a request: other routes than OpenID’s have no `oidc`. */
type TokenContext = Pick<KoaContextWithOIDC, 'path' | 'status' | 'request'> & {
  body: unknown;
  readonly oidc?: KoaContextWithOIDC['oidc'];
};

/** A request to the token or revocation endpoint as it came, whatever became of it. */
function noteRequest({ path, oidc, request }: TokenContext, { onTokenRequest }: Parts): void {
  if (!path.startsWith('/token')) return;
  const { authorization, 'content-type': contentType } = request.headers;
  onTokenRequest(path, {
    params: new URLSearchParams(oidc?.body as Record<string, string>),
    authorization,
    contentType,
  });
}

function addLaunchContext(context: TokenContext, { grants, onAccessToken }: Parts): void {
  const { body }: { readonly body?: unknown } = context;
  if (context.path !== '/token' || context.status !== 200 || typeof body !== 'object' || body === null) return;
  const id = context.oidc?.entities.Grant?.jti ?? '';
  const granted = grants.get(id);
  if (granted === undefined || !('access_token' in body)) return;
  onAccessToken(String(body.access_token), id);
  const { patient, context: more } = granted.chosen;
  context.body = {
    ...body,
    scope: granted.scopes.join(' '),
    need_patient_banner: true,
    ...(patient === undefined ? {} : { patient }),
    ...more,
  };
}

const accessSecondsOf = ({ accessSeconds }: Lifetimes): number => accessSeconds;

function configuration({ fhirBase, people, clients, grants, lifetimes }: Parts, key: JWK): Configuration {
  return {
    jwks: { keys: [key] },
    clients,
    claims: { openid: ['sub'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false,
    extraParams: ['launch', 'aud'],
    clientAuthMethods: ['none', 'client_secret_basic', 'private_key_jwt'],
    renderError: (context, out) => {
      context.body = JSON.stringify(out);
    },
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    pkce: { required: () => true },
    // Its guard against addresses of its own network would refuse to read keys from this machine.
    fetch: (
      url: string | URL | Request,
      { dispatcher: _guarded, ...request }: RequestInit & { dispatcher?: unknown } = {},
    ) => fetch(url, request),
    cookies: { keys: ['of the tests'] },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, fhirUser: `${fhirBase()}/${people[id]?.fhirUser ?? ''}` }),
    }),
    issueRefreshToken: (_context, _client, code) =>
      grants.get(code.grantId ?? '')?.scopes.includes('offline_access') ?? false,
    expiresWithSession: () => false,
    rotateRefreshToken: () => true,
    ttl: {
      AccessToken: accessSecondsOf.bind(undefined, lifetimes),
      AuthorizationCode: 60,
      Grant: 86_400,
      IdToken: 300,
      Interaction: 600,
      RefreshToken: 86_400,
      Session: 600,
    },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: (_context, client, token) => token.clientId === client.clientId },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => fhirBase(),
        useGrantedResource: () => true,
        getResourceServerInfo: (context, audience) => ({
          audience,
          scope: resourceScopes(context, grants).join(' '),
          accessTokenFormat: 'opaque',
        }),
      },
    },
  };
}

/** SMART scopes are a language, not a list: whatever is asked for exists. */
function resourceScopes(context: KoaContextWithOIDC, grants: ReadonlyMap<string, Granted>): string[] {
  const granted = grants.get(context.oidc.entities.Grant?.jti ?? '');
  const asked = wordsOf(String(context.oidc.params?.scope ?? ''));
  return [...asked, ...(granted?.asked ?? [])].filter((it) => !OPENID.has(it) && it !== 'offline_access');
}

/** Lets somebody in who asked for these scopes: the grant, and what is remembered of it. */
export async function grantTo(
  provider: Provider,
  { fhirBase, grants }: Pick<Parts, 'fhirBase' | 'grants'>,
  clientId: string,
  asked: readonly string[],
  chosen: Chosen,
): Promise<string> {
  const scopes = chosen.granted?.(asked) ?? asked;
  const grant = new provider.Grant({ accountId: chosen.person, clientId });
  grant.addOIDCScope(scopes.filter((it) => OPENID.has(it)).join(' ') || 'openid');
  grant.addResourceScope(fhirBase(), scopes.filter((it) => !OPENID.has(it)).join(' ') || 'none');
  // What is neither given nor refused would be asked for again.
  const refused = asked.filter((it) => !scopes.includes(it));
  grant.rejectOIDCScope(refused.filter((it) => OPENID.has(it)).join(' '));
  grant.rejectResourceScope(fhirBase(), refused.filter((it) => !OPENID.has(it)).join(' '));
  const id = await grant.save();
  grants.set(id, { chosen, asked, scopes });
  return id;
}
