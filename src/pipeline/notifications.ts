import { setTimeout as pause } from 'node:timers/promises';
import type { QuestionnaireResponse } from 'fhir/r4.js';
import { LRUCache } from 'lru-cache';
import { FhirError } from '../fhir/port.ts';
import type { AlliancePorts } from './compute-alliance.ts';
import { computeNow, type Now } from './compute-now.ts';
import { raiseNow } from './safety/raise-now.ts';
import { stored } from './safety/safety-case.ts';

/** What became of one notification. */
export type Noticed = 'computed' | 'known' | 'gone' | 'ignored' | 'failed' | 'dropped';

export interface NotificationOptions extends Now {
  /** Responses that wait, at most. */
  readonly max: number;
  readonly onNoticed?: (what: Noticed) => void;
}

/** Responses read at once. */
const BATCH = 20;

/**
 * What the hospital's server says has changed. Nothing of a notification is believed but the id: the response is read
 * again, and whoever it is about is computed. Several about one response are one; what cannot be done now is left to the
 * job, which finds every change by itself.
 */
export class Notifications {
  readonly #ports: AlliancePorts;
  readonly #options: NotificationOptions;
  readonly #waiting = new Set<string>();
  /** `id|version` of responses that were computed here, so that our own write does not come back as news. */
  readonly #known = new LRUCache<string, true>({ max: 5_000 });
  #working: Promise<void> | undefined;
  #stopped = false;

  constructor(ports: AlliancePorts, options: NotificationOptions) {
    this.#ports = ports;
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** A response changed. Gives false where too many wait: the job will find it. */
  notice(id: string): boolean {
    if (this.#stopped || (this.#waiting.size >= this.#options.max && !this.#waiting.has(id))) {
      this.#tell('dropped');
      return false;
    }
    this.#waiting.add(id);
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return true;
  }

  /** This version of a response was computed already. */
  knows(id: string | undefined, versionId: string | undefined): void {
    if (id !== undefined && versionId !== undefined) this.#known.set(`${id}|${versionId}`, true);
  }

  /** Done with everything that was noticed so far. */
  async idle(): Promise<void> {
    while (this.#working !== undefined) await this.#working;
  }

  /** Takes no more; what is under way may end within `graceMs`, what still waits is the job's. */
  async stop(graceMs = 10_000): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    const timer = new AbortController();
    const late = pause(graceMs, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.idle(), late]);
    timer.abort();
  }

  async #work(): Promise<void> {
    while (this.#waiting.size > 0) {
      const ids = [...this.#waiting].slice(0, BATCH);
      for (const id of ids) this.#waiting.delete(id);
      try {
        await this.#compute(ids);
      } catch {
        // The server or the state is away. The responses are on the server: the job finds them by their change.
        for (const _ of ids) this.#tell('failed');
      }
    }
  }

  async #compute(ids: readonly string[]): Promise<void> {
    const read = await Promise.all(ids.map((id) => this.#read(id)));
    const news = read.filter((it): it is QuestionnaireResponse => typeof it === 'object');
    for (const it of read) if (typeof it === 'string') this.#tell(it);
    if (news.length === 0) return;
    await raiseNow(this.#ports, news.map(stored), this.#options);
    const { unfinished } = await computeNow(this.#ports, news, this.#options);
    const open = new Set(unfinished.map((it) => it.subject));
    for (const it of news) {
      const failed = open.has(it.subject?.reference ?? '');
      if (!failed) this.knows(it.id, it.meta?.versionId);
      this.#tell(failed ? 'failed' : 'computed');
    }
  }

  async #read(id: string): Promise<QuestionnaireResponse | Noticed> {
    try {
      const response = await this.#ports.server.read('QuestionnaireResponse', id);
      if (response === undefined) return 'gone';
      if (this.#known.has(`${id}|${response.meta?.versionId}`)) return 'known';
      return this.#ports.context.content.resolve(response.questionnaire).kind === 'ignored' ? 'ignored' : response;
    } catch (error) {
      if (error instanceof FhirError) return 'failed';
      throw error;
    }
  }

  #tell(what: Noticed): void {
    this.#options.onNoticed?.(what);
  }
}
