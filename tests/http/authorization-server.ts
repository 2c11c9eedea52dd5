import { once } from 'node:events';
import { createServer } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';

export const AUDIENCE = 'https://vincle.example/fhir';
const ELSEWHERE = 'https://elsewhere.example/fhir';

/** A client stands for whoever is logged in: what its tokens say. */
interface TestClient {
  readonly claims: Readonly<Record<string, string>>;
  readonly scope: string;
  readonly opaque?: true;
  readonly alg?: 'RS256' | 'ES384';
  readonly audience?: string;
}

const CREATE = 'patient/QuestionnaireResponse.c';
export const CLIENTS = {
  'patient-1': { claims: { patient: 'p1', fhirUser: 'Patient/p1' }, scope: CREATE },
  'patient-2': { claims: { patient: 'p2', fhirUser: 'Patient/p2' }, scope: 'patient/QuestionnaireResponse.cruds' },
  'patient-es384': { claims: { patient: 'p1' }, scope: 'patient/*.write', alg: 'ES384' },
  'patient-opaque': { claims: { patient: 'p1', fhirUser: 'Patient/p1' }, scope: CREATE, opaque: true },
  'patient-outside': { claims: { patient: 'outsider', fhirUser: 'Patient/outsider' }, scope: CREATE },
  'patient-reader': { claims: { patient: 'p1' }, scope: 'patient/QuestionnaireResponse.rs' },
  'patient-elsewhere': { claims: { patient: 'p1' }, scope: CREATE, audience: ELSEWHERE },
  'patient-narrowed': { claims: { patient: 'p1' }, scope: 'patient/QuestionnaireResponse.c?status=completed' },
  therapist: { claims: { fhirUser: 'Practitioner/t1' }, scope: 'user/QuestionnaireResponse.c' },
  'therapist-of-nobody': { claims: { fhirUser: 'Practitioner/t9' }, scope: 'user/QuestionnaireResponse.write' },
  relative: { claims: { fhirUser: 'RelatedPerson/r1' }, scope: 'user/QuestionnaireResponse.c' },
  system: { claims: {}, scope: 'system/QuestionnaireResponse.c' },
  vincle: { claims: {}, scope: 'system/QuestionnaireResponse.c' },
} satisfies Record<string, TestClient>;
export type ClientName = keyof typeof CLIENTS;

export const SECRET = 'a-secret-of-the-tests';

export interface AuthorizationServer {
  readonly issuer: string;
  token(client: ClientName): Promise<string>;
  /** A token of the issuer's own key with claims of the test's choosing. */
  sign(claims: JWTPayload): Promise<string>;
  stop(): Promise<void>;
}

/** oidc-provider over real HTTP: tokens of the client-credentials grant, with the claims of whoever the client stands for. */
export async function startAuthorizationServer(): Promise<AuthorizationServer> {
  const rsa = await generateKeyPair('RS256', { extractable: true });
  const ec = await generateKeyPair('ES384', { extractable: true });
  const jwks = {
    keys: [await privateJwk(rsa.privateKey, 'rsa', 'RS256'), await privateJwk(ec.privateKey, 'ec', 'ES384')],
  };
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const issuer = `http://127.0.0.1:${address.port}`;
  server.on('request', new Provider(issuer, configuration(jwks)).callback());
  return {
    issuer,
    token: (client) => tokenFor(issuer, client),
    sign: (claims) =>
      new SignJWT({ iss: issuer, aud: AUDIENCE, ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'rsa' })
        .sign(rsa.privateKey),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const privateJwk = async (key: CryptoKey, kid: string, alg: string): Promise<JWK> => ({
  ...(await exportJWK(key)),
  kid,
  alg,
  use: 'sig',
});

const clientOf = (id: string): TestClient => CLIENTS[id as ClientName];

function configuration(jwks: { keys: JWK[] }) {
  const scopes = [...new Set(Object.values(CLIENTS).map((it) => it.scope))];
  return {
    jwks,
    scopes,
    clients: Object.entries(CLIENTS).map(([id, { scope }]) => ({
      client_id: id,
      client_secret: SECRET,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
      scope,
    })),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_ctx: unknown, audience: string, client: { clientId: string }) => {
          const { opaque, alg = 'RS256' } = clientOf(client.clientId);
          return {
            audience,
            scope: scopes.join(' '),
            accessTokenFormat: opaque ? ('opaque' as const) : ('jwt' as const),
            accessTokenTTL: 300,
            jwt: { sign: { alg } },
          };
        },
      },
    },
    extraTokenClaims: (_ctx: unknown, token: { clientId?: string | undefined }) =>
      clientOf(token.clientId ?? '').claims,
  };
}

async function tokenFor(issuer: string, id: ClientName): Promise<string> {
  const { scope, audience = AUDIENCE }: TestClient = CLIENTS[id];
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource: audience }),
    headers: { authorization: `Basic ${Buffer.from(`${id}:${SECRET}`).toString('base64')}` },
  });
  const body = (await answer.json()) as { access_token?: string };
  if (body.access_token === undefined) throw new Error(`no token for ${id}: ${JSON.stringify(body)}`);
  return body.access_token;
}
