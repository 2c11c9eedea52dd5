import { describe, expect, test } from '@jest/globals';
import { launchOf } from '../../src/app/api/launch.ts';
import { refusedFrom } from '../../src/app/api/refused.ts';
import { type Place, pathOf, placeOf } from '../../src/app/clinician/place.ts';
import { formatOf } from '../../src/app/format/format.ts';

describe('Addresses', () => {
  const places: readonly Place[] = [
    { page: 'worklist' },
    { page: 'patient', patient: 'a.b-1' },
    { page: 'response', patient: 'p', response: 'r' },
    { page: 'round' },
    { page: 'round', task: 't-1' },
    { page: 'paper' },
    { page: 'paper', task: 't-1' },
    { page: 'review' },
    { page: 'dead-letters' },
    { page: 'jobs' },
    { page: 'response-rates' },
    { page: 'accesses' },
    { page: 'cohort' },
  ];
  test.each(places)('%j is found again from its address', (place) => {
    expect(placeOf(pathOf(place))).toEqual(place);
  });

  test.each(['/nowhere', '/patients', '/review/1', '/patients/1/responses', '/patients/1/2/3/4', '/jobs/%E0%A4%A'])(
    '%s is no page',
    (path) => {
      expect(placeOf(path)).toEqual({ page: 'unknown' });
    },
  );

  test('a launch is read from the path alone, and only where it can be one', () => {
    expect(launchOf('/app/Ab-_9/patients/1')).toEqual({ id: 'Ab-_9', base: '/app/Ab-_9' });
    expect(launchOf('/form/x')).toEqual({ id: 'x', base: '/form/x' });
    for (const it of ['/', '/app', '/app/', '/app/a%20b/', '/other/x']) expect(launchOf(it)).toBeUndefined();
  });
});

describe('Refusals', () => {
  test('the stable word and the time to wait are read; anything else is no harm', () => {
    const body = { issue: [{ details: { text: 'busy' }, diagnostics: 'Try again.' }] };
    const refused = refusedFrom(503, body, '2');
    expect([refused.reason, refused.diagnostics, refused.retryAfter, refused.isPassing]).toEqual([
      'busy',
      'Try again.',
      2,
      true,
    ]);
    for (const it of [undefined, null, 'text', { issue: 'x' }, { issue: [null] }])
      expect(refusedFrom(403, it, null)).toMatchObject({ reason: 'status-403', isPassing: false });
  });
});

describe('Dates and numbers', () => {
  test('a local date is of no zone: it never becomes the day before', () => {
    expect(formatOf('en', 'America/Los_Angeles').date('2026-03-03')).toBe('3 Mar 2026');
    expect(formatOf('en', 'America/Los_Angeles').date('2026-03-03T02:00:00Z')).toBe('2 Mar 2026');
  });

  test('each language writes them its own way, and a sign is always a sign', () => {
    expect(formatOf('es', 'Europe/Madrid').number(77.5)).toBe('77,5');
    expect(formatOf('ca', 'Europe/Madrid').date('2026-03-03')).toBe('3 de març del 2026');
    expect(formatOf('en', 'Europe/Madrid').signed(-8)).toBe('−8');
    expect(formatOf('en', 'Europe/Madrid').signed(3)).toBe('+3');
    expect(formatOf('en', 'Europe/Madrid').signed(0)).toBe('0');
  });
});
