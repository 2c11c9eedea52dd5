import { expect, test } from '@jest/globals';
import { pseudonymsOf } from '../../../src/pipeline/cohort/pseudonyms.ts';

const key = Buffer.alloc(32, 7);

test('the code of a patient is what OpenSSL makes of the same key and reference', () => {
  // printf 'patient\0Patient/1' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0707…07 (32 bytes), first 20 digits
  expect(pseudonymsOf(key)('patient', 'Patient/1')).toBe('9bec19daa8c1929eefd1');
});

test('the same patient has the same code in a second export, and another under another key', () => {
  const code = pseudonymsOf(key)('patient', 'Patient/1');
  expect(pseudonymsOf(Buffer.alloc(32, 7))('patient', 'Patient/1')).toBe(code);
  expect(pseudonymsOf(Buffer.alloc(32, 8))('patient', 'Patient/1')).not.toBe(code);
});

test('one reference as a therapist and as a patient cannot be linked', () => {
  const code = pseudonymsOf(key);
  expect(code('therapist', 'Person/1')).not.toBe(code('patient', 'Person/1'));
});

test('a key that is too short is refused', () => {
  expect(() => pseudonymsOf(Buffer.alloc(31))).toThrow(RangeError);
});
