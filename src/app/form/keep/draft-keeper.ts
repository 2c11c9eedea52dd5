import { Refused } from '../../api/refused.ts';
import type { Items } from '../render/answers.ts';

/** Where the answers are: on the hospital's server, on their way, or only here, and why. */
export type Keeping =
  | { readonly state: 'idle' }
  | { readonly state: 'saving' }
  | { readonly state: 'saved'; readonly at: number }
  | { readonly state: 'offline' | 'unreachable' | 'expired' | 'refused' | 'conflict' };

/** What the keeper works with; all that touches the world is handed in. */
export interface KeeperParts {
  /** Saves on the server over the version that was seen last, and tells the new version. @throws Refused */
  put(items: Items, version: string | undefined): Promise<string>;
  /** Keeps here what is not yet on the server; `undefined` forgets it. */
  keepHere(items: Items | undefined, version: string | undefined): void;
  onKeeping(keeping: Keeping): void;
  readonly now: () => number;
  readonly later: (run: () => void, ms: number) => () => void;
}

/** Answers that follow each other sooner are saved as one: a mark that is being moved is not yet an answer. */
const GATHER_MS = 250;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Saves a draft after each answer, one request at a time, the newest answers always. What cannot be saved stays here and
 * is tried again: after a while, and at once when the network is back.
 */
export class DraftKeeper {
  readonly #parts: KeeperParts;
  #version: string | undefined;
  #unsaved: Items | undefined;
  #sending: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #wait = FIRST_WAIT_MS;
  #keeping: Keeping = { state: 'idle' };

  constructor(parts: KeeperParts, version: string | undefined) {
    this.#parts = parts;
    this.#version = version;
  }

  /** True while something is only here. */
  get isUnsaved(): boolean {
    return this.#unsaved !== undefined || this.#sending !== undefined;
  }

  /** True where leaving the page would lose answers: they are only here, and signing in again is not what is asked. */
  get isStuck(): boolean {
    return (
      this.#unsaved !== undefined && ['offline', 'unreachable', 'refused', 'conflict'].includes(this.#keeping.state)
    );
  }

  get version(): string | undefined {
    return this.#version;
  }

  /** The answers as they are now. */
  change(items: Items): void {
    this.#unsaved = items;
    this.#parts.keepHere(items, this.#version);
    // A person decides a conflict; until then nothing is overwritten.
    if (this.#keeping.state === 'conflict') return;
    this.#say({ state: 'saving' });
    this.#after(GATHER_MS);
  }

  /** Tries now: the network is back, or a person asked. */
  retry(): void {
    if (this.#unsaved === undefined || this.#keeping.state === 'conflict') return;
    this.#wait = FIRST_WAIT_MS;
    this.#after(0);
  }

  /** A person chose these answers after a conflict: they go over the version that stands there. */
  settle(items: Items, version: string | undefined): void {
    this.#version = version;
    this.#keeping = { state: 'idle' };
    this.change(items);
  }

  /** A person chose what stands on the server. */
  accept(version: string | undefined): void {
    this.#version = version;
    this.#unsaved = undefined;
    this.#parts.keepHere(undefined, undefined);
    this.#say({ state: 'saved', at: this.#parts.now() });
  }

  /** Everything on the server, or why not; resolves once nothing is on its way. */
  async flush(): Promise<Keeping> {
    this.#cancel?.();
    await this.#sending;
    if (this.#unsaved !== undefined && !['conflict', 'expired'].includes(this.#keeping.state)) await this.#send();
    return this.#keeping;
  }

  /** Stops for good, e.g. because the form was handed in. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #after(ms: number): void {
    this.#cancel?.();
    this.#cancel = this.#parts.later(() => void this.#send(), ms);
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendOnce().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #sendOnce(): Promise<void> {
    while (this.#unsaved !== undefined) {
      const items = this.#unsaved;
      try {
        this.#version = await this.#parts.put(items, this.#version);
      } catch (error) {
        this.#failed(error);
        return;
      }
      this.#wait = FIRST_WAIT_MS;
      if (this.#unsaved !== items) continue;
      this.#unsaved = undefined;
      this.#parts.keepHere(undefined, undefined);
      this.#say({ state: 'saved', at: this.#parts.now() });
    }
  }

  #failed(error: unknown): void {
    const state = stateAfter(error);
    this.#say({ state });
    if (state !== 'offline' && state !== 'unreachable') return;
    const named = error instanceof Refused ? error.retryAfter : undefined;
    this.#after(named === undefined ? this.#wait : Math.min(named * 1000, LONGEST_WAIT_MS));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }

  #say(keeping: Keeping): void {
    this.#keeping = keeping;
    this.#parts.onKeeping(keeping);
  }
}

function stateAfter(error: unknown): 'offline' | 'unreachable' | 'expired' | 'refused' | 'conflict' {
  if (!(error instanceof Refused)) return 'refused';
  if (error.kind === 'offline') return 'offline';
  if (error.status === 401) return 'expired';
  if (error.status === 409 || error.status === 412) return 'conflict';
  return error.isPassing ? 'unreachable' : 'refused';
}
