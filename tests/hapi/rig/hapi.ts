import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { end, startUntilReady } from './child.ts';
import { freePort } from './free-port.ts';
import { buildMavenProject } from './maven.ts';

const PROJECT = join(import.meta.dirname, '..', '..', 'java', 'hapi');

export interface HapiOptions {
  /** In memory, or a PostgreSQL database by its `postgres://user:password@host:port/name` URL (see postgres.ts). */
  readonly database: 'h2' | { readonly postgres: string };
  /** A free one where none is given. */
  readonly port?: number;
  /** Requests need this bearer token. */
  readonly bearer?: string;
  /** Requests need a JWT (RS384, ES384) signed by one of the public keys in this file, with SMART system scopes. */
  readonly jwks?: string;
  readonly refIntegrity?: boolean;
  /** `$apply`, `$populate`, `$extract`; off by default, the server starts faster without. */
  readonly clinicalReasoning?: boolean;
  /** The highest `_count`, 1000 by default: HAPI cuts a higher one in silence. */
  readonly maxPage?: number;
  /** FHIR packages to install at the start. */
  readonly igs?: readonly string[];
  /** `start` (default) compiles quickly and starts sooner; `throughput` is what a bench measures. */
  readonly tuning?: 'start' | 'throughput';
  readonly heap?: string;
}

export interface Hapi {
  readonly baseUrl: string;
  readonly pid: number;
  readonly log: string;
  /** An orderly end. */
  stop(): Promise<void>;
  /** The power cut: SIGKILL. */
  kill(): Promise<void>;
}

/** Starts a real HAPI FHIR R4 server on loopback and waits until `/metadata` answers. Builds it where needed. */
export async function startHapi(options: HapiOptions): Promise<Hapi> {
  const classPath = await buildMavenProject(PROJECT);
  const port = options.port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), 'vincle-hapi-'));
  const log = join(folder, 'hapi.log');
  const child = await startUntilReady({
    command: 'java',
    args: [...javaOptions(options), '-cp', classPath, 'vincle.hapi.HapiServer'],
    env: environment(options, port, folder),
    log,
    isReady: (line) => line.startsWith('READY '),
    timeoutMs: 300_000,
  });
  const baseUrl = `http://127.0.0.1:${port}/fhir`;
  const stop = async (signal: NodeJS.Signals) => {
    await end(child, signal);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const metadata = await fetch(`${baseUrl}/metadata`, { signal: AbortSignal.timeout(120_000) });
    await metadata.arrayBuffer();
    if (!metadata.ok) throw new Error(`/metadata answered ${metadata.status}`);
  } catch (cause) {
    await stop('SIGKILL');
    throw new Error('HAPI started and does not answer', { cause });
  }
  return { baseUrl, pid: child.pid ?? 0, log, stop: () => stop('SIGTERM'), kill: () => stop('SIGKILL') };
}

function javaOptions(options: HapiOptions): string[] {
  const tuning =
    options.tuning === 'throughput' ? ['-XX:+UseParallelGC'] : ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
  return [`-Xmx${options.heap ?? '1500m'}`, ...tuning, '-Xshare:auto', '-Djava.awt.headless=true'];
}

function environment(options: HapiOptions, port: number, folder: string): NodeJS.ProcessEnv {
  const packages = join(folder, 'packages');
  mkdirSync(packages);
  for (const archive of options.igs ?? []) copyFileSync(archive, join(packages, basename(archive)));
  return {
    PORT: String(port),
    STOP_WITH_STDIN: '1',
    REF_INTEGRITY: options.refIntegrity ? '1' : '0',
    CLINICAL_REASONING: options.clinicalReasoning ? '1' : '0',
    MAX_PAGE: String(options.maxPage ?? 1000),
    BEARER: options.bearer ?? '',
    JWKS: options.jwks ?? '',
    IG_DIR: packages,
    ...database(options.database),
  };
}

function database(choice: HapiOptions['database']): NodeJS.ProcessEnv {
  if (choice === 'h2') return { DB_URL: 'jdbc:h2:mem:hapi;DB_CLOSE_DELAY=-1', DB_USER: 'sa', DB_PASSWORD: '' };
  const url = new URL(choice.postgres);
  return {
    DB_URL: `jdbc:postgresql://${url.host}${url.pathname}`,
    DB_USER: decodeURIComponent(url.username),
    DB_PASSWORD: decodeURIComponent(url.password),
  };
}
