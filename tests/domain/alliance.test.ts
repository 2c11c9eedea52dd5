import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { changes, criticalChange, dyads } from '../../src/domain/alliance.ts';
import { readAuthored } from '../../src/domain/instant.ts';
import type { Instrument } from '../../src/domain/instrument.ts';
import type { VisitPlan } from '../../src/domain/programme.ts';
import { placeRatings, type Rating } from '../../src/domain/rating.ts';

const plan: VisitPlan = {
  version: '1.0.0',
  windows: [
    { visit: 'm3', months: 3, early: 44, late: 44, except: [] },
    { visit: 'm6', months: 6, early: 44, late: 44, except: [] },
    { visit: 'm12', months: 12, early: 60, late: 60, except: [] },
  ],
};
const INCLUDED = '2025-01-10';
const instrument = (id: string, more: Partial<Instrument> = {}): Instrument => ({
  id,
  url: `https://example.org/${id}`,
  version: '1.0.0',
  rater: id.endsWith('-t') ? 'therapist' : 'patient',
  use: 'study',
  alliance: id.startsWith('wai'),
  subject: 'Patient',
  items: [],
  keys: [],
  totalCodes: [],
  keyConfirmed: false,
  ...more,
});
let serial = 0;
interface Made {
  id?: string;
  on: string;
  total?: number;
  therapist?: string;
  language?: string;
  prorated?: boolean;
  accepted?: boolean;
  instrument?: Partial<Instrument>;
}
function rated(form: string, made: Made): Rating {
  serial += 1;
  const about = instrument(form, made.instrument);
  const response = `QuestionnaireResponse/${made.id ?? `r${String(serial).padStart(4, '0')}`}`;
  return {
    response,
    key: response,
    instrument: about,
    subject: 'Patient/a',
    rater: about.rater === 'patient' ? 'Patient/a' : (made.therapist ?? 'Practitioner/x'),
    therapist: about.alliance ? (made.therapist ?? 'Practitioner/x') : undefined,
    authored: readAuthored(made.on, 'Europe/Madrid')!,
    language: made.language ?? 'es',
    amended: false,
    scores: new Map([['total', { value: made.total, prorated: made.prorated ?? false }]]),
    answered: 12,
    uniform: false,
    keyConfirmed: false,
    accepted: made.accepted ?? false,
  };
}
const place = (...ratings: Rating[]) => placeRatings(ratings, INCLUDED, plan);
const none = () => undefined;
const parameters = (sd: number, reliability: number) => () => ({
  instrument: 'wai-s-p',
  language: 'es',
  sd,
  reliability,
  reliabilityKind: 'alpha',
  population: 'test',
  source: 'test',
});

describe('which rating counts', () => {
  test('of two ratings at one visit the first with a total counts, whatever order they were stored in', () => {
    const placed = place(
      rated('wai-s-p', { id: 'late', on: '2025-04-20', total: 70 }),
      rated('wai-s-p', { id: 'early', on: '2025-04-08', total: 60 }),
    );
    expect(placed.map((it) => [it.response, it.counted])).toEqual([
      ['QuestionnaireResponse/early', true],
      ['QuestionnaireResponse/late', false],
    ]);
  });
  test('a first rating without a total does not take the place of a later one that has one', () => {
    const placed = place(
      rated('wai-s-p', { id: 'empty', on: '2025-04-08' }),
      rated('wai-s-p', { id: 'full', on: '2025-04-20', total: 70 }),
    );
    expect(dyads('Patient/a', placed)[0]?.byPatient?.response).toBe('QuestionnaireResponse/full');
  });
  test('a later rating that a coordinator accepted counts instead of the first', () => {
    const placed = place(
      rated('wai-s-p', { id: 'first', on: '2025-04-08', total: 60 }),
      rated('wai-s-p', { id: 'second', on: '2025-04-20', total: 70, accepted: true }),
    );
    expect(placed.filter((it) => it.counted).map((it) => it.response)).toEqual(['QuestionnaireResponse/second']);
  });
  test('ratings of two therapists at one visit count each for its own', () => {
    const placed = place(
      rated('wai-s-p', { on: '2025-04-08', total: 60 }),
      rated('wai-s-p', { on: '2025-04-09', total: 50, therapist: 'Practitioner/y' }),
    );
    expect(placed.map((it) => it.counted)).toEqual([true, true]);
  });
  test('of several screenings around a visit only the nearest bears its name', () => {
    const series = { use: 'series' as const };
    const placed = place(
      rated('phq-9', { on: '2025-03-20', total: 5, instrument: series }),
      rated('phq-9', { on: '2025-04-11', total: 6, instrument: series }),
      rated('phq-9', { on: '2025-05-01', total: 7, instrument: series }),
    );
    expect(placed.map((it) => [it.visit, it.counted])).toEqual([
      ['unscheduled', true],
      ['m3', true],
      ['unscheduled', true],
    ]);
  });
});

describe('dyads', () => {
  test('patient and therapist at one visit are one dyad; a missing partner is a state', () => {
    const placed = place(
      rated('wai-s-p', { on: '2025-04-08', total: 72 }),
      rated('wai-s-t', { on: '2025-04-12', total: 66 }),
      rated('wai-s-t', { on: '2025-07-12', total: 64 }),
    );
    expect(
      dyads('Patient/a', placed).map((it) => [it.visit, it.byPatient !== undefined, it.byTherapist !== undefined]),
    ).toEqual([
      ['m3', true, true],
      ['m6', false, true],
    ]);
  });
  test('an unscheduled rating makes no dyad and no change', () => {
    const placed = place(
      rated('wai-s-p', { on: '2025-02-01', total: 72 }),
      rated('wai-s-p', { on: '2025-04-08', total: 70 }),
    );
    expect([dyads('Patient/a', placed).length, changes('Patient/a', placed, none).length]).toEqual([1, 0]);
  });
  test('a rating about nobody known makes no dyad', () => {
    const unclear = { ...rated('wai-s-p', { on: '2025-04-08', total: 72 }), therapist: undefined };
    expect(dyads('Patient/a', place(unclear))).toEqual([]);
  });
});

describe('change', () => {
  const two = (first: Made, second: Made) => place(rated('wai-s-p', first), rated('wai-s-p', second));
  test('the first rating has no change, the next is compared with the one before', () => {
    const [change, ...more] = changes(
      'Patient/a',
      two({ on: '2025-04-08', total: 60 }, { on: '2025-07-08', total: 70 }),
      none,
    );
    expect([change?.visit, change?.previous?.visit, more.length]).toEqual(['m6', 'm3', 0]);
  });
  test('a visit in between without a rating is passed over', () => {
    const [change] = changes('Patient/a', two({ on: '2025-04-08', total: 60 }, { on: '2026-01-08', total: 70 }), none);
    expect([change?.visit, change?.previous?.visit]).toEqual(['m12', 'm3']);
  });
  test('across therapists there is no change, and it says so by having no previous', () => {
    const [change] = changes(
      'Patient/a',
      two({ on: '2025-04-08', total: 60 }, { on: '2025-07-08', total: 70, therapist: 'Practitioner/y' }),
      none,
    );
    expect([change?.therapist, change?.previous]).toEqual(['Practitioner/y', undefined]);
  });
  // clinical.md 2.2 [C], after Jacobson & Truax 1991: SD 10, reliability .90 gives 8.77.
  test.each([
    [8, 0.93, 5.87],
    [10, 0.9, 8.77],
    [10, 0.93, 7.33],
    [10, 0.95, 6.2],
    [12, 0.93, 8.8],
  ])('SD %d and reliability %d need a difference of %d', (sd, reliability, threshold) => {
    expect(criticalChange({ sd, reliability })).toBeCloseTo(threshold, 2);
  });
  test('a difference equal to the threshold is not reliable, one above it is, in either direction', () => {
    const verdict = (from: number, to: number) =>
      changes(
        'Patient/a',
        two({ on: '2025-04-08', total: from }, { on: '2025-07-08', total: to }),
        parameters(10, 0.9),
      )[0]?.verdict;
    expect([verdict(60, 68), verdict(60, 69), verdict(69, 60)]).toEqual([
      'no-reliable-change',
      'reliable-increase',
      'reliable-decrease',
    ]);
  });
  test('without parameters, for a prorated total, and in another language no verdict is given', () => {
    const verdict = (first: Made, second: Made, from: Parameters<typeof changes>[2]) =>
      changes('Patient/a', two(first, second), from)[0]?.verdict;
    const a = { on: '2025-04-08', total: 60 };
    const b = { on: '2025-07-08', total: 80 };
    expect(verdict(a, b, none)).toBe('no-reliable-change-parameters');
    expect(verdict(a, { ...b, prorated: true }, parameters(10, 0.9))).toBe('prorated-total');
    expect(verdict(a, { ...b, language: 'ca' }, parameters(10, 0.9))).toBe('language-or-version-changed');
  });
});

describe('any set of ratings, in any order', () => {
  const arbitrary = fc.record({
    form: fc.constantFrom('wai-s-p', 'wai-s-t'),
    day: fc.integer({ min: 0, max: 420 }),
    therapist: fc.constantFrom('Practitioner/x', 'Practitioner/y'),
    total: fc.option(fc.integer({ min: 12, max: 84 }), { nil: undefined }),
  });
  test('at most one rating counts for a therapist, rater and visit; the order of storing changes nothing', () => {
    fc.assert(
      fc.property(fc.array(arbitrary, { maxLength: 14 }), fc.infiniteStream(fc.nat()), (specs, keys) => {
        const ratings = specs.map(({ form, day, therapist, total }, index) =>
          rated(form, {
            id: `r${index}`,
            on: new Date(Date.UTC(2025, 0, 10 + day, 10)).toISOString(),
            therapist,
            ...(total === undefined ? {} : { total }),
          }),
        );
        const shuffled = ratings
          .map((it) => ({ it, key: keys.next().value }))
          .sort((a, b) => a.key - b.key)
          .map(({ it }) => it);
        const placed = place(...ratings);
        expect(place(...shuffled)).toEqual(placed);
        const slots = placed
          .filter((it) => it.counted && it.visit !== 'unscheduled' && it.scores.get('total')?.value !== undefined)
          .map((it) => [it.instrument.id, it.therapist, it.rater, it.visit].join());
        expect(new Set(slots).size).toBe(slots.length);
        for (const dyad of dyads('Patient/a', placed))
          expect([dyad.byPatient, dyad.byTherapist].some((it) => it !== undefined)).toBe(true);
      }),
    );
  });
});
