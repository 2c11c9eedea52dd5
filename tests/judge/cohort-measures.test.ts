import { expect, test } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { cohortBundle } from '../../src/report/fhir/cohort-bundle.ts';
import { RUNNING, reportOn } from '../report/report-under-test.ts';
import { goldenCohort } from '../statistics/golden-cohort.ts';
import { errorLines, judge } from './judge.ts';

test('the HL7 validator finds no error in the measures of a cohort, open, blind, small or without arms', async () => {
  const reports = [
    reportOn(goldenCohort('missing')),
    reportOn(goldenCohort('missing'), RUNNING),
    reportOn(goldenCohort('few-therapists')),
    reportOn(goldenCohort('one-arm')),
  ];
  const bundles = reports.map(cohortBundle);
  const single = bundles
    .flatMap((it) => it.entry ?? [])
    .flatMap((it): FhirResource[] => (it.resource === undefined ? [] : [it.resource]));
  const resources: FhirResource[] = [...bundles, ...single];
  expect(errorLines(resources, await judge(resources))).toEqual([]);
}, 180_000);
