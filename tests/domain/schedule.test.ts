import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { dateOfDay, dayNumber, hourOfDay, localDate } from '../../src/domain/instant.ts';
import type { VisitPlan } from '../../src/domain/programme.ts';
import type { Timing } from '../../src/domain/protocol.ts';
import { dueReminder, instantsOf, nextChange, REMINDER_GRACE_MS, windowsOf } from '../../src/domain/schedule.ts';
import { placeVisit } from '../../src/domain/visit.ts';

const VISITS: VisitPlan = {
  version: 'test',
  windows: [
    { visit: 'baseline', months: 0, early: 30, late: 30, except: ['sus'] },
    { visit: 'm3', months: 3, early: 44, late: 44, except: [] },
    { visit: 'm6', months: 6, early: 44, late: 44, except: [] },
    { visit: 'm12', months: 12, early: 60, late: 60, except: [] },
  ],
};
const visit = (name: 'baseline' | 'm3' | 'm6' | 'm12'): Timing => ({ kind: 'visit', visit: name });
const anchors = (inclusion: string | undefined, course?: string) => ({ inclusion, course });
const ZONE = 'Europe/Madrid';
const iso = (ms: number): string => new Date(ms).toISOString();
const form = { createAheadDays: 7, remindAfterDays: [14, 28] };

describe('windows of a visit', () => {
  // Dates counted by hand with a calendar; the last day of a shorter month is the contract's.
  test.each([
    ['2025-01-10', 'm3', '2025-02-25', '2025-05-24'],
    ['2024-11-30', 'm3', '2025-01-15', '2025-04-13'],
    ['2023-11-30', 'm3', '2024-01-16', '2024-04-13'],
    ['2024-02-29', 'm12', '2024-12-30', '2025-04-29'],
    ['2025-08-31', 'm6', '2026-01-15', '2026-04-13'],
  ] as const)('included on %s, the window of %s is %s to %s', (inclusion, name, first, last) => {
    expect(
      windowsOf({}, { instrument: 'wai-s-p', timing: visit(name) }, anchors(inclusion), VISITS, '2030-01-01'),
    ).toEqual([{ key: name, first, last }]);
  });

  test('an instrument that has no such visit, and a patient without inclusion, have no window', () => {
    const at = (instrument: string, inclusion: string | undefined) =>
      windowsOf({}, { instrument, timing: visit('baseline') }, anchors(inclusion), VISITS, '2030-01-01').length;
    expect([at('sus', '2025-01-10'), at('phq-9', undefined), at('phq-9', '2025-01-10')]).toEqual([0, 0, 1]);
  });

  test('a day is in the window of a visit exactly where a response of that day is placed there', () => {
    const day = fc.integer({ min: dayNumber('2019-01-01'), max: dayNumber('2030-12-31') });
    fc.assert(
      fc.property(day, fc.integer({ min: -60, max: 460 }), (inclusion, offset) => {
        const date = dateOfDay(inclusion + offset);
        const placed = placeVisit(date, dateOfDay(inclusion), VISITS, 'wai-s-p').visit;
        const inside = VISITS.windows.filter(({ visit: name }) =>
          windowsOf(
            {},
            { instrument: 'wai-s-p', timing: visit(name) },
            anchors(dateOfDay(inclusion)),
            VISITS,
            date,
          ).some((it) => it.first <= date && date <= it.last),
        );
        expect(inside.map((it) => it.visit)).toEqual(placed === 'unscheduled' ? [] : [placed]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('windows of an interval', () => {
  const every28: Timing = { kind: 'interval', everyDays: 28, windowDays: 14 };
  const of = (course: string, upTo: string, arm?: string) =>
    windowsOf(
      arm === undefined ? {} : { arm },
      { instrument: 'phq-4', timing: every28 },
      anchors('2025-03-01', course),
      VISITS,
      upTo,
    );

  test('the first opens on the day the plan begins; the one after the asked day comes last', () => {
    expect(of('2025-01-10', '2025-02-08')).toEqual([
      { key: '0', first: '2025-01-10', last: '2025-01-23' },
      { key: '1', first: '2025-02-07', last: '2025-02-20' },
      { key: '2', first: '2025-03-07', last: '2025-03-20' },
    ]);
  });

  test('for an arm of the study it counts from the inclusion', () => {
    expect(of('2025-01-10', '2025-03-01', 'digital')[0]).toEqual({ key: '0', first: '2025-03-01', last: '2025-03-14' });
  });

  test('windows never overlap, are as long as they should be, and none is left out', () => {
    const day = fc.integer({ min: dayNumber('2019-01-01'), max: dayNumber('2030-12-31') });
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 1, max: 120 }),
        fc.nat(),
        fc.integer({ min: -5, max: 800 }),
        (start, every, size, later) => {
          const windowDays = 1 + (size % every);
          const timing: Timing = { kind: 'interval', everyDays: every, windowDays };
          const all = windowsOf(
            {},
            { instrument: 'phq-4', timing },
            anchors(undefined, dateOfDay(start)),
            VISITS,
            dateOfDay(start + later),
          );
          expect(all).toHaveLength(Math.max(0, Math.floor(later / every) + 1) + 1);
          all.forEach(({ key, first, last }, n) => {
            expect([key, dayNumber(first)]).toEqual([String(n), start + n * every]);
            expect(dayNumber(last) - dayNumber(first) + 1).toBe(windowDays);
          });
        },
      ),
    );
  });
});

describe('days become instants', () => {
  test('a window over the spring change of clocks is an hour shorter, and its reminders stay at nine in the morning', () => {
    const at = instantsOf({ key: 'm3', first: '2025-03-20', last: '2025-04-10' }, form, ZONE);
    expect([iso(at.opensMs), iso(at.closesMs)]).toEqual(['2025-03-19T23:00:00.000Z', '2025-04-10T22:00:00.000Z']);
    expect(at.remindMs.map(iso)).toEqual(['2025-04-03T07:00:00.000Z']);
    expect(iso(at.createMs)).toBe('2025-03-12T23:00:00.000Z');
  });

  test('and over the autumn change an hour longer', () => {
    const at = instantsOf({ key: 'm3', first: '2025-10-20', last: '2025-11-10' }, form, ZONE);
    expect([iso(at.opensMs), iso(at.closesMs)]).toEqual(['2025-10-19T22:00:00.000Z', '2025-11-10T23:00:00.000Z']);
    expect(at.remindMs.map(iso)).toEqual(['2025-11-03T08:00:00.000Z']);
  });

  test('a day that begins at one o’clock, because clocks change at midnight, begins then', () => {
    // Paraguay, 6 October 2024: 00:00 became 01:00 (IANA tzdata, America/Asuncion).
    expect(iso(hourOfDay('2024-10-06', 0, 'America/Asuncion'))).toBe('2024-10-06T04:00:00.000Z');
  });

  test('every instant belongs to the window whose local days hold it, in any zone', () => {
    const day = fc.integer({ min: dayNumber('2019-01-01'), max: dayNumber('2030-12-31') });
    const zone = fc.constantFrom('Europe/Madrid', 'America/Asuncion', 'Pacific/Apia', 'Australia/Lord_Howe', 'UTC');
    fc.assert(
      fc.property(
        day,
        fc.integer({ min: 1, max: 89 }),
        zone,
        fc.nat({ max: 100 * 24 * 60 }),
        (first, length, where, minutes) => {
          const window = { key: '0', first: dateOfDay(first), last: dateOfDay(first + length - 1) };
          const at = instantsOf(window, form, where);
          const now = hourOfDay(window.first, 0, where) + (minutes - 5 * 24 * 60) * 60_000;
          const date = localDate(now, where);
          expect(at.opensMs <= now && now < at.closesMs).toBe(window.first <= date && date <= window.last);
          for (const it of at.remindMs) expect(it >= at.opensMs && it < at.closesMs).toBe(true);
          expect(at.createMs).toBeLessThanOrEqual(at.opensMs);
        },
      ),
    );
  });
});

describe('reminders', () => {
  const at = instantsOf(
    { key: 'm3', first: '2025-02-25', last: '2025-05-24' },
    { ...form, remindAfterDays: [14, 28, 42] },
    ZONE,
  );
  const [first = 0, second = 0, third = 0] = at.remindMs;
  const HOUR = 3_600_000;

  test.each([
    ['before the first', undefined, first - 1, undefined],
    ['when the first is due', undefined, first, first],
    ['an hour later, nothing having been sent', undefined, first + HOUR, first],
    ['once it was sent', first + 1, first + HOUR, undefined],
    ['when the second is due', first + 1, second, second],
    ['after a silence that is too long, nothing for the past', undefined, second + REMINDER_GRACE_MS + 1, undefined],
    ['after missing two, the third alone', undefined, third, third],
    ['after the window', undefined, at.closesMs, undefined],
    ['with a clock that went back an hour', second + 1, second - HOUR, undefined],
  ] as const)('%s', (_when, last, now, due) => {
    expect(dueReminder(at, last, now)).toBe(due);
  });

  test('whatever the gaps between runs, no reminder is sent twice and none out of its time', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2 * HOUR, max: 30 * 24 * HOUR }), { maxLength: 40 }), (steps) => {
        let now = at.createMs;
        let last: number | undefined;
        const sent: number[] = [];
        for (const step of steps) {
          now += step;
          const due = dueReminder(at, last, now);
          if (due === undefined) continue;
          expect(now - due).toBeLessThanOrEqual(REMINDER_GRACE_MS);
          sent.push(due);
          last = now;
        }
        expect(sent).toEqual([...new Set(sent)].sort((a, b) => a - b));
      }),
    );
  });

  test('something changes next at each of its instants, in order, and then never', () => {
    const seen: number[] = [];
    for (let now = nextChange(at, 0); now !== undefined; now = nextChange(at, now)) seen.push(now);
    expect(seen).toEqual([at.createMs, at.opensMs, ...at.remindMs, at.closesMs]);
  });
});
