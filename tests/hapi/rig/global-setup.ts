import { type Hapi, startHapi } from './hapi.ts';
import { type Postgres, startPostgres } from './postgres.ts';
import { RIG_VARIABLE, type SharedRig } from './shared.ts';

const started: { hapi?: Hapi; postgres?: Postgres } = {};

/** Starts what all tests of the `hapi` project share: one HAPI in memory and one PostgreSQL cluster. */
export default async function startSharedRig(): Promise<void> {
  const [hapi, postgres] = await Promise.allSettled([startHapi({ database: 'h2' }), startPostgres()]);
  if (hapi.status === 'fulfilled') started.hapi = hapi.value;
  if (postgres.status === 'fulfilled') started.postgres = postgres.value;
  Object.assign(globalThis, { vincleTestRig: started });
  if (hapi.status === 'rejected' || postgres.status === 'rejected') {
    await started.hapi?.stop();
    await started.postgres?.stop();
    throw hapi.status === 'rejected' ? hapi.reason : postgres.status === 'rejected' ? postgres.reason : undefined;
  }
  const rig: SharedRig = { hapi: hapi.value.baseUrl, postgres: postgres.value.url };
  process.env[RIG_VARIABLE] = JSON.stringify(rig);
}
