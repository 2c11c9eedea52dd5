import { randomUUID } from 'node:crypto';
import { Refusal } from './refusal.ts';
import type { ResultParameters } from './result-parameters.ts';
import type { Clause } from './search.ts';

/** A search as it was when its first page was asked for: later pages neither repeat nor lose what others write. */
export interface Snapshot {
  readonly type: string;
  readonly ids: readonly string[];
  readonly wanted: ResultParameters;
  readonly self: string;
}

/** The address of a page, in the two parameters of a `next` link. */
export const PAGE_TOKEN = '_getpages';
export const PAGE_OFFSET = '_getpagesoffset';

const KEPT = 200;

/** Keeps the latest searches that have more than one page. */
export class Paging {
  readonly #snapshots = new Map<string, Snapshot>();

  keep(snapshot: Snapshot): string {
    const token = randomUUID();
    this.#snapshots.set(token, snapshot);
    const [oldest] = this.#snapshots.keys();
    if (oldest !== undefined && this.#snapshots.size > KEPT) this.#snapshots.delete(oldest);
    return token;
  }

  /** @throws 410 where the search is too old, as HAPI does */
  find(query: readonly Clause[]): { token: string; offset: number; snapshot: Snapshot } {
    const of = new Map(query);
    const token = of.get(PAGE_TOKEN) ?? '';
    const offset = Number(of.get(PAGE_OFFSET) ?? '0');
    const snapshot = this.#snapshots.get(token);
    if (snapshot === undefined || !Number.isSafeInteger(offset) || offset < 0) {
      throw new Refusal(410, 'not-found', 'This search is no longer known: ask again');
    }
    return { token, offset, snapshot };
  }
}
