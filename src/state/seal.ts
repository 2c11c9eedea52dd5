import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { StateError } from './state-error.ts';

/** A key of 32 bytes, and the name by which sealed rows refer to it. */
export interface SealingKey {
  readonly id: string;
  readonly key: Uint8Array;
}

/** What is stored: which key, and nonce, tag and ciphertext in one. */
export interface Sealed {
  readonly keyId: string;
  readonly box: Uint8Array;
}

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D, 5.2.1.1: 96 bits is the nonce length GCM is made for; drawn at random, a key serves 2^32 seals. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals values with the first key and opens what any of the keys sealed: a new key is put first, the old one stays
 * behind it until the outbox holds nothing of it.
 */
export class Seal {
  readonly #first: SealingKey;
  readonly #keys: ReadonlyMap<string, Uint8Array>;

  constructor(keys: readonly [SealingKey, ...SealingKey[]]) {
    this.#first = keys[0];
    this.#keys = new Map(keys.map(({ id, key }) => [id, key]));
  }

  /** @param place what the value belongs to; it opens only there, so that rows cannot be exchanged */
  seal(value: unknown, place: string): Sealed {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#first.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()]);
    return { keyId: this.#first.id, box: Buffer.concat([nonce, cipher.getAuthTag(), text]) };
  }

  /** @throws StateError `wrong-key` where the key is not here, is another one, or the box was changed */
  open({ keyId, box }: Sealed, place: string): unknown {
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      throw new StateError('wrong-key', `${place} was sealed with the key "${keyId}", which STATE_KEYS_FILE lacks.`);
    }
    const decipher = createDecipheriv(CIPHER, key, box.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(box.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(box.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8'));
    } catch {
      // The cause is left out: an error of the JSON parser would quote what it read.
      throw new StateError(
        'wrong-key',
        `${place} does not open with the key "${keyId}" of STATE_KEYS_FILE: it is not the key that sealed it, or the row was changed.`,
      );
    }
  }
}
