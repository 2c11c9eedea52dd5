import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from '@jest/globals';
import { parse } from 'csv-parse';
import { analyseCohort } from '../../src/analysis/analyse-cohort.ts';
import { canonical } from '../../src/analysis/canonical.ts';
import type { CohortPatient, CohortRow, CohortTherapist } from '../../src/analysis/cohort-data.ts';
import { patientsOfExport } from '../../src/pipeline/cohort/read-export.ts';
import { expectGolden } from './trial-golden.ts';

const ROOT = join(import.meta.dirname, '..', '..');

test('the analysis of the exported synthetic trial of 184 is R’s of the same CSV: 10⁻⁶ for agreement, t and correlation, 10⁻³ for mixed models', async () => {
  const file = join(import.meta.dirname, 'golden', 'trial.csv');
  const [patients, rows]: [CohortPatient[], CohortRow[]] = [[], []];
  const therapists = new Map<string, CohortTherapist>();
  for await (const it of patientsOfExport(createReadStream(file).pipe(parse({ columns: true })), 'trial.csv')) {
    patients.push(it.patient);
    rows.push(...it.rows);
    for (const { therapist } of it.rows)
      if (therapist !== undefined && !therapists.has(therapist)) {
        const value = it.platform.get(therapist);
        const vasPlatform = value === undefined ? [] : [value];
        therapists.set(therapist, { therapist, site: it.patient.site, vasPlatform });
      }
  }
  const plan = JSON.parse(readFileSync(join(ROOT, 'profiles/programme/analysis-plan.json'), 'utf8'));
  const arms = ['usual', 'digital'].map((arm) => ({ arm, label: arm }));
  const data = { arms, visits: plan.visits, scale: { min: 12, max: 84 }, patients, rows };
  const few = { ...plan, agreement: { ...plan.agreement, bootstrap: 50 } };
  // As every report analyses it: ordered by its values, whatever the codes.
  const ordered = canonical({ ...data, therapists: [...therapists.values()] });
  expectGolden(analyseCohort(ordered, few, { masked: false, reliableChange: [] }));
});
