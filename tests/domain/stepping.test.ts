import { describe, expect, test } from '@jest/globals';
import type { Observation } from 'fhir/r4.js';
import { type SteppingInput, stepping } from '../../src/domain/stepping.ts';
import { PROTOCOL } from '../steps/protocol.ts';
import { observed } from '../steps/reading.ts';

const NOW = Date.parse('2026-06-01T10:00:00Z');
const NOT_COUNTED = { tag: [{ system: 'https://w3id.org/vincle/CodeSystem/rating-use', code: 'not-counted' }] };

const ask = (observations: readonly Observation[], more: Partial<SteppingInput> = {}) =>
  stepping({
    protocol: PROTOCOL,
    level: '1-monitoring',
    sinceMs: Date.parse('2026-05-25T10:00:00Z'),
    enrolledMs: Date.parse('2026-05-25T10:00:00Z'),
    observations,
    openProposal: undefined,
    declined: [],
    moment: { nowMs: NOW, zone: 'Europe/Madrid' },
    ...more,
  });
const ruleOf = (it: ReturnType<typeof ask>) => (it.kind === 'propose' ? it.rule.id : it.kind);
const dt = (value: number | undefined, date: string, more: Partial<Observation> = {}) =>
  observed('distress-thermometer', value, `${date}T09:00:00+02:00`, more);
const phq = (value: number | undefined, date: string) => observed('phq-9', value, `${date}T09:00:00+02:00`);

describe('what counts as a reading', () => {
  test.each([
    ['4 is at the limit of ≥ 4', [dt(4, '2026-05-30')], 'up-to-2'],
    ['3 is below it', [dt(3, '2026-05-30')], 'stay'],
    ['a screening without a total is none', [dt(undefined, '2026-05-30')], 'cannot-decide'],
    ['a withdrawn one is none', [dt(9, '2026-05-30', { status: 'entered-in-error' })], 'cannot-decide'],
    ['a preliminary one is none', [dt(9, '2026-05-30', { status: 'preliminary' })], 'cannot-decide'],
    ['an amended one is one', [dt(9, '2026-05-30', { status: 'amended' })], 'up-to-2'],
    ['one that is not counted is none', [dt(9, '2026-05-30', { meta: NOT_COUNTED })], 'cannot-decide'],
    ['one of 30 days ago still speaks', [dt(9, '2026-05-02')], 'up-to-2'],
    ['one of 31 days ago no longer does', [dt(9, '2026-05-01')], 'cannot-decide'],
    ['one of tomorrow is not known yet', [dt(9, '2026-06-02')], 'cannot-decide'],
    ['the newest counts, not the highest', [dt(9, '2026-05-20'), dt(2, '2026-05-30'), phq(3, '2026-05-30')], 'stay'],
  ])('%s', (_, observations, expected) => {
    expect(ruleOf(ask(observations))).toBe(expected);
  });

  test('two forms sent on one day are one reading: a step down that needs two is not proposed', () => {
    const level = { level: '2-psychoeducation', sinceMs: Date.parse('2026-03-01T00:00:00Z') };
    const twice = [
      dt(1, '2026-05-30'),
      observed('distress-thermometer', 1, '2026-05-30T09:02:00+02:00'),
      phq(2, '2026-05-30'),
    ];
    expect(ask(twice, level)).toMatchObject({ kind: 'cannot-decide', missing: [{ needed: 2, have: 1 }] });
    expect(ruleOf(ask([...twice, dt(1, '2026-05-20')], level))).toBe('down-to-1');
  });
});

describe('what is said', () => {
  const high = [dt(8, '2026-05-30'), phq(16, '2026-05-30')];

  test('without any screening nobody is well: cannot decide, with what is missing, then overdue', () => {
    expect(ask([])).toEqual({
      kind: 'cannot-decide',
      missing: [
        { measure: 'distress-thermometer', needed: 1, have: 0, maxAgeDays: 30 },
        { measure: 'phq-9', needed: 1, have: 0, maxAgeDays: 30 },
      ],
    });
    expect(ask([], { enrolledMs: Date.parse('2026-04-16T10:00:00Z') })).toEqual({
      kind: 'overdue',
      overdue: { measure: 'distress-thermometer', days: 46 },
    });
  });

  test('of two rules that hold the one of lower order is proposed, once its dwell is over', () => {
    expect(ruleOf(ask(high))).toBe('up-to-2');
    expect(ruleOf(ask(high, { sinceMs: Date.parse('2026-05-18T10:00:00Z') }))).toBe('up-to-3');
  });

  test('a rule whose dwell is not over says until when', () => {
    const level = { level: '2-psychoeducation' };
    expect(ask(high, level)).toMatchObject({
      kind: 'dwell',
      rule: { id: 'up-to-3' },
      untilMs: Date.parse('2026-06-08T10:00:00Z'),
    });
  });

  test('after a clinician said no the same rule is quiet for its own dwell again', () => {
    const declined = [{ rule: 'up-to-3', atMs: Date.parse('2026-05-25T10:00:00Z') }];
    const long = { level: '2-psychoeducation', sinceMs: Date.parse('2026-03-01T00:00:00Z') };
    expect(ruleOf(ask(high, { ...long, declined }))).toBe('dwell');
    expect(ruleOf(ask(high, long))).toBe('up-to-3');
  });

  test('an overdue screening never steps down, and does not hold back a step up', () => {
    const at4 = { level: '4-group-psychotherapy', sinceMs: 0, enrolledMs: 0 };
    const well = [phq(2, '2026-05-30'), phq(2, '2026-05-20')];
    expect(ruleOf(ask(well, at4))).toBe('overdue');
    expect(ruleOf(ask([...well, dt(1, '2026-05-30')], at4))).toBe('down-to-2');
    const ill = [phq(20, '2026-05-30'), phq(20, '2026-05-20')];
    expect(ask(ill, { ...at4, level: '3-peer-support' })).toMatchObject({
      kind: 'propose',
      overdue: { days: expect.any(Number) },
    });
  });

  test('beside a proposal that waits nothing else is said', () => {
    expect(ask(high, { openProposal: 'CarePlan/p' })).toEqual({ kind: 'waiting', proposal: 'CarePlan/p' });
  });

  test('a level that the protocol does not know cannot be decided about', () => {
    expect(ask(high, { level: '5-other' })).toEqual({ kind: 'cannot-decide', missing: [], unknownLevel: '5-other' });
  });
});
