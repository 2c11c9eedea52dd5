import type { Credentials, FhirServer } from '../../fhir/port.ts';
import type { State } from '../../state/port.ts';
import { refusal } from '../refusal.ts';
import { askedAsPerson } from './asked-as-person.ts';
import { Authorization } from './authorization.ts';
import type { LaunchParts } from './begin-launch.ts';
import type { LaunchTimes } from './launches.ts';
import { PendingLaunches } from './pending.ts';
import { type Registration, registrationOf } from './registration.ts';
import { SeenLaunches } from './seen-launches.ts';

/** Who may launch Vincle, and how long a launch lasts. */
export interface SmartOptions {
  readonly registrations: readonly Registration[];
  /** Where the browser reaches Vincle, without a slash at its end. */
  readonly publicUrl: string;
  readonly times: LaunchTimes;
  readonly isDemonstration: boolean;
  /** A FHIR server that is asked with a person’s own token. */
  readonly connect: (baseUrl: string, credentials: Credentials) => FhirServer;
}

/** SMART App Launch as this process does it. */
export interface Smart extends LaunchParts {
  readonly launches: SeenLaunches;
  readonly isDemonstration: boolean;
  /** Origins whose pages may hold Vincle in a frame. */
  readonly frameAncestors: readonly string[];
}

export interface SmartPorts {
  readonly state: State;
  readonly now: () => number;
  /** The hospital’s server as Vincle itself reads it, for personal links. */
  readonly server?: FhirServer;
}

/** The launches of the registered servers. */
export function openSmart(options: SmartOptions, { state, now, server }: SmartPorts): Smart {
  const { registrations, publicUrl, times, isDemonstration, connect } = options;
  const isSecure = publicUrl.startsWith('https:');
  const clients = new Map(registrations.map((it) => [it, new Authorization(it, `${publicUrl}/callback`)]));
  const authorizationOf = (iss: string): Authorization | undefined => {
    const registration = registrationOf(registrations, iss);
    return registration === undefined ? undefined : clients.get(registration);
  };
  return {
    authorizationOf,
    onlyIss: registrations.length === 1 ? registrations[0]?.iss : undefined,
    pending: new PendingLaunches(state, now, isSecure),
    launches: new SeenLaunches(
      {
        state,
        now,
        isSecure,
        times,
        connect: (iss, credentials) => askedAsPerson(connect(iss, credentials)),
        renew: (iss, refreshToken, scope) => {
          const client = authorizationOf(iss);
          if (client === undefined) throw refusal(401, 'login', 'unknown-iss', 'Vincle is not registered there.');
          return client.refresh(refreshToken, scope);
        },
      },
      server,
    ),
    isDemonstration,
    frameAncestors: [...new Set(registrations.flatMap((it) => it.frameAncestors))],
  };
}
