import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { FhirResource } from 'fhir/r4.js';

/** One version of one resource; without `resource` it is the version that deleted it. */
export interface Version {
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  /** An instant in UTC with milliseconds. */
  readonly lastUpdated: string;
  readonly resource?: FhirResource;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS version (
    seq INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    version_id INTEGER NOT NULL,
    last_updated TEXT NOT NULL,
    body TEXT,
    UNIQUE (type, id, version_id)
  ) STRICT`;

const LATEST = `
  SELECT v.type, v.id, v.version_id, v.last_updated, v.body
  FROM version v JOIN (SELECT min(seq) AS first, max(seq) AS last FROM version GROUP BY type, id) edge ON v.seq = edge.last
  ORDER BY edge.first`;

/** Every version of every resource, in the order written, in an SQLite file (or in memory). */
export class VersionLog {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #history: StatementSync;

  /** @param file a path; without it nothing outlives the process */
  constructor(file?: string) {
    this.#database = new DatabaseSync(file ?? ':memory:');
    // FULL: an acknowledged write is on the disk, whatever ends the process or the machine.
    // EXCLUSIVE: what is current lives in memory, so a second process on the file would go wrong. It is refused.
    this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    this.#database.exec(SCHEMA);
    this.#insert = this.#database.prepare(
      'INSERT INTO version (type, id, version_id, last_updated, body) VALUES (?, ?, ?, ?, ?)',
    );
    this.#history = this.#database.prepare(
      `SELECT type, id, version_id, last_updated, body FROM version
       WHERE type = ? AND id = ? ORDER BY version_id DESC`,
    );
  }

  /** Runs `write` in one SQL transaction: all its versions are kept, or none. */
  transact<T>(write: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = write();
      this.#database.exec('COMMIT');
      return result;
    } catch (cause) {
      this.#database.exec('ROLLBACK');
      throw cause;
    }
  }

  append(version: Version): void {
    const body = version.resource === undefined ? null : JSON.stringify(version.resource);
    this.#insert.run(version.type, version.id, version.versionId, version.lastUpdated, body);
  }

  /** The newest version of each resource, deleted ones too, in the order in which they were first created. */
  *latest(): Iterable<Version> {
    for (const row of this.#database.prepare(LATEST).iterate()) yield versionOf(row);
  }

  /** All versions of one resource, newest first. */
  history(type: string, id: string): Version[] {
    return this.#history.all(type, id).map(versionOf);
  }

  close(): void {
    this.#database.close();
  }
}

function versionOf(row: Record<string, unknown>): Version {
  const version = {
    type: String(row.type),
    id: String(row.id),
    versionId: Number(row.version_id),
    lastUpdated: String(row.last_updated),
  };
  return typeof row.body === 'string' ? { ...version, resource: JSON.parse(row.body) } : version;
}
