import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Embedded, startEmbedded } from '../../../src/embedded/server/start-embedded.ts';
import type { Registration } from '../../../src/http/smart/registration.ts';
import { startVincle, type Vincle } from '../../http/rig.ts';
import { connectAs, freePort } from './hospital.ts';
import { type ScriptedAuthority, startScripted } from './scripted-authority.ts';

/** What the tests of one file work with. */
export interface Stage {
  readonly scripted: () => ScriptedAuthority;
  /** Vincle registered at the scripted server; each is new, so that what one discovered is nothing to the next. */
  readonly registered: (more?: Partial<Registration>) => Promise<Vincle>;
  /** Vincle with several registrations. */
  readonly registeredAs: (registrations: readonly Registration[]) => Promise<Vincle>;
}

/** A scripted authorization server, an empty FHIR server, and a Vincle for each test; called once at the top of a file. */
export function stage(): Stage {
  let embedded: Embedded | undefined;
  let scripted: ScriptedAuthority | undefined;
  const running: Vincle[] = [];
  beforeAll(async () => {
    embedded = await startEmbedded();
    scripted = await startScripted();
  });
  afterEach(async () => {
    scripted?.reset();
    for (const vincle of running.splice(0)) await vincle.stop();
  });
  afterAll(async () => {
    await scripted?.stop();
    await embedded?.stop();
  });
  const server = (): ScriptedAuthority => {
    if (scripted === undefined) throw new Error('no server outside a test');
    return scripted;
  };
  const registeredAs: Stage['registeredAs'] = async (registrations) => {
    const port = await freePort();
    const smart = {
      registrations,
      publicUrl: `http://127.0.0.1:${port}`,
      times: { idleMs: 60_000, longestMs: 600_000 },
      isDemonstration: false,
      connect: connectAs,
    };
    const vincle = await startVincle(embedded?.baseUrl ?? '', { smart }, undefined, port);
    running.push(vincle);
    return vincle;
  };
  return {
    scripted: server,
    registeredAs,
    registered: (more = {}) => registeredAs([{ ...server().registration(), ...more }]),
  };
}
