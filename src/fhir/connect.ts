import { setTimeout as sleep } from 'node:timers/promises';
import { BackendServices } from './backend-services.ts';
import { BulkExport, type BulkLimits } from './bulk-export.ts';
import { fixedCredentials } from './credentials.ts';
import { Exchanges } from './exchange.ts';
import { FhirKitServer } from './fhir-kit-server.ts';
import type { Clock, FhirOptions } from './options.ts';
import type { BulkExporter, Credentials, FhirServer } from './port.ts';

export type { FhirAuth, FhirOptions } from './options.ts';

const CLOCK: Clock = { now: Date.now, sleep: (ms) => sleep(ms), random: Math.random };

/** The hospital’s FHIR server, ready to be asked; nothing is sent before the first call. */
export function connectFhir(options: FhirOptions): FhirServer {
  const clock = options.clock ?? CLOCK;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  return new FhirKitServer(
    baseUrl,
    new Exchanges({ ...options, baseUrl }, credentialsOf(options, baseUrl, clock), clock),
    options.clientIds ?? 'auto',
  );
}

/** The server’s `$export`; nothing is sent before the first call. */
export function connectBulkExport(options: FhirOptions, limits: Partial<BulkLimits> = {}): BulkExporter {
  const clock = options.clock ?? CLOCK;
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  return new BulkExport({ ...options, baseUrl }, credentialsOf(options, baseUrl, clock), clock, limits);
}

function credentialsOf({ auth }: FhirOptions, baseUrl: string, clock: Clock): Credentials {
  switch (auth.kind) {
    case 'backend-services':
      return new BackendServices(auth, baseUrl, clock);
    case 'supplied':
      return auth.credentials;
    default:
      return fixedCredentials(auth);
  }
}
