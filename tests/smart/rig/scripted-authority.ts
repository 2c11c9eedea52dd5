import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';
import type { ClientAuthentication, Registration } from '../../../src/http/smart/registration.ts';
import { stopServer } from '../authority/fhir-gate.ts';

export const CLIENT = 'vincle-scripted';
const KID = 'scripted';

/** One request as it came. */
export interface Came {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: URLSearchParams;
}

/** An authorization server that says whatever a test wants, well or wrong, and keeps what it was asked. */
export interface ScriptedAuthority {
  readonly origin: string;
  /** FHIR base, where the SMART configuration is. */
  readonly iss: string;
  readonly came: Came[];
  /** Laid over the right SMART configuration; `undefined` takes a field away. */
  configuration: Readonly<Record<string, unknown>>;
  /** Laid over the right token answer. */
  token: Readonly<Record<string, unknown>>;
  /** What stands in the id_token: made new for each answer. */
  claims: (right: JWTPayload) => JWTPayload;
  /** Who signs it; the published key where absent. */
  signer: { readonly key: CryptoKey; readonly alg: string; readonly kid?: string } | undefined;
  /** Of the authorization request that is under way: goes into the id_token. */
  nonce: string;
  /** Another status than 200 for the token endpoint, or a broken connection. */
  tokenStatus: number | 'cut';
  /** Everything as it was at the start. */
  reset(): void;
  registration(authentication?: ClientAuthentication): Registration;
  stop(): Promise<void>;
}

export async function startScripted(): Promise<ScriptedAuthority> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = publicOf(await exportJWK(privateKey));
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const origin = `http://127.0.0.1:${address.port}`;
  const scripted: ScriptedAuthority = {
    origin,
    iss: `${origin}/fhir`,
    came: [],
    configuration: {},
    token: {},
    claims: (right) => right,
    signer: undefined,
    nonce: '',
    tokenStatus: 200,
    reset: () => {
      scripted.came.length = 0;
      Object.assign(scripted, { configuration: {}, token: {}, signer: undefined, nonce: '', tokenStatus: 200 });
      scripted.claims = (right) => right;
    },
    registration: (authentication = { kind: 'public' }) => ({
      iss: scripted.iss,
      clientId: CLIENT,
      authentication,
      frameAncestors: [],
      extraScopes: [],
    }),
    stop: () => stopServer(server),
  };
  server.on('request', async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const { method = 'GET', url = '/', headers } = request;
    const body = new URLSearchParams(Buffer.concat(parts).toString('utf8'));
    scripted.came.push({ method, path: url, headers, body });
    const send = (status: number, json: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
    if (url === '/token' && scripted.tokenStatus === 'cut') return request.socket.destroy();
    switch (url) {
      case '/fhir/.well-known/smart-configuration':
        return send(200, { ...configurationOf(origin), ...scripted.configuration });
      case '/.well-known/openid-configuration':
        return send(200, { issuer: origin, jwks_uri: `${origin}/jwks` });
      case '/jwks':
        return send(200, { keys: [jwk] });
      case '/token':
        return send(Number(scripted.tokenStatus), await tokenAnswer(scripted, privateKey));
      default:
        return send(404, {});
    }
  });
  return scripted;
}

const publicOf = ({ kty, n, e }: JWK): JWK => ({ kty, n, e, kid: KID, alg: 'RS256', use: 'sig' }) as JWK;

const configurationOf = (origin: string) => ({
  issuer: origin,
  jwks_uri: `${origin}/jwks`,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  revocation_endpoint: `${origin}/revoke`,
  code_challenge_methods_supported: ['S256'],
});

async function tokenAnswer(scripted: ScriptedAuthority, key: CryptoKey): Promise<object> {
  if (scripted.tokenStatus !== 200) return { error: 'invalid_grant' };
  const now = Math.floor(Date.now() / 1000);
  const right = {
    iss: scripted.origin,
    aud: CLIENT,
    sub: 'somebody',
    iat: now,
    exp: now + 300,
    nonce: scripted.nonce,
    fhirUser: `${scripted.iss}/Practitioner/t1`,
  };
  const signer = scripted.signer ?? { key, alg: 'RS256', kid: KID };
  const { alg, kid } = signer;
  const idToken = await new SignJWT(scripted.claims(right))
    .setProtectedHeader({ alg, ...(kid === undefined ? {} : { kid }) })
    .sign(signer.key);
  return {
    access_token: 'an-access-token-of-the-script',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'openid fhirUser patient/Patient.rs',
    patient: 'p1',
    id_token: idToken,
    ...scripted.token,
  };
}
