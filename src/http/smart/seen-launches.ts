import type { Request } from 'express';
import type { Launch } from './launch.ts';
import { Launches } from './launches.ts';

const seen = new WeakMap<Request, Launch>();

/** The launch that was proven for this request; `undefined` where none was. */
export const launchSeen = (request: Request): Launch | undefined => seen.get(request);

/** Launches that remember which request they were proven for, so that no access goes without a record. */
export class SeenLaunches extends Launches {
  override async of(request: Request): Promise<Launch> {
    const launch = await super.of(request);
    seen.set(request, launch);
    return launch;
  }
}
