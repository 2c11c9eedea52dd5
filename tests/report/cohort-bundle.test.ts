import { expect, test } from '@jest/globals';
import type { FhirResource, MeasureReport } from 'fhir/r4.js';
import { cohortBundle } from '../../src/report/fhir/cohort-bundle.ts';
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

test.each(['missing', 'one-arm'])('no number that is none leaves cohort %s', (name) => {
  expect(JSON.stringify(resourcesOf(name))).not.toMatch(/NaN|Infinity|:null/);
});

test('what may not be told of a few is masked in a MeasureReport, and has no Observation, the whole neither', () => {
  // One patient of one arm was rated at 12 months: the whole less the other arm would be her.
  const data = goldenCohort('balanced');
  const [one] = data.patients.filter((it) => it.arm === 'usual');
  const arm = new Map(data.patients.map((it) => [it.patient, it.arm]));
  const rows = data.rows.filter(
    (it) => it.visit !== 'm12' || arm.get(it.patient) !== 'usual' || it.patient === one?.patient,
  );
  const bundle = cohortBundle(reportOn({ ...data, rows }, undefined, false));
  const resources = (bundle.entry ?? []).flatMap((it) => it.resource ?? []);
  const report = reportsOf(resources).find((it) => it.measure?.includes('alliance-agreement'));
  const [told, hidden] = ['digital', 'usual'].map((it) => stratumOf(report, it, 'm12')?.measureScore);
  const whole = report?.group?.[0]?.stratifier?.[0]?.stratum?.filter(
    (it) => JSON.stringify(it).includes('"code":"m12"') && !/"code":"(digital|usual)"/.test(JSON.stringify(it)),
  );
  expect(whole).toHaveLength(1);
  expect(told?.value).toEqual(expect.any(Number));
  expect(hidden?.value).toBeUndefined();
  expect(JSON.stringify(whole)).toContain('masked');
  const atM12 = resources
    .map((it) => JSON.stringify(it))
    .filter((it) => it.includes('"Observation"') && it.includes('"code":"m12"'));
  expect(atM12.filter((it) => it.includes('"code":"digital"')).length).toBeGreaterThan(0);
  expect(atM12.filter((it) => !it.includes('"code":"digital"'))).toEqual([]);
});
