import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';
import { generateCohort } from '../../src/embedded/cohort/generate-cohort.ts';
import type { FhirServer } from '../../src/fhir/port.ts';
import { type Ended, vincle } from '../faults/vincle.ts';

/** The synthetic trial that golden/trial.csv holds: as many patients as the paper’s, both arms, with what goes wrong in life. */
const cohort = () => generateCohort({ seed: 184, patients: 184, idPrefix: 'trial' });

/** Screeners but the thermometer at inclusion are no part of the data set: without them the trial is half as large. */
const isAskedFor = (it: FhirResource): boolean =>
  it.resourceType !== 'QuestionnaireResponse' ||
  !(/\/(phq-4|phq-9|gad-7|hads)\|/.test(it.questionnaire ?? '') || /-m\d+-distress-thermometer/.test(it.id ?? ''));

/** Loads the trial, in the order in which it comes, and gives the settings of a Vincle beside that server. */
export async function loadTrial(server: FhirServer, folder: string): Promise<Record<string, string>> {
  const { first, second, study } = cohort();
  for (const bundle of [...first, ...second]) {
    const entry = (bundle.entry ?? []).filter(({ resource }) => resource !== undefined && isAskedFor(resource));
    if (entry.length > 0) await server.request('POST', '', { ...bundle, entry });
  }
  const key = join(folder, 'key');
  writeFileSync(key, 'synthetic trial, nobody is in it'.padEnd(40, '.'), { mode: 0o600 });
  return {
    FHIR_BASE_URL: server.baseUrl,
    STUDY: study,
    STATE_URL: `sqlite:${join(folder, 'state.sqlite')}`,
    LOG_LEVEL: 'silent',
    COHORT_KEY_FILE: key,
  };
}

const UNLOCK = ['--unlock-by', 'Dr. Ada Vila', '--reason', 'the trial is synthetic', '--keep-small-cells'];

/** `vincle report cohort` of the trial, with every cell. */
export const reportTrial = (
  format: 'csv' | 'html' | 'json',
  out: string,
  env: Record<string, string>,
): Promise<Ended> =>
  vincle(
    ['report', 'cohort', '--format', format, '--out', out, '--purpose', 'a test', '--approval', 'none', ...UNLOCK],
    env,
  );
