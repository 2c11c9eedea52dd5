import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Records by patient on disk, for as long as one reading lasts: in a folder that nobody else may enter, deleted by `close`.
 * A record that is put twice is there once.
 */
export class DiskSpool {
  readonly #folder = mkdtempSync(join(tmpdir(), 'vincle-export-'));
  readonly #database: DatabaseSync;

  constructor() {
    this.#database = new DatabaseSync(join(this.#folder, 'records.sqlite'));
    this.#database.exec(
      'PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;' +
        'CREATE TABLE record (patient TEXT, type TEXT, id TEXT, json TEXT, PRIMARY KEY (patient, type, id)) WITHOUT ROWID;' +
        'BEGIN',
    );
  }

  put(patient: string, type: string, id: string, json: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO record VALUES (?, ?, ?, ?)').run(patient, type, id, json);
  }

  of(patients: readonly string[], type: string): readonly string[] {
    const query = this.#database.prepare('SELECT json FROM record WHERE patient = ? AND type = ? ORDER BY id');
    return patients.flatMap((it) => query.all(it, type).map((row) => String(row.json)));
  }

  close(): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
