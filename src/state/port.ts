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
  /** The first of the keys asked for. */
  readonly key: string;
  /** Grows each time a key changes hands, and no two leases have the same. */
  readonly fence: number;
  /** On SQLite by the caller's clock, `now` or this machine's; on PostgreSQL by the database's. */
  renew(ttlMs: number, now?: number): Promise<boolean>;
  release(): Promise<void>;
}

/** Who has a key, and until when (ISO) unless they renew it. */
export interface LeaseHolder {
  readonly holder: string;
  readonly expiresAt: string;
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

/** How often something was counted in its present window, this time among them. */
export interface Counted {
  readonly hits: number;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
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

  /**
   * The lease on every key, or `undefined` where another holder has any of them. Reentrant for nobody. `now` is
   * milliseconds since 1970; PostgreSQL goes by the database's clock instead (docs/decisions/leases.md).
   */
  acquire(keys: readonly string[], holder: string, ttlMs: number, now: number): Promise<Lease | undefined>;
  /** Who has the key at this moment, to name them to a person; `undefined` where nobody does. */
  holderOf(key: string, now: number): Promise<LeaseHolder | undefined>;

  /** A subject is due once, with the latest `since` and its reason. */
  addDue(patients: readonly DuePatient[]): Promise<void>;
  /** The longest waiting first. */
  listDue(): Promise<readonly DuePatient[]>;
  /** With `upTo`, a subject that became due again after that instant stays. */
  removeDue(subjects: readonly string[], upTo?: string): Promise<void>;

  /** Same id twice is once. */
  enqueue(entry: Omit<OutboxEntry, 'attempts' | 'state'>): Promise<void>;
  /** The first waiting entry of each stream, where its `nextAttemptAt` has come; oldest first. */
  dueEntries(now: string, limit: number): Promise<readonly OutboxEntry[]>;
  /** All of them, oldest first. */
  listEntries(): Promise<readonly OutboxEntry[]>;
  delivered(id: string): Promise<void>;
  /** Not taken this time: tried again at `nextAttemptAt`, or dead where that is absent. */
  failed(id: string, error: string, nextAttemptAt?: string): Promise<void>;
  /** A dead entry waits again from `now`. Gives false where there is none. */
  replay(id: string, now: string): Promise<boolean>;
  drop(id: string): Promise<boolean>;

  /** What is kept sealed under an id until it expires (an instant): a SMART launch with its tokens. Replaces what stood there. */
  keep(id: string, value: unknown, expiresAt: string): Promise<void>;
  /** What is kept stays kept until then; what has expired or was forgotten meanwhile does not come back. */
  extend(id: string, now: string, expiresAt: string): Promise<void>;
  /** Another value for what is still kept, kept as long as it would have been; false where it is kept no more. */
  change(id: string, now: string, value: unknown): Promise<boolean>;
  /** What is kept under an id and has not expired; `undefined` where nothing is. */
  kept(id: string, now: string): Promise<unknown>;
  /** Gives it out and forgets it in one step, so that of two who ask one gets it. */
  take(id: string, now: string): Promise<unknown>;
  forget(id: string): Promise<void>;
  /** Forgets everything that has expired, windows of counts too; gives how many were kept. */
  forgetExpired(now: string): Promise<number>;

  /**
   * One more under a key of this kind, in a window of so many milliseconds that began with the first; `now` is
   * milliseconds since 1970. Shared by all processes, of bounded size: keys fall into places, and two may share one.
   */
  count(kind: string, key: string, windowMs: number, now: number): Promise<Counted>;

  recordRun(run: JobRun): Promise<void>;
  /** The latest first. */
  lastRuns(job: string, limit: number): Promise<readonly JobRun[]>;

  close(): Promise<void>;
}
