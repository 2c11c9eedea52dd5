import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { canonical, canonicalText } from '../../src/analysis/canonical.ts';
import { agreement } from '../../src/analysis/cohort/agreement.ts';
import { cohortOf } from '../../src/analysis/cohort/cohort.ts';
import type { CohortData } from '../../src/analysis/cohort-data.ts';
import { isEstimated } from '../../src/analysis/estimate.ts';
import { GOLDEN_PLAN, goldenCohort } from './golden-cohort.ts';

const PLAN = {
  ...GOLDEN_PLAN,
  agreement: { ...GOLDEN_PLAN.agreement, bootstrap: 50 },
  missing: { ...GOLDEN_PLAN.missing, imputations: 2 },
};
const DATA = goldenCohort('missing');

/** The same people under the codes of another key, in another order. */
function otherwise(data: CohortData, salt: string, order: (index: number) => number): CohortData {
  const coded = (code: string): string => `${[...`${salt}${code}`].reverse().join('')}`;
  const shuffled = <T>(all: readonly T[]): T[] =>
    all
      .map((it, index) => ({ it, at: order(index) }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ it }) => it);
  return {
    ...data,
    patients: shuffled(data.patients).map((it) => ({ ...it, patient: coded(it.patient), site: coded(it.site) })),
    rows: shuffled(data.rows).map((it) => ({
      ...it,
      patient: coded(it.patient),
      therapist: it.therapist === undefined ? undefined : coded(it.therapist),
    })),
    therapists: shuffled(data.therapists).map((it) => ({
      ...it,
      therapist: coded(it.therapist),
      site: coded(it.site),
    })),
  };
}

test('codes of another key and rows in another order are the same data', () => {
  const ordered = JSON.stringify(canonical(DATA));
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 4 }),
      fc.infiniteStream(fc.double({ noNaN: true })),
      (salt, it) => {
        const places: number[] = [];
        const order = (index: number): number => {
          while (places.length <= index) places.push(it.next().value ?? 0);
          return places[index] ?? 0;
        };
        expect(JSON.stringify(canonical(otherwise(DATA, salt, order)))).toBe(ordered);
      },
    ),
    { numRuns: 30, seed: 1 },
  );
});

test('the same data give the same numbers, what is drawn at random too, under any key and in any order', () => {
  const found = [DATA, otherwise(DATA, 'k', (index) => (index * 7919) % 104_729)].map((it) =>
    JSON.stringify(analyseCohort(canonical(it), PLAN, { masked: false, reliableChange: [] })),
  );
  expect(found[1]).toBe(found[0]);
  expect(found[0]).toContain('bootstrap-therapists-percentile');
  expect(found[0]).toContain('rubin');
});

/** Every patient, therapist and site twice: the two are alike in all but their codes. */
function twins(data: CohortData): CohortData {
  const both = <T>(all: readonly T[], twin: (it: T) => T): T[] => [...all, ...all.map(twin)];
  const other = (code: string): string => `${code} twin`;
  return {
    ...data,
    patients: both(data.patients, (it) => ({ ...it, patient: other(it.patient), site: other(it.site) })),
    rows: both(data.rows, (it) => ({
      ...it,
      patient: other(it.patient),
      therapist: it.therapist === undefined ? undefined : other(it.therapist),
    })),
    therapists: both(data.therapists, (it) => ({ ...it, therapist: other(it.therapist), site: other(it.site) })),
  };
}

test('patients of two therapists who are alike are not mixed by their order', () => {
  const data = twins(DATA);
  const orders = [(i: number) => i, (i: number) => -i, (i: number) => (i * 7919) % 104_729];
  const found = orders.map((order) => canonicalText(canonical(otherwise(data, 'k', order))));
  expect(new Set(found).size).toBe(1);
});

test('the text of data does not depend on the order in which a reader filled them, nor on what nobody knows', () => {
  expect(canonicalText({ b: 1, a: [{ d: undefined, c: 2 }], e: { f: undefined } })).toBe(
    canonicalText({ a: [{ c: 2 }], b: 1, e: undefined }),
  );
  expect(canonicalText({ a: 1 })).not.toBe(canonicalText({ a: 2 }));
});

test('a level that differs is named wherever its interval leaves out zero, whatever is known of the order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 20 }), fc.integer({ min: -15, max: 15 }), (n, shift) => {
      const some = new Set(DATA.patients.slice(0, n).map((it) => it.patient));
      const rows = DATA.rows
        .filter((it) => some.has(it.patient))
        .map((it) =>
          it.rater === 'therapist' && it.total !== undefined
            ? { ...it, total: Math.min(84, Math.max(12, it.total + shift)) }
            : it,
        );
      for (const { lack, meanDifference } of agreement(cohortOf({ ...DATA, rows }, PLAN))) {
        const interval = isEstimated(meanDifference) ? meanDifference.interval : undefined;
        const biased = interval !== undefined && (interval.low > 0 || interval.high < 0);
        if (biased) expect(['bias', 'both', 'weak-and-bias', 'undecided']).toContain(lack);
        if (biased && lack === 'undecided') expect(isEstimated(meanDifference) && meanDifference.n < 5).toBe(true);
        if (interval !== undefined && !biased) expect(['bias', 'both', 'weak-and-bias']).not.toContain(lack);
      }
    }),
    { numRuns: 40, seed: 1 },
  );
});

test('a level that differs is named where no order can be had: all of one rater at the top of the scale', () => {
  const rows = DATA.rows.map((it) => (it.rater === 'therapist' ? { ...it, total: 84 } : it));
  for (const { lack, iccC1 } of agreement(cohortOf({ ...DATA, rows }, PLAN))) {
    expect(iccC1).toMatchObject({ reason: 'zero-variance' });
    expect(lack).toBe('bias');
  }
});
