import { StateError } from './state-error.ts';

/** What the two databases call the same thing. */
export interface Dialect {
  readonly schema: string;
  /** A column that numbers the rows in the order they came, as the primary key. */
  readonly serial: string;
  readonly bytes: string;
  readonly whole: string;
  /** Text compared by code point, whatever the database's locale. */
  readonly text: string;
  /** Before `table`: what a crash of the database may forget. */
  readonly passing: string;
  /** After a table's columns. */
  readonly tableEnd: string;
}

type Migration = (dialect: Dialect) => readonly string[];

/** Forward only: a migration that was released is never changed, another one is added after it. */
export const MIGRATIONS: readonly Migration[] = [
  ({ schema, serial, bytes, whole, text, tableEnd }) => [
    `create table ${schema}checkpoint (job ${text} primary key, watermark ${text} not null, seen ${text} not null,
       content_digest ${text} not null)${tableEnd}`,
    `create table ${schema}lease (key ${text} primary key, holder ${text} not null, fence ${whole} not null,
       expires_at ${whole} not null)${tableEnd}`,
    `create index lease_fence on ${schema}lease (fence)`,
    `create table ${schema}last_fence (fence ${whole} not null)${tableEnd}`,
    `insert into ${schema}last_fence values (0)`,
    `create table ${schema}due (subject ${text} primary key, reason ${text} not null, since ${text} not null)${tableEnd}`,
    `create table ${schema}outbox (seq ${serial}, id ${text} not null unique, stream ${text} not null,
       label ${text} not null, key_id ${text} not null, box ${bytes} not null, enqueued_at ${text} not null,
       attempts ${whole} not null default 0, next_attempt_at ${text} not null, last_error ${text},
       state ${text} not null default 'waiting' check (state in ('waiting', 'dead')))${tableEnd}`,
    `create index outbox_stream on ${schema}outbox (stream, seq) where state = 'waiting'`,
    `create table ${schema}job_run (seq ${serial}, job ${text} not null, started_at ${text} not null,
       ended_at ${text} not null, ok ${whole} not null, result ${text} not null)${tableEnd}`,
    `create index job_run_job on ${schema}job_run (job, seq)`,
  ],
  ({ schema, bytes, text, tableEnd }) => [
    `create table ${schema}kept (id ${text} primary key, key_id ${text} not null, box ${bytes} not null,
       expires_at ${text} not null)${tableEnd}`,
    `create index kept_expires on ${schema}kept (expires_at)`,
  ],
  ({ schema, passing, whole, text, tableEnd }) => [
    `create ${passing}table ${schema}counted (place ${text} primary key, hits ${whole} not null,
       ends_at ${whole} not null)${tableEnd}`,
  ],
];

/** The migrations that a state of this version lacks, each with the version it leads to. */
export function migrationsAfter(
  version: number,
  dialect: Dialect,
): { version: number; statements: readonly string[] }[] {
  if (version > MIGRATIONS.length) {
    throw new StateError(
      'newer-schema',
      `The state has version ${version}, this Vincle knows up to ${MIGRATIONS.length}: a later Vincle has used it. Run that one, or give this one a STATE_URL of its own.`,
    );
  }
  return MIGRATIONS.slice(version).map((migration, at) => ({
    version: version + at + 1,
    statements: migration(dialect),
  }));
}
