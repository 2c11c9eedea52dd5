import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Authority, AuthorityOptions } from './authority.ts';
import { clientsOf, type Keys, makeKeys } from './clients.ts';
import { type FhirGate, startGate, stopServer } from './fhir-gate.ts';
import { ehrPage, signInPage } from './pages.ts';
import type { Bearer, Chosen } from './people.ts';
import { type Granted, grantTo, type Lifetimes, smartProvider } from './provider.ts';

export type { Authority, AuthorityOptions } from './authority.ts';
export { CLIENT_IDS, CLIENT_SECRET, type ClientKind } from './clients.ts';
export type { Chosen, Person } from './people.ts';

/**
 * Starts oidc-provider as a SMART App Launch 2.2 authorization server, and before the FHIR server a gate that holds
 * every interaction, batch entry and resource of an answer to the scopes, the launch patient and the caller’s patients.
 *
 * ```ts
 * const authority = await startAuthority({
 *   fhir: embedded.baseUrl,
 *   people: { therapist: { fhirUser: 'Practitioner/t1', patients: ['p1'] }, ana: { fhirUser: 'Patient/p1' } },
 *   redirectUris: [`${vincle}/callback`],
 * });
 * await page.goto(authority.launchUrl(vincle, { person: 'therapist', patient: 'p1' })); // EHR launch, no page in between
 * await page.goto(`${vincle}/launch?iss=${encodeURIComponent(authority.iss)}`);          // standalone: a page with buttons
 * authority.lifetimes.accessSeconds = 2; authority.expireAccessTokens(); await authority.revokeEverything();
 * authority.tokenFault = 503; authority.gate.fault = 'cut';                              // until set to undefined
 * authority.gate.seen;                                                                   // every FHIR request, for counting
 * ```
 *
 * Clients: `CLIENT_IDS` (public, `CLIENT_SECRET` by Basic, RS384 and ES384 with `authority.keys`). All on 127.0.0.1, port 0.
 */
export async function startAuthority(options: AuthorityOptions): Promise<Authority> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the authority has no port');
  const running = new Running(options, `http://127.0.0.1:${address.port}`, await makeKeys());
  const gate = await running.start();
  server.on('request', (request, response) => {
    running.handle(request, response).catch(() => request.socket.destroy());
  });
  return running.authority(gate, () => Promise.all([gate.stop(), stopServer(server)]));
}

class Running {
  readonly #options: AuthorityOptions;
  readonly #issuer: string;
  readonly #keys: Keys;
  readonly #grants = new Map<string, Granted>();
  readonly #tokens = new Map<string, string>();
  readonly #launches = new Map<string, Chosen>();
  readonly #asked: Authority['asked'] = { authorize: [], token: [], revoke: [] };
  readonly #lifetimes: Lifetimes;
  #fhirBase = '';
  #provider: Provider | undefined;
  #authority: Authority | undefined;

  constructor(options: AuthorityOptions, issuer: string, keys: Keys) {
    this.#options = options;
    this.#issuer = issuer;
    this.#keys = keys;
    this.#lifetimes = { accessSeconds: options.accessSeconds ?? 300 };
  }

  async start(): Promise<FhirGate> {
    const { people, redirectUris, fhir } = this.#options;
    const gate = await startGate({
      target: fhir,
      systemToken: this.systemToken,
      bearerOf: (token) => this.#bearerOf(token),
      smartConfiguration: () => this.#smartConfiguration(),
    });
    this.#fhirBase = gate.baseUrl;
    this.#provider = await smartProvider({
      issuer: this.#issuer,
      fhirBase: () => this.#fhirBase,
      people,
      clients: clientsOf(redirectUris),
      grants: this.#grants,
      lifetimes: this.#lifetimes,
      onAccessToken: (token, grant) => void this.#tokens.set(token, grant),
      onTokenRequest: (path, asked) => {
        if (path === '/token') this.#asked.token.push(asked);
        if (path === '/token/revocation') this.#asked.revoke.push(asked);
      },
    });
    return gate;
  }

  readonly systemToken = randomUUID();

  get #running(): Provider {
    if (this.#provider === undefined) throw new Error('the authority has not started');
    return this.#provider;
  }

  #smartConfiguration(): object {
    return {
      issuer: this.#issuer,
      jwks_uri: `${this.#issuer}/jwks`,
      authorization_endpoint: `${this.#issuer}/auth`,
      token_endpoint: `${this.#issuer}/token`,
      revocation_endpoint: `${this.#issuer}/token/revocation`,
      introspection_endpoint: `${this.#issuer}/token/introspection`,
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
      capabilities: ['launch-ehr', 'launch-standalone', 'client-public', 'permission-v2', 'sso-openid-connect'],
      ...this.#options.smartConfiguration,
    };
  }

  async #bearerOf(token: string): Promise<Bearer | undefined> {
    const grant = this.#tokens.get(token);
    const granted = grant === undefined ? undefined : this.#grants.get(grant);
    if (granted === undefined || (await this.#running.AccessToken.find(token))?.isValid !== true) return undefined;
    const { person, patient } = granted.chosen;
    const { fhirUser = '', patients } = this.#options.people[person] ?? {};
    return {
      person,
      fhirUser,
      scopes: granted.scopes,
      ...(patient === undefined ? {} : { patient }),
      ...(patients === undefined ? {} : { patients }),
    };
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.#issuer);
    // Each launch signs in anew, as behind an EHR: a session of the authority would mix those of a test.
    request.headers.cookie = (request.headers.cookie ?? '').replace(/(^|; )_session[^;]*/g, '');
    if (url.pathname === '/auth') this.#asked.authorize.push(url.searchParams);
    if (url.pathname === '/ehr')
      return void response.setHeader('content-type', 'text/html').end(ehrPage(url.searchParams.get('app') ?? ''));
    if (url.pathname.startsWith('/interaction/')) return this.#interact(request, response);
    if (url.pathname === '/token' || url.pathname === '/token/revocation') {
      const fault = this.#authority?.tokenFault;
      if (fault === 'cut') return void request.socket.destroy();
      if (fault === 'silent') return undefined;
      if (fault !== undefined) return void response.writeHead(fault).end();
    }
    return this.#running.callback()(request, response);
  }

  async #interact(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const provider = this.#running;
    const { params } = await provider.interactionDetails(request, response);
    const [asked, client] = [String(params.scope ?? '').split(' '), String(params.client_id)];
    const launched = typeof params.launch === 'string';
    const chosen = launched ? this.#launches.get(String(params.launch)) : this.#authority?.standalone;
    if (chosen !== undefined) return this.#letIn(request, response, client, chosen);
    if (launched) return this.#refuse(request, response);
    if (request.method !== 'POST') {
      const html = signInPage(this.#options.people, asked.includes('launch/patient'));
      return void response.setHeader('content-type', 'text/html; charset=utf-8').end(html);
    }
    const [person = '', patient = ''] = (new URLSearchParams(await textOf(request)).get('choice') ?? '').split('|');
    if (person === '') return this.#refuse(request, response);
    const choice: Chosen = { person, ...(patient === '' ? {} : { patient }) };
    return this.#letIn(request, response, client, choice);
  }

  #refuse(request: IncomingMessage, response: ServerResponse): Promise<void> {
    return this.#running.interactionFinished(request, response, { error: 'access_denied' });
  }

  async #letIn(request: IncomingMessage, response: ServerResponse, client: string, chosen: Chosen): Promise<void> {
    const last = this.#asked.authorize.at(-1);
    const details = await this.#running.interactionDetails(request, response);
    // oidc-provider drops offline_access without `prompt=consent`: what was really asked stands in the request.
    const offline = last?.get('scope')?.split(' ').includes('offline_access') ?? false;
    const asked = [...String(details.params.scope ?? '').split(' '), ...(offline ? ['offline_access'] : [])];
    const parts = { fhirBase: () => this.#fhirBase, grants: this.#grants };
    const grantId = await grantTo(this.#running, parts, client, [...new Set(asked)], chosen);
    await this.#running.interactionFinished(request, response, {
      login: { accountId: chosen.person },
      consent: { grantId },
    });
  }

  authority(gate: FhirGate, stop: () => Promise<unknown>): Authority {
    const launch = (chosen: Chosen): string => {
      const value = randomUUID();
      this.#launches.set(value, chosen);
      return value;
    };
    const launchUrl = (app: string, chosen: Chosen): string =>
      `${app}/launch?${new URLSearchParams({ iss: this.#fhirBase, launch: launch(chosen) })}`;
    this.#authority = {
      issuer: this.#issuer,
      iss: this.#fhirBase,
      systemToken: this.systemToken,
      keys: this.#keys,
      gate,
      lifetimes: this.#lifetimes,
      asked: this.#asked,
      tokenFault: undefined,
      standalone: undefined,
      launch,
      launchUrl,
      framedUrl: (app, chosen) => `${this.#issuer}/ehr?${new URLSearchParams({ app: launchUrl(app, chosen) })}`,
      expireAccessTokens: () => this.#tokens.clear(),
      revokeEverything: async () => {
        this.#tokens.clear();
        for (const id of this.#grants.keys()) {
          await this.#running.RefreshToken.revokeByGrantId(id);
          await (await this.#running.Grant.find(id))?.destroy();
        }
      },
      stop: async () => void (await stop()),
    };
    return this.#authority;
  }
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString('utf8');
}

/** The public key set of a pair, as a site would publish it. */
export const jwksOf = (keys: Keys): { readonly keys: readonly JWK[] } => ({
  keys: [keys.RS384.publicJwk, keys.ES384.publicJwk],
});
