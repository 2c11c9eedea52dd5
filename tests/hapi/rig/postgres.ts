import { execFile } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { freePort } from './free-port.ts';

const run = promisify(execFile);

export interface Postgres {
  /** The cluster's own database, for its superuser. */
  readonly url: string;
  readonly pid: number;
  /** A new, empty database; its URL. */
  create(name: string): Promise<string>;
  drop(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** The folder of the newest PostgreSQL's programs, where one is installed. */
export function postgresPrograms(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).map(Number).filter(Boolean) : [];
  const folders = versions.sort((a, b) => b - a).map((version) => join(debian, String(version), 'bin'));
  const others = ['/usr/local/bin', '/opt/homebrew/bin', '/usr/bin', '/usr/local/pgsql/bin'];
  return [...folders, ...others].find((folder) => existsSync(join(folder, 'initdb')));
}

/**
 * A private PostgreSQL cluster in a temporary folder, on a free port of loopback, without fsync: fast, and lost with
 * the machine. As root it runs as the user `postgres`, because PostgreSQL refuses root.
 */
export async function startPostgres(): Promise<Postgres> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('PostgreSQL is not installed: npm run test:prepare says how to get it');
  const owner = await ownerOfCluster();
  const folder = mkdtempSync(join(tmpdir(), 'vincle-postgres-'));
  chmodSync(folder, 0o700);
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(folder, owner.uid, owner.gid);
  const port = await freePort();
  const data = join(folder, 'data');
  // stderr and stdout go nowhere near a pipe: the server would hold it open and pg_ctl would seem never to end.
  await run(
    join(programs, 'initdb'),
    ['-D', data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--no-locale', '-N'],
    {
      ...owner,
      cwd: folder,
    },
  );
  await run(
    join(programs, 'pg_ctl'),
    ['-D', data, '-w', '-l', join(folder, 'log'), '-o', settings(port, folder), 'start'],
    {
      ...owner,
      cwd: folder,
    },
  );
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]),
    create: async (name) => {
      await execute(url, `create database "${checked(name)}"`);
      return `postgres://postgres:postgres@127.0.0.1:${port}/${name}`;
    },
    drop: (name) => execute(url, `drop database if exists "${checked(name)}" with (force)`),
    stop: async () => {
      await run(join(programs, 'pg_ctl'), ['-D', data, '-m', 'immediate', '-w', 'stop'], { ...owner, cwd: folder });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(port: number, folder: string): string {
  const options = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    shared_buffers: '256MB',
    max_connections: 200,
  };
  return Object.entries(options)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');
}

async function ownerOfCluster(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function checked(name: string): string {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) throw new Error(`not a database name: ${name}`);
  return name;
}
