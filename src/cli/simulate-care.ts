import type { Config } from '../config.ts';
import type { Content } from '../content/port.ts';
import { NO_CONTACTS } from '../domain/safety-contacts.ts';
import type { Notify } from '../notify/port.ts';
import { put, type Simulating, simulate } from '../simulation/simulate.ts';
import { makeWorld } from '../simulation/world.ts';
import type { Year } from '../simulation/year.ts';
import { openState } from '../state/open.ts';
import { contextOf, serverOf } from './compose.ts';

/** Delivers everything at once to nobody. */
const simulatedChannel: Notify = {
  channel: 'simulated',
  send: () => Promise.resolve({ kind: 'delivered', channel: 'simulated', at: new Date().toISOString() }),
  check: () => Promise.resolve({ ok: true }),
};

/** A synthetic world put on the configured server and lived through, on a state of its own. @throws FhirError */
export async function simulateCare(config: Config, content: Content, simulation: Simulating): Promise<Year> {
  const world = makeWorld(simulation);
  const server = serverOf(config);
  const state = await openState('sqlite::memory:');
  const context = contextOf({ ...config, STUDY: world.study, EPISODE_TYPE: world.episodeType }, content);
  const safety = {
    policy: content.protocol.safety,
    notify: simulatedChannel,
    contacts: NO_CONTACTS,
    crisis: undefined,
    // What others answered before belongs to no simulation.
    fromMs: Date.parse(`${simulation.start}T00:00:00Z`),
    pollSeconds: 60,
    serverLagSeconds: 0,
  };
  try {
    await put(server, world.resources);
    return await simulate({ server, state, context, safety }, world, simulation);
  } finally {
    await state.close();
  }
}
