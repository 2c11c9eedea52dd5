/** FNV-1a over UTF-16 code units, 32 bits. */
function fnv(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** 53 bits of a key: enough that two keys of a hospital hardly ever meet, and a meeting is checked against the server. */
const digest = (key: string): number => (fnv(key, 0x811c9dc5) & 0x1fffff) * 0x100000000 + fnv(key, 0x9747b28c);

/**
 * Finds identifiers that the responses of two subjects carry, in a few bytes for each response: a full run sees every
 * identifier once and cannot keep them.
 */
export class IdentifierIndex {
  readonly #subjectOf = new Map<number, number>();
  readonly #numbers = new Map<string, number>();
  readonly #suspects = new Set<string>();

  note(key: string, subject: string): void {
    let number = this.#numbers.get(subject);
    if (number === undefined) {
      number = this.#numbers.size;
      this.#numbers.set(subject, number);
    }
    const hash = digest(key);
    const other = this.#subjectOf.get(hash);
    if (other === undefined) this.#subjectOf.set(hash, number);
    else if (other !== number) this.#suspects.add(key);
  }

  /** Keys that were seen with two subjects; to be confirmed on the server, because two keys may share a digest. */
  suspects(): string[] {
    return [...this.#suspects];
  }
}
