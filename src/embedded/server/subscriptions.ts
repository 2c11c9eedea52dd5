import { setTimeout as delay } from 'node:timers/promises';
import type { FhirResource, Subscription } from 'fhir/r4.js';
import { readAddress } from './interaction.ts';
import type { Repository } from './repository.ts';
import type { Search } from './search.ts';
import type { Version } from './version-log.ts';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 200;
const TIMEOUT_MS = 10_000;

/**
 * Rest-hook Subscriptions as HAPI delivers them: PUT [endpoint]/[type]/[id] with the resource for each create and
 * update that meets the criteria, in order. What cannot be delivered after a few attempts is dropped, as is what still
 * waits when the server stops: whoever subscribes needs another way to catch up.
 */
export class Subscriptions {
  readonly #repository: Repository;
  readonly #search: Search;
  readonly #queues = new Map<string, Promise<void>>();
  readonly #stopped = new AbortController();

  constructor(repository: Repository, search: Search) {
    this.#repository = repository;
    this.#search = search;
    repository.onCommit((versions) => this.#committed(versions));
  }

  /** Gives up what was not delivered. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#queues.values());
  }

  #committed(versions: readonly Version[]): void {
    for (const { type, id, resource } of versions) {
      if (resource === undefined) continue;
      if (resource.resourceType === 'Subscription') this.#activate(id, resource);
      else this.#notify(type, id, resource);
    }
  }

  /** A requested Subscription is active once it has been read, after the request that made it was answered. */
  #activate(id: string, subscription: Subscription): void {
    if (subscription.status !== 'requested' || subscription.channel.type !== 'rest-hook') return;
    setImmediate(() => {
      const current = this.#repository.current('Subscription', id);
      if (this.#stopped.signal.aborted || current?.resourceType !== 'Subscription' || current.status !== 'requested')
        return;
      this.#repository.put(id, { ...current, status: 'active' });
    });
  }

  #notify(type: string, id: string, resource: FhirResource): void {
    for (const subscription of this.#repository.all('Subscription')) {
      if (subscription.resourceType !== 'Subscription' || subscription.status !== 'active') continue;
      if (!this.#meets(subscription, type, id)) continue;
      const key = subscription.id ?? '';
      const before = this.#queues.get(key) ?? Promise.resolve();
      this.#queues.set(
        key,
        before.then(() => this.#deliver(subscription, resource)),
      );
    }
  }

  #meets(subscription: Subscription, type: string, id: string): boolean {
    try {
      const { path, query } = readAddress(subscription.criteria);
      return path[0] === type && this.#search.matches(type, id, query);
    } catch {
      // Criteria that this server cannot answer match nothing; the write itself is not to blame.
      return false;
    }
  }

  async #deliver({ channel }: Subscription, resource: FhirResource): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS && !this.#stopped.signal.aborted; attempt++) {
      try {
        if (attempt > 0) await delay(FIRST_WAIT_MS * 2 ** (attempt - 1), undefined, { signal: this.#stopped.signal });
        const answer = await fetch(addressOf(channel, resource), {
          ...requestOf(channel, resource),
          signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        await answer.arrayBuffer();
        if (answer.ok) return;
      } catch {
        // Unreachable, too slow, or this server stops: the loop decides.
      }
    }
  }
}

function addressOf(channel: Subscription['channel'], resource: FhirResource): string {
  const endpoint = (channel.endpoint ?? '').replace(/\/$/, '');
  return channel.payload === undefined ? endpoint : `${endpoint}/${resource.resourceType}/${resource.id}`;
}

function requestOf(channel: Subscription['channel'], resource: FhirResource): RequestInit {
  const own = (channel.header ?? []).flatMap((line): [string, string][] => {
    const colon = line.indexOf(':');
    return colon > 0 ? [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]] : [];
  });
  if (channel.payload === undefined) return { method: 'POST', headers: own };
  return {
    method: 'PUT',
    headers: [['content-type', 'application/fhir+json'], ...own],
    body: JSON.stringify(resource),
  };
}
