import { isDeepStrictEqual } from 'node:util';
import type { FhirResource } from 'fhir/r4.js';
import type { Version, VersionLog } from './version-log.ts';

export type Change = 'created' | 'updated' | 'unchanged';

/** Hears every change of what is current, an undone one too: `after` is what holds from now on. */
export type Follower = (type: string, id: string, after: FhirResource | undefined) => void;

/**
 * The current version of every resource in memory, in step with the log. Everything is synchronous: no request ever
 * sees the middle of another, and a transaction needs no lock.
 */
export class Repository {
  readonly #log: VersionLog;
  readonly #now: () => Date;
  readonly #current = new Map<string, Map<string, Version>>();
  readonly #followers: Follower[] = [];
  readonly #committed: ((versions: readonly Version[]) => void)[] = [];
  #open: { undo: (() => void)[]; versions: Version[]; instant: string } | undefined;
  #lastInstant = '';

  constructor(log: VersionLog, now: () => Date = () => new Date()) {
    this.#log = log;
    this.#now = now;
    for (const version of log.latest()) {
      this.#ofType(version.type).set(version.id, version);
      if (version.lastUpdated > this.#lastInstant) this.#lastInstant = version.lastUpdated;
    }
  }

  follow(follower: Follower): void {
    this.#followers.push(follower);
  }

  /** Calls `listener` with what a transaction wrote, once it is on the disk. */
  onCommit(listener: (versions: readonly Version[]) => void): void {
    this.#committed.push(listener);
  }

  /** The newest version, also where it is a deletion. */
  latest(type: string, id: string): Version | undefined {
    return this.#current.get(type)?.get(id);
  }

  /** The resource as it is now. */
  current(type: string, id: string): FhirResource | undefined {
    return this.latest(type, id)?.resource;
  }

  /** All that exist of one type, in the order of their creation. */
  *all(type: string): Iterable<FhirResource> {
    for (const version of this.#current.get(type)?.values() ?? []) {
      if (version.resource !== undefined) yield version.resource;
    }
  }

  history(type: string, id: string): Version[] {
    return this.#log.history(type, id);
  }

  /** All or nothing, in memory and on the disk; every version written shares one instant. */
  transact<T>(work: () => T): T {
    if (this.#open !== undefined) return work();
    const open = { undo: [], versions: [], instant: this.#instant() };
    this.#open = open;
    let result: T;
    try {
      result = this.#log.transact(work);
    } catch (cause) {
      for (const undo of [...this.#open.undo].reverse()) undo();
      throw cause;
    } finally {
      this.#open = undefined;
    }
    if (open.versions.length > 0) for (const listener of this.#committed) listener(open.versions);
    return result;
  }

  /** Creates or replaces. What is already there to the letter makes no new version. */
  put(id: string, resource: FhirResource): { version: Version; change: Change } {
    const type = resource.resourceType;
    const before = this.latest(type, id);
    if (before?.resource !== undefined && isSame(before.resource, resource, id)) {
      return { version: before, change: 'unchanged' };
    }
    const version = this.#write(type, id, resource);
    return { version, change: before?.resource === undefined ? 'created' : 'updated' };
  }

  /** Deletes; nothing happens where there is nothing. */
  remove(type: string, id: string): Version | undefined {
    return this.current(type, id) === undefined ? undefined : this.#write(type, id, undefined);
  }

  #write(type: string, id: string, content: FhirResource | undefined): Version {
    return this.transact(() => {
      const open = this.#open;
      if (open === undefined) throw new Error('a write outside a transaction');
      const before = this.latest(type, id);
      const base = { type, id, versionId: (before?.versionId ?? 0) + 1, lastUpdated: open.instant };
      const version =
        content === undefined ? base : { ...base, resource: stamped(content, id, base.versionId, base.lastUpdated) };
      this.#log.append(version);
      open.undo.push(() => this.#place(type, id, before));
      open.versions.push(version);
      this.#place(type, id, version);
      return version;
    });
  }

  #place(type: string, id: string, version: Version | undefined): void {
    if (version === undefined) this.#ofType(type).delete(id);
    else this.#ofType(type).set(id, version);
    for (const follower of this.#followers) follower(type, id, version?.resource);
  }

  #ofType(type: string): Map<string, Version> {
    const known = this.#current.get(type) ?? new Map<string, Version>();
    this.#current.set(type, known);
    return known;
  }

  /** Never before the last one: a search by `_lastUpdated` must not lose a write to a clock that was set back. */
  #instant(): string {
    const now = this.#now().toISOString();
    if (now > this.#lastInstant) this.#lastInstant = now;
    return this.#lastInstant;
  }
}

function stamped(content: FhirResource, id: string, versionId: number, lastUpdated: string): FhirResource {
  const { resourceType: _type, id: _id, meta, ...rest } = content;
  const head = { resourceType: content.resourceType, id };
  // The spread of a union loses its discriminant: the parts are those of `content`.
  return { ...head, meta: { ...meta, versionId: String(versionId), lastUpdated }, ...rest } as FhirResource;
}

function isSame(stored: FhirResource, sent: FhirResource, id: string): boolean {
  const plain = ({ id: _id, meta, ...rest }: FhirResource) => {
    const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {};
    return { ...rest, id, meta: kept };
  };
  return isDeepStrictEqual(plain(stored), plain(sent));
}
