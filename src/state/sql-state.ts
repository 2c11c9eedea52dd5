import { count, forgetCounts } from './counting.ts';
import { Keeping } from './keeping.ts';
import { Outbox } from './outbox.ts';
import type { Checkpoint, DuePatient, JobRun, OutboxEntry, State } from './port.ts';
import { instantOf, type Row, textOf, wholeOf } from './row.ts';
import type { Seal } from './seal.ts';
import type { Sql } from './sql.ts';

/** Runs kept of each job: five weeks of one every five minutes. */
const RUNS_KEPT = 10_000;

/** The port `State` over either database. What is sealed, and how, is the outbox's. */
export function sqlState(sql: Sql, seal: Seal): State {
  const outbox = new Outbox(sql, seal);
  const keeping = new Keeping(sql, seal);
  return {
    readCheckpoint: (job) => readCheckpoint(sql, job),
    writeCheckpoint: (job, checkpoint) => writeCheckpoint(sql, job, checkpoint),
    acquire: (keys, holder, ttlMs, now) => sql.acquire([...new Set(keys)], holder, ttlMs, now),
    holderOf: (key, now) => sql.holderOf(key, now),
    addDue: (patients) => addDue(sql, patients),
    listDue: () => listDue(sql),
    removeDue: (subjects, upTo) => removeDue(sql, subjects, upTo),
    enqueue: (entry: Omit<OutboxEntry, 'attempts' | 'state'>) => outbox.enqueue(entry),
    dueEntries: (now, limit) => outbox.due(now, limit),
    listEntries: () => outbox.list(),
    delivered: (id) => outbox.delivered(id),
    failed: (id, error, nextAttemptAt) => outbox.failed(id, error, nextAttemptAt),
    replay: (id, now) => outbox.replay(id, now),
    drop: (id) => outbox.drop(id),
    keep: (id, value, expiresAt) => keeping.keep(id, value, expiresAt),
    extend: (id, now, expiresAt) => keeping.extend(id, now, expiresAt),
    change: (id, now, value) => keeping.change(id, now, value),
    kept: (id, now) => keeping.kept(id, now),
    take: (id, now) => keeping.take(id, now),
    forget: (id) => keeping.forget(id),
    forgetExpired: async (now) => {
      await forgetCounts(sql, Date.parse(now));
      return keeping.forgetExpired(now);
    },
    count: (kind, key, windowMs, now) => count(sql, kind, key, windowMs, now),
    recordRun: (run) => recordRun(sql, run),
    lastRuns: (job, limit) => lastRuns(sql, job, limit),
    close: () => sql.close(),
  };
}

async function readCheckpoint(sql: Sql, job: string): Promise<Checkpoint | undefined> {
  const [row] = await sql.run(`select * from ${sql.schema}checkpoint where job = $1`, [job]);
  if (row === undefined) return undefined;
  return {
    watermark: textOf(row, 'watermark'),
    seen: JSON.parse(textOf(row, 'seen')),
    contentDigest: textOf(row, 'content_digest'),
  };
}

async function writeCheckpoint(sql: Sql, job: string, checkpoint: Checkpoint): Promise<void> {
  await sql.run(
    `insert into ${sql.schema}checkpoint (job, watermark, seen, content_digest) values ($1, $2, $3, $4)
     on conflict (job) do update set
       watermark = excluded.watermark, seen = excluded.seen, content_digest = excluded.content_digest`,
    [job, checkpoint.watermark, JSON.stringify(checkpoint.seen), checkpoint.contentDigest],
  );
}

async function addDue(sql: Sql, patients: readonly DuePatient[]): Promise<void> {
  for (const { subject, reason, since } of patients) {
    await sql.run(
      `insert into ${sql.schema}due as known (subject, reason, since) values ($1, $2, $3)
       on conflict (subject) do update set reason = excluded.reason, since = excluded.since
       where excluded.since > known.since`,
      [subject, reason, instantOf(since)],
      'durable',
    );
  }
}

async function listDue(sql: Sql): Promise<readonly DuePatient[]> {
  const rows = await sql.run(`select * from ${sql.schema}due order by since, subject`, []);
  return rows.map((row) => ({
    subject: textOf(row, 'subject'),
    reason: textOf(row, 'reason'),
    since: textOf(row, 'since'),
  }));
}

async function removeDue(sql: Sql, subjects: readonly string[], upTo?: string): Promise<void> {
  if (subjects.length === 0) return;
  const before = upTo === undefined ? [] : [instantOf(upTo)];
  await sql.run(
    `delete from ${sql.schema}due where subject in (${sql.elements('$1')})${before.length > 0 ? ' and since <= $2' : ''}`,
    [JSON.stringify(subjects), ...before],
  );
}

async function recordRun(sql: Sql, run: JobRun): Promise<void> {
  const table = `${sql.schema}job_run`;
  await sql.run(
    `insert into ${table} (job, started_at, ended_at, ok, result) values ($1, $2, $3, $4, $5)`,
    [run.job, instantOf(run.startedAt), instantOf(run.endedAt), run.ok ? 1 : 0, JSON.stringify(run.result ?? null)],
    'durable',
  );
  await sql.run(
    `delete from ${table} where job = $1 and seq <=
       (select seq from ${table} where job = $1 order by seq desc limit 1 offset $2)`,
    [run.job, RUNS_KEPT],
  );
}

async function lastRuns(sql: Sql, job: string, limit: number): Promise<readonly JobRun[]> {
  const rows = await sql.run(`select * from ${sql.schema}job_run where job = $1 order by seq desc limit $2`, [
    job,
    limit,
  ]);
  return rows.map(runOf);
}

const runOf = (row: Row): JobRun => ({
  job: textOf(row, 'job'),
  startedAt: textOf(row, 'started_at'),
  endedAt: textOf(row, 'ended_at'),
  ok: wholeOf(row, 'ok') === 1,
  result: JSON.parse(textOf(row, 'result')),
});
