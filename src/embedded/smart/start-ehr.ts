import { once } from 'node:events';
import { createServer } from 'node:http';
import { parseCookie } from 'cookie';
import express from 'express';
import { makeAuthority } from './authority.ts';
import { gate } from './gate.ts';
import type { LaunchContext } from './launch-context.ts';
import { choicePage, type Door, launchPage, STYLE } from './launch-page.ts';

/** What the EHR of the demonstration needs to know. */
export interface EhrOptions {
  /** The embedded FHIR server. */
  readonly upstream: string;
  /** Where Vincle is reached, without a slash at its end. */
  readonly app: string;
  readonly scopes: readonly string[];
  /** Who may sit down here, read anew each time the page is opened. */
  readonly doors: () => Promise<readonly Door[]>;
  readonly port?: number;
}

export interface Ehr {
  /** The page with the doors. */
  readonly url: string;
  /** The FHIR base that apps are launched with. */
  readonly iss: string;
  stop(): Promise<void>;
}

export const DEMONSTRATION_CLIENT = 'vincle-demonstration';
const COOKIE = 'who-sits-here';

/**
 * A stand-in for the hospital’s EHR, on loopback and for demonstration alone: a page of people to be, a SMART
 * authorization server without passwords, and the embedded FHIR server behind a gate that asks for tokens.
 */
export async function startEhr(options: EhrOptions): Promise<Ehr> {
  const app = express();
  app.disable('x-powered-by');
  const server = createServer(app);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  const iss = `${url}/fhir`;
  const known = new Map<string, LaunchContext>();
  const authority = await makeAuthority({
    issuer: url,
    scopes: options.scopes,
    clients: [
      {
        client_id: DEMONSTRATION_CLIENT,
        client_name: 'Vincle, demonstration',
        token_endpoint_auth_method: 'none',
        application_type: 'native',
        redirect_uris: [`${options.app}/callback`],
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    choose: (request) => known.get(parseCookie(request.get('cookie') ?? '')[COOKIE] ?? ''),
    choicePage,
  });
  app.use((request, response, next) => {
    response.set({
      'Cache-Control': 'no-store',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      // A launch goes from here to the app, and a form of the authorization server back to it.
      'Content-Security-Policy': `default-src 'none'; style-src 'self'; form-action 'self' ${options.app}; frame-ancestors 'none'; base-uri 'none'`,
    });
    // A page of another site whose name was pointed at this machine still says its own name: it gets nothing.
    if (request.get('host') === `127.0.0.1:${address.port}`) next();
    else response.status(421).end();
  });
  app.get('/fhir/.well-known/smart-configuration', (_request, response) => void response.json(configurationOf(url)));
  app.use('/fhir', ...gate({ upstream: options.upstream, baseUrl: iss, tokenOf: authority.tokenOf }));
  app.get('/style.css', (_request, response) => void response.type('css').send(STYLE));
  app.get('/', async (_request, response) => void response.type('html').send(launchPage(await options.doors())));
  app.get('/open/:door', async (request, response) => {
    const doors = await options.doors();
    const door = doors.find((it) => it.id === request.params.door);
    if (door === undefined) return void response.status(404).type('text/plain').send('Nobody of that name.');
    const path = door.context.user.startsWith('Patient/') ? '/launch/patient' : '/launch';
    const to = new URL(`${options.app}${path}`);
    to.searchParams.set('iss', iss);
    if (door.fromChart) to.searchParams.set('launch', authority.launch(door.context));
    known.set(door.id, door.context);
    response.cookie(COOKIE, door.id, { httpOnly: true, sameSite: 'lax', path: '/interaction' });
    response.redirect(303, to.href);
  });
  app.use((request, _response, next) => {
    // Each door signs in anew: whoever sat here before is nobody to the next.
    request.headers.cookie = (request.headers.cookie ?? '').replace(/(^|; )_session[^;]*/g, '');
    next();
  });
  app.use(authority.app);
  return {
    url: `${url}/`,
    iss,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** SMART App Launch 2.2, 7.1. */
const configurationOf = (issuer: string): object => ({
  issuer,
  jwks_uri: `${issuer}/jwks`,
  authorization_endpoint: `${issuer}/auth`,
  token_endpoint: `${issuer}/token`,
  revocation_endpoint: `${issuer}/token/revocation`,
  grant_types_supported: ['authorization_code'],
  response_types_supported: ['code'],
  code_challenge_methods_supported: ['S256'],
  capabilities: [
    'launch-ehr',
    'launch-standalone',
    'client-public',
    'context-ehr-patient',
    'context-standalone-patient',
    'sso-openid-connect',
    'permission-patient',
    'permission-user',
    'permission-offline',
    'permission-v2',
  ],
});
