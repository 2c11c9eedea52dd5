import { expect, test } from '@jest/globals';
import type { Patient, ResearchStudy, ResearchSubject } from 'fhir/r4.js';
import { closureOf, type LeavingFrame, leavingOf } from '../../../src/pipeline/cohort/leaving.ts';

const ZONE = 'Europe/Madrid';
const FRAME: LeavingFrame = {
  lastDay: '2026-03-01',
  today: '2026-11-23',
  ratedLast: false,
  closure: undefined,
  zone: ZONE,
};
const patient: Patient = { resourceType: 'Patient', id: 'p' };
const subject = (status: ResearchSubject['status'], end?: string): ResearchSubject => ({
  resourceType: 'ResearchSubject',
  status,
  individual: { reference: 'Patient/p' },
  study: { reference: 'ResearchStudy/s' },
  ...(end === undefined ? {} : { period: { end } }),
});
const leaving = (one: ResearchSubject, more: Partial<LeavingFrame> = {}) =>
  leavingOf({ patient }, [one], { ...FRAME, ...more });

test('who is off study after the window of the last visit completed the plan', () => {
  expect(leaving(subject('off-study', '2026-03-02'))).toBeUndefined();
  expect(leaving(subject('off-study', '2026-03-01'))).toEqual({ why: 'off-study', on: '2026-03-01' });
});

test('who is off study because the study closed did not leave, however early', () => {
  const closure = { on: '2026-01-15' };
  expect(leaving(subject('off-study', '2026-01-15'), { closure })).toBeUndefined();
  expect(leaving(subject('off-study', '2026-01-14'), { closure })).toEqual({ why: 'off-study', on: '2026-01-14' });
});

test('who rated at the last visit completed the plan, though its window was still open', () => {
  expect(leaving(subject('off-study', '2026-02-20'), { ratedLast: true })).toBeUndefined();
});

test('off study without a day is an early end only while the last window is open and the study goes on', () => {
  expect(leaving(subject('off-study'))).toBeUndefined();
  expect(leaving(subject('off-study'), { today: '2026-02-01' })).toEqual({ why: 'off-study', on: undefined });
  expect(leaving(subject('off-study'), { today: '2026-02-01', closure: { on: undefined } })).toBeUndefined();
});

test('a withdrawal and a death before the last window closed are leaving, whether the study closed or not', () => {
  const closure = { on: '2025-12-01' };
  expect(leaving(subject('withdrawn', '2026-01-02'), { closure })).toEqual({ why: 'withdrawn', on: '2026-01-02' });
  expect(leaving(subject('withdrawn'))).toEqual({ why: 'withdrawn', on: undefined });
  const died = (deceasedDateTime: string) => leavingOf({ patient: { ...patient, deceasedDateTime } }, [], FRAME);
  expect(died('2026-02-28T23:30:00Z')).toEqual({ why: 'died', on: '2026-03-01' });
  expect(died('2026-03-02')).toBeUndefined();
});

test('who takes part still did not leave', () => {
  expect(leaving(subject('on-study'))).toBeUndefined();
});

test('a study has closed by its last day once that has come, or by a status that says so', () => {
  const study = (status: ResearchStudy['status'], end?: string): ResearchStudy => ({
    resourceType: 'ResearchStudy',
    status,
    ...(end === undefined ? {} : { period: { end } }),
  });
  const of = (it: ResearchStudy | undefined) => closureOf(it, '2026-11-23', ZONE);
  expect(of(study('active', '2026-11-01'))).toEqual({ on: '2026-11-01' });
  expect(of(study('active', '2027-11-01'))).toBeUndefined();
  expect(of(study('completed'))).toEqual({ on: undefined });
  expect(of(undefined)).toBeUndefined();
});
