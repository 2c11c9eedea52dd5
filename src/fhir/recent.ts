/** The most that is remembered: a server repeats on the next page, not a hundred pages later. */
const MOST = 5_000;

/** Tells what has not been seen lately, in bounded memory. */
export class Recent {
  #young = new Set<string>();
  #old = new Set<string>();

  isNew(key: string): boolean {
    if (this.#young.has(key) || this.#old.has(key)) return false;
    this.#young.add(key);
    if (this.#young.size >= MOST) [this.#old, this.#young] = [this.#young, new Set()];
    return true;
  }
}
