import { randomUUID } from 'node:crypto';
import pg from 'pg';

/** What jest's global set-up started for the whole `hapi` project. */
export interface SharedRig {
  /** A HAPI server in memory. Others write to it too: keep to your own study, tags and ids. */
  readonly hapi: string;
  /** A PostgreSQL cluster: make your own database in it. */
  readonly postgres: string;
}

export const RIG_VARIABLE = 'VINCLE_TEST_RIG';

/** The servers that all test files of the `hapi` project share. */
export function sharedRig(): SharedRig {
  const text = process.env[RIG_VARIABLE];
  if (text === undefined) throw new Error('the shared servers are started by the jest project hapi');
  return JSON.parse(text);
}

/** A new, empty database in the shared cluster, with what removes it again. */
export async function newDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const cluster = sharedRig().postgres;
  await execute(cluster, `create database ${name}`);
  const url = new URL(cluster);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(cluster, `drop database ${name} with (force)`) };
}

async function execute(cluster: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: cluster });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
