import { expect, test } from '@jest/globals';
import type { MeasureReport } from 'fhir/r4.js';
import { connectFhir } from '../../src/fhir/connect.ts';
import { cohortBundle } from '../../src/report/fhir/cohort-bundle.ts';
import { reportOn } from '../report/report-under-test.ts';
import { goldenCohort } from '../statistics/golden-cohort.ts';
import { sharedRig } from './rig/shared.ts';

test('HAPI takes the measures of a cohort, and replaces them when they are sent again', async () => {
  const server = connectFhir({ baseUrl: sharedRig().hapi, auth: { kind: 'none' } });
  const study = 'ResearchStudy/cohort-measures';
  await server.write({
    method: 'PUT',
    resource: { resourceType: 'ResearchStudy', id: 'cohort-measures', status: 'completed' },
  });
  await server.write({ method: 'PUT', resource: { resourceType: 'Device', id: 'vincle' } });
  const report = reportOn(goldenCohort('balanced'));
  const bundle = cohortBundle({ ...report, manifest: { ...report.manifest, study } });
  for (let times = 0; times < 2; times += 1) await server.request('POST', '', bundle);
  for (const { resource } of bundle.entry ?? []) {
    if (resource?.resourceType !== 'MeasureReport') continue;
    const { system = '', value = '' } = resource.identifier?.[0] ?? {};
    const found: MeasureReport[] = [];
    for await (const { resources } of server.search({
      type: 'MeasureReport',
      params: [['identifier', `${system}|${value}`]],
    }))
      found.push(...resources);
    expect(found).toHaveLength(1);
    for (const { reference = '' } of found[0]?.evaluatedResource ?? [])
      expect((await server.read('Observation', reference.replace('Observation/', '')))?.focus).toEqual([
        { reference: study },
      ]);
  }
});
