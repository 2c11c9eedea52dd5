import type { Request } from 'express';
import type { FhirServer } from '../../fhir/port.ts';
import type { Launch } from './launch.ts';
import { Launches, type LaunchPorts } from './launches.ts';

const seen = new WeakMap<Request, Launch>();

/** The launch that was proven for this request; `undefined` where none was. */
export const launchSeen = (request: Request): Launch | undefined => seen.get(request);

/** Launches that remember which request they were proven for, so that no access goes without a record. */
export class SeenLaunches extends Launches {
  readonly #own: FhirServer | undefined;

  /** `own`: Vincle’s own credential. A personal link has no token of the hospital’s: its launch reads with that one, and its handlers show the forms it names alone. */
  constructor(ports: LaunchPorts, own?: FhirServer) {
    super(ports);
    this.#own = own;
  }

  override async of(request: Request): Promise<Launch> {
    const proven = await super.of(request);
    const launch = proven.record.kind === 'link' && this.#own !== undefined ? { ...proven, server: this.#own } : proven;
    seen.set(request, launch);
    return launch;
  }
}
