import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Embedded, startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import { connectFhir } from '../../../src/fhir/connect.ts';
import type { ClientAuthentication, Registration } from '../../../src/http/smart/registration.ts';
import type { SmartOptions } from '../../../src/http/smart/smart.ts';
import { admitCohort, startVincle, type Vincle } from '../../http/rig.ts';
import {
  type Authority,
  type AuthorityOptions,
  CLIENT_IDS,
  CLIENT_SECRET,
  type ClientKind,
  startAuthority,
} from '../authority/start-authority.ts';

export const PEOPLE = {
  /** Cares for p1 and p2. */
  therapist: { fhirUser: 'Practitioner/t1', patients: ['p1', 'p2'] },
  'therapist-of-nobody': { fhirUser: 'Practitioner/t9', patients: [] },
  'therapist-by-role': { fhirUser: 'PractitionerRole/r1', patients: ['p1', 'p2'] },
  'patient-1': { fhirUser: 'Patient/p1' },
  'patient-2': { fhirUser: 'Patient/p2' },
  relative: { fhirUser: 'RelatedPerson/q1' },
  stranger: { fhirUser: 'Practitioner/nobody' },
} as const;

/** A FHIR server with a small cohort, its authorization server, and the gate between. */
export interface Hospital {
  readonly embedded: Embedded;
  readonly authority: Authority;
  readonly port: number;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function openHospital(more: Partial<AuthorityOptions> = {}): Promise<Hospital> {
  const embedded = await startEmbedded();
  const server = connectFhir({
    baseUrl: embedded.baseUrl,
    auth: { kind: 'none' },
    timeoutMs: 5_000,
    retry: { attempts: 1 },
  });
  await admitCohort(server);
  await server.transaction([
    {
      method: 'PUT',
      resource: {
        resourceType: 'PractitionerRole',
        id: 'r1',
        practitioner: { reference: 'Practitioner/t1' },
        code: [{ coding: [{ system: 'https://w3id.org/vincle/CodeSystem/role', code: 'psycho-oncologist' }] }],
      },
    },
  ]);
  const port = await freePort();
  const authority = await startAuthority({
    fhir: embedded.baseUrl,
    people: PEOPLE,
    redirectUris: [`http://127.0.0.1:${port}/callback`, 'https://vincle.example/callback'],
    ...more,
  });
  return {
    embedded,
    authority,
    port,
    stop: async () => {
      await authority.stop();
      await embedded.stop();
    },
  };
}

export function authenticationOf({ keys }: Authority, client: ClientKind): ClientAuthentication {
  if (client === 'public') return { kind: 'public' };
  if (client === 'secret') return { kind: 'secret', secret: CLIENT_SECRET };
  return {
    kind: 'private-key',
    key: keys[client].privateKey,
    alg: client,
    kid: client.toLowerCase(),
    publicKey: keys[client].publicJwk,
  };
}

export const registrationAt = (authority: Authority, client: ClientKind = 'public'): Registration => ({
  iss: authority.iss,
  clientId: CLIENT_IDS[client],
  authentication: authenticationOf(authority, client),
  frameAncestors: [],
  extraScopes: [],
});

export interface VincleAt {
  readonly client?: ClientKind;
  readonly registrations?: readonly Registration[];
  readonly times?: SmartOptions['times'];
  readonly publicUrl?: string;
  readonly stateUrl?: string;
  readonly options?: Parameters<typeof startVincle>[1];
  readonly port?: number;
}

export const connectAs: SmartOptions['connect'] = (baseUrl, credentials) =>
  connectFhir({
    baseUrl,
    auth: { kind: 'supplied', credentials },
    timeoutMs: 3_000,
    retry: { attempts: 2, baseMs: 10, maxMs: 20 },
  });

/** Vincle registered at the hospital, on the port that its redirect address names. */
export function vincleAt({ authority, embedded, port }: Hospital, at: VincleAt = {}): Promise<Vincle> {
  const smart: SmartOptions = {
    registrations: at.registrations ?? [registrationAt(authority, at.client)],
    publicUrl: at.publicUrl ?? `http://127.0.0.1:${port}`,
    times: at.times ?? { idleMs: 60_000, longestMs: 600_000 },
    isDemonstration: false,
    connect: connectAs,
  };
  return startVincle(embedded.baseUrl, { smart, ...at.options }, at.stateUrl, at.port ?? port);
}
