import { describe, expect, test } from '@jest/globals';
import { covers, daysApart, readAuthored } from '../../src/domain/instant.ts';

const MADRID = 'Europe/Madrid';
const instant = (text: string | undefined) => {
  const read = readAuthored(text, MADRID);
  return (
    read && {
      at: new Date(read.epochMs).toISOString(),
      date: read.date,
      precision: read.precision,
      assumed: read.zoneAssumed,
    }
  );
};

describe('when a response was authored', () => {
  test('a month counts as noon of its 15th in the hospital’s zone', () => {
    expect(instant('2025-07')).toEqual({
      at: '2025-07-15T10:00:00.000Z',
      date: '2025-07-15',
      precision: 'month',
      assumed: false,
    });
  });
  test('a day counts as its noon in the hospital’s zone', () => {
    expect(instant('2025-01-31')).toEqual({
      at: '2025-01-31T11:00:00.000Z',
      date: '2025-01-31',
      precision: 'day',
      assumed: false,
    });
  });
  test('a time without a zone is read in the hospital’s zone, and said', () => {
    expect(instant('2025-07-01T09:30:00')).toEqual({
      at: '2025-07-01T07:30:00.000Z',
      date: '2025-07-01',
      precision: 'instant',
      assumed: true,
    });
  });
  test('a time in the hour that the clock change skips is moved on by that hour', () => {
    expect(instant('2025-03-30T02:30:00')?.at).toBe('2025-03-30T01:30:00.000Z');
  });
  test('of the hour that the clock change repeats, the first is taken', () => {
    expect(instant('2025-10-26T02:30:00')?.at).toBe('2025-10-26T00:30:00.000Z');
  });
  test('+14:00 is a zone, and the local date is Madrid’s', () => {
    expect(instant('2025-05-02T08:00:00+14:00')).toEqual({
      at: '2025-05-01T18:00:00.000Z',
      date: '2025-05-01',
      precision: 'instant',
      assumed: false,
    });
  });
  test('what is derived from a time without a zone states the zone it was read in', () => {
    expect(readAuthored('2025-07-01T09:30:00', MADRID)?.text).toBe('2025-07-01T09:30:00+02:00');
    expect(readAuthored('2025-03-30T02:30:00', MADRID)?.text).toBe('2025-03-30T03:30:00+02:00');
  });
  test('a time without seconds is given them, because FHIR asks for seconds', () => {
    expect(readAuthored('2025-07-01T09:30Z', MADRID)?.text).toBe('2025-07-01T09:30:00Z');
  });
  test('just before midnight UTC is already the next day in Madrid', () => {
    expect(instant('2025-05-01T23:30:00Z')?.date).toBe('2025-05-02');
  });
  test.each(['2025', '2025-13', '2025-02-30', '2025-02-30T10:00:00', '2025-05-01T10:00:00+15:00', 'yesterday', ''])(
    '%p is no time to the month',
    (text) => expect(instant(text)).toBeUndefined(),
  );
  test('nothing at all is nothing', () => expect(instant(undefined)).toBeUndefined());
});

describe('periods and distances', () => {
  test('a period without an end covers what comes after its first day, that day included', () => {
    expect(covers({ start: '2025-03-01' }, '2025-03-01')).toBe(true);
    expect(covers({ start: '2025-03-01' }, '2025-02-28')).toBe(false);
  });
  test('a period that ends in a month covers the whole month', () =>
    expect(covers({ end: '2025-03' }, '2025-03-31')).toBe(true));
  test('no period covers everything', () => expect(covers(undefined, '2025-03-31')).toBe(true));
  test('days apart are calendar days across a clock change', () =>
    expect(daysApart('2025-03-29', '2025-03-31')).toBe(2));
});
