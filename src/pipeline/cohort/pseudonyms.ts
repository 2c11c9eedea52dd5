import { createHmac } from 'node:crypto';

/** What is coded: the kind is part of what is hashed, so that a person who is both has two unlinked codes. */
export type CodedKind = 'patient' | 'therapist' | 'site';

/** Shortest key: that of SHA-256's output, below which the key is easier to guess than the hash to invert (RFC 2104). */
const KEY_BYTES = 32;
/** 80 bits: among a million patients two share a code with a chance below 1 in 10^12. */
const CODE_LENGTH = 20;

/**
 * Codes of patients, therapists and sites under a key that the pseudonymiser holds and the researcher never does.
 * The same key and reference give the same code, so that a second export can be joined to the first.
 * @throws RangeError where the key is shorter than 32 bytes
 */
export function pseudonymsOf(key: Uint8Array): (kind: CodedKind, reference: string) => string {
  if (key.byteLength < KEY_BYTES) throw new RangeError(`a pseudonym key has at least ${KEY_BYTES} bytes`);
  return (kind, reference) =>
    createHmac('sha256', key).update(`${kind}\u0000${reference}`).digest('hex').slice(0, CODE_LENGTH);
}
