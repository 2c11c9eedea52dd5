import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { contentOf } from '../../../src/cli/compose.ts';
import { readConfig } from '../../../src/config.ts';
import { openState } from '../../../src/state/open.ts';
import type { State } from '../../../src/state/port.ts';
import { type Running, startVincle } from '../../faults/vincle.ts';
import { newKeys, writeKeys } from '../../state/state-store.ts';
import { freePort } from './free-port.ts';
import { newDatabase } from './shared.ts';

/** Two in three seconds each: the first of three they share, and of the others each has one. */
const CRONS = ['0-59/3,1-59/3 * * * * *', '0-59/3,2-59/3 * * * * *'];

/** A `vincle serve` of its own, with what it has said so far. */
export interface Replica extends Running {
  /** Runs that it brought to their end, by name of job. */
  finished(): readonly string[];
}

export interface Replicas {
  readonly processes: readonly Replica[];
  /** The state that they share, as the test looks at it. */
  readonly state: State;
  /** As if the time had passed after which the leases of a killed process end. */
  leasesEnd(): Promise<void>;
  stop(): Promise<void>;
}

export interface ReplicaOptions {
  /** What is the same for all: the server, the study, the channel. */
  readonly env: Readonly<Record<string, string>>;
  /** Files of a site, by path below `CONTENT_DIR`. */
  readonly site: Readonly<Record<string, unknown>>;
  /** Instant by the server’s clock: what was changed before is no news. */
  readonly since: string;
}

const JOBS = ['alliance', 'steps', 'steps-wake', 'schedule', 'schedule-wake', 'safety'];

/** Two real `vincle serve` on one PostgreSQL state, every job by their crons, once both answer. */
export async function startReplicas({ env, site, since }: ReplicaOptions): Promise<Replicas> {
  const folder = mkdtempSync(join(tmpdir(), 'vincle-replicas-'));
  const keysFile = join(folder, 'keys.json');
  writeKeys(keysFile, newKeys('first'));
  const content = join(folder, 'content');
  for (const [path, json] of Object.entries(site)) {
    mkdirSync(join(content, path, '..'), { recursive: true });
    writeFileSync(join(content, path), JSON.stringify(json));
  }
  const database = await newDatabase();
  const common = {
    ...env,
    STATE_URL: database.url,
    STATE_KEYS_FILE: keysFile,
    CONTENT_DIR: content,
    SAFETY_SECONDS: '5',
    FHIR_COMMIT_LAG_SECONDS: '5',
    LOG_LEVEL: 'info',
  };
  const state = await openState(database.url, keysFile);
  await beginAt(state, since, common);
  const processes = await Promise.all(CRONS.map((cron) => startReplica(common, cron)));
  return {
    processes,
    state,
    leasesEnd: async () => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('update vincle.lease set expires_at = 0');
      await client.end();
    },
    stop: async () => {
      for (const it of processes) it.end();
      await Promise.all(processes.map((it) => it.ended));
      await state.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The server is shared with other tests: what they left there before is not looked at. */
async function beginAt(state: State, watermark: string, env: Readonly<Record<string, string>>): Promise<void> {
  const { digest, protocolDigest } = await contentOf(readConfig(env));
  const digests: Readonly<Record<string, string>> = {
    alliance: digest,
    safety: `${digest}/${protocolDigest}`,
    schedule: `${digest}|${protocolDigest}|true`,
    'schedule-wake': `${digest}|${protocolDigest}|true`,
  };
  for (const job of JOBS)
    await state.writeCheckpoint(job, { watermark, seen: [], contentDigest: digests[job] ?? protocolDigest });
}

async function startReplica(env: Readonly<Record<string, string>>, cron: string): Promise<Replica> {
  const port = String(await freePort());
  const running = startVincle(['serve'], {
    ...env,
    PORT: port,
    ALLIANCE_CRON: cron,
    STEPS_CRON: cron,
    SCHEDULE_CRON: cron,
    ESCALATE_CRON: cron,
  });
  let log = '';
  running.onStderr((text) => {
    log = text;
  });
  const listens = async (): Promise<void> => {
    const answered = await fetch(`http://127.0.0.1:${port}/.well-known/jwks.json`).catch(() => undefined);
    if (answered === undefined) return new Promise((resolve) => setTimeout(resolve, 50)).then(listens);
    await answered.arrayBuffer();
  };
  const died = running.ended.then(({ stderr }) => {
    throw new Error(`a replica ended before it listened:\n${stderr.slice(-2_000)}`);
  });
  await Promise.race([listens(), died]);
  died.catch(() => {});
  return { ...running, finished: () => [...log.matchAll(/"job":"(\w+)","result"/g)].map((it) => it[1] ?? '') };
}
