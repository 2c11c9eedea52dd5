import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FhirResource, MeasureReport } from 'fhir/r4.js';
import { cohortBundle } from '../../src/report/fhir/cohort-bundle.ts';
import { SMALLEST, suppressed } from '../../src/report/fhir/suppression.ts';
import { golden, goldenCohort } from '../statistics/golden-cohort.ts';
import { RUNNING, reportOn } from './report-under-test.ts';

const resourcesOf = (name: string, blinding?: typeof RUNNING): FhirResource[] =>
  (cohortBundle(reportOn(goldenCohort(name), blinding)).entry ?? []).flatMap((it) => it.resource ?? []);
const reportsOf = (resources: readonly FhirResource[]): MeasureReport[] =>
  resources.filter((it) => it.resourceType === 'MeasureReport');
const stratumOf = (report: MeasureReport | undefined, ...codes: string[]) =>
  report?.group?.[0]?.stratifier?.[0]?.stratum?.find((it) =>
    codes.every((code) => JSON.stringify(it.component).includes(`"code":"${code}"`)),
  );

test('absolute agreement in the report of each arm and visit is the psych package’s', () => {
  const report = reportsOf(resourcesOf('balanced')).find((it) => it.measure?.includes('alliance-agreement'));
  for (const { arm, visit, n, iccA1 } of golden('balanced').agreement) {
    if (arm === 'all') continue;
    const found = stratumOf(report, arm, visit);
    expect(found?.population?.[0]?.count).toBe(n);
    expect(found?.measureScore?.value).toBeCloseTo(iccA1[0], 5);
  }
});

test('while the study is blind only response rates are written, and no arm is told apart', () => {
  const resources = resourcesOf('missing', RUNNING);
  expect(resources.map((it) => it.resourceType)).toEqual(['MeasureReport', 'MeasureReport']);
  expect(JSON.stringify(resources)).not.toMatch(/digital|usual|icc|mean-/);
});

test('sent again for the same study the same resources are replaced, and every reference is to one of them', () => {
  const [one, other] = [1, 2].map(() => cohortBundle(reportOn(goldenCohort('balanced'))));
  expect(other).toEqual(one);
  const urls = new Set(one?.entry?.map((it) => it.fullUrl));
  expect(urls.size).toBe(one?.entry?.length);
  for (const it of one?.entry ?? []) {
    expect(it.request?.url).toMatch(/^(Observation|MeasureReport)\?identifier=.+\|[0-9a-f-]{36}$/);
    if (it.resource?.resourceType === 'MeasureReport')
      for (const { reference } of it.resource.evaluatedResource ?? []) expect(urls).toContain(reference);
  }
});

test.each(['missing', 'one-arm'])('no count below five and no number that is none leaves cohort %s', (name) => {
  const text = JSON.stringify(resourcesOf(name));
  expect(text).not.toMatch(/NaN|Infinity|:null/);
  for (const [, count] of text.matchAll(/"count":(\d+)/g))
    expect(Number(count) === 0 || Number(count) >= SMALLEST).toBe(true);
});

describe('Suppression', () => {
  const parts = fc.array(
    fc
      .integer({ min: 0, max: 40 })
      .chain((denominator) =>
        fc.integer({ min: 0, max: denominator }).map((numerator) => ({ numerator, denominator })),
      ),
    { minLength: 2, maxLength: 8 },
  );

  test('a small count is never given, and none can be had by taking the others from the whole', () => {
    fc.assert(
      fc.property(parts, (all) => {
        const found = suppressed(all);
        for (const [i, it] of found.entries()) {
          const { numerator, denominator } = all[i] ?? { numerator: 0, denominator: 0 };
          if (denominator > 0 && denominator < SMALLEST) expect(it.denominator).toBe('masked');
          if (denominator > 0 && numerator < SMALLEST) expect(it.numerator).toBe('masked');
          if (denominator - numerator > 0 && denominator - numerator < SMALLEST) expect(it.numerator).toBe('masked');
        }
        const others = all.filter((it) => it.denominator > 0).length;
        for (const which of ['numerator', 'denominator'] as const) {
          const masked = found.filter((it) => it[which] === 'masked').length;
          expect(masked === 1 && others > 1).toBe(false);
        }
      }),
    );
  });

  test('three of thirty in one arm also hide the next smaller arm', () => {
    expect(
      suppressed([
        { numerator: 3, denominator: 30 },
        { numerator: 12, denominator: 30 },
        { numerator: 20, denominator: 30 },
      ]),
    ).toEqual([
      { numerator: 'masked', denominator: 30 },
      { numerator: 'masked', denominator: 30 },
      { numerator: 20, denominator: 30 },
    ]);
  });
});
