/** How far a job has read. */
export interface Checkpoint {
  /** Server time (ISO, UTC): everything the server had committed by then was seen. */
  readonly watermark: string;
  /** `Type/id|versionId` of what was seen inside the overlap before the watermark. */
  readonly seen: readonly string[];
  /** Digest of the content and settings the run worked with: another digest asks for a full run. */
  readonly contentDigest: string;
}

/** The right to be the only writer under one key until `expiresAt`. A lost lease is told by `renew` giving false. */
export interface Lease {
  readonly key: string;
  /** Grows by one each time the key changes hands. */
  readonly fence: number;
  renew(ttlMs: number): Promise<boolean>;
  release(): Promise<void>;
}

/** A write that the hospital's server could not take; the payload is stored encrypted. */
export interface OutboxEntry {
  readonly id: string;
  /** Entries of one stream are delivered in order; a failed one holds back those behind it. */
  readonly stream: string;
  /** What it is, without content: `QuestionnaireResponse/…`. */
  readonly label: string;
  readonly payload: unknown;
  readonly enqueuedAt: string;
  readonly attempts: number;
  readonly nextAttemptAt: string;
  readonly lastError?: string;
  readonly state: 'waiting' | 'dead';
}

/** A patient to be computed again whatever the server says has changed. */
export interface DuePatient {
  /** `Patient/…` or `Practitioner/…` */
  readonly subject: string;
  readonly reason: string;
  readonly since: string;
}

/** One finished run, for /health, /metrics and the coordinator. `result` holds counts, never patient data. */
export interface JobRun {
  readonly job: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly ok: boolean;
  readonly result: unknown;
}

/**
 * Vincle's own operational state. Losing it loses no delivered clinical data. Times are passed in: an adapter has no clock.
 */
export interface State {
  readCheckpoint(job: string): Promise<Checkpoint | undefined>;
  writeCheckpoint(job: string, checkpoint: Checkpoint): Promise<void>;

  /** The lease on every key, or `undefined` where another holder has any of them. Reentrant for nobody. */
  acquire(keys: readonly string[], holder: string, ttlMs: number, now: number): Promise<Lease | undefined>;

  addDue(patients: readonly DuePatient[]): Promise<void>;
  listDue(): Promise<readonly DuePatient[]>;
  removeDue(subjects: readonly string[]): Promise<void>;

  /** Same id twice is once. */
  enqueue(entry: Omit<OutboxEntry, 'attempts' | 'state'>): Promise<void>;
  /** The first waiting entry of each stream whose `nextAttemptAt` has come. */
  dueEntries(now: string, limit: number): Promise<readonly OutboxEntry[]>;
  /** All of them, oldest first. */
  listEntries(): Promise<readonly OutboxEntry[]>;
  delivered(id: string): Promise<void>;
  /** Not taken this time: tried again at `nextAttemptAt`, or dead where that is absent. */
  failed(id: string, error: string, nextAttemptAt?: string): Promise<void>;
  /** A dead entry waits again from `now`. Gives false where there is none. */
  replay(id: string, now: string): Promise<boolean>;
  drop(id: string): Promise<boolean>;

  recordRun(run: JobRun): Promise<void>;
  lastRuns(job: string, limit: number): Promise<readonly JobRun[]>;

  close(): Promise<void>;
}
