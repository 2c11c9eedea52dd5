import type { Hapi } from './hapi.ts';
import type { Postgres } from './postgres.ts';

/** Stops what the set-up started, by process id. */
export default async function stopSharedRig(): Promise<void> {
  const { vincleTestRig: rig } = globalThis as { vincleTestRig?: { hapi?: Hapi; postgres?: Postgres } };
  await Promise.all([rig?.hapi?.stop(), rig?.postgres?.stop()]);
}
