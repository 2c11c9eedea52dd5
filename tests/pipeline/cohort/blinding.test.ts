import { expect, test } from '@jest/globals';
import { blindingOf } from '../../../src/pipeline/cohort/blinding.ts';

const trial = { declaredNotATrial: false };

// All of http://hl7.org/fhir/R4/valueset-research-study-status.html that leave a study unfinished.
test.each([
  'active',
  'approved',
  'closed-to-accrual',
  'closed-to-accrual-and-intervention',
  'disapproved',
  'in-review',
  'temporarily-closed-to-accrual',
  'temporarily-closed-to-accrual-and-intervention',
  'withdrawn',
])('arms stay masked while the study is %s', (status) => {
  expect(blindingOf({ ...trial, status })).toEqual({ masked: true, because: 'study-not-finished' });
});

test('arms are compared once the study is completed', () => {
  expect(blindingOf({ ...trial, status: 'completed' })).toEqual({ masked: false, because: 'study-finished' });
});

test('a study that cannot be read, or whose status nobody knows, counts as running', () => {
  expect(blindingOf({ ...trial, status: undefined })).toEqual({ masked: true, because: 'study-unreadable' });
  expect(blindingOf({ ...trial, status: 'Completed!' }).masked).toBe(true);
});

test('a cohort declared not a trial has nothing to mask', () => {
  expect(blindingOf({ declaredNotATrial: true, status: undefined })).toEqual({
    masked: false,
    because: 'not-a-trial',
  });
});

test('a named person with a reason opens a running trial, and both are handed on to be printed', () => {
  const unlock = { person: ' Dr A. Example ', reason: 'asked for by the safety board' };
  expect(blindingOf({ ...trial, status: 'active', unlock })).toEqual({
    masked: false,
    because: 'unlocked',
    unlock: { person: 'Dr A. Example', reason: 'asked for by the safety board' },
  });
});

test.each([
  { person: '', reason: 'curious' },
  { person: 'Dr A. Example', reason: ' ' },
])('an unlock without a name or without a reason opens nothing', (unlock) => {
  expect(blindingOf({ ...trial, status: 'active', unlock })).toEqual({ masked: true, because: 'unlock-incomplete' });
});
