import type { Observation } from 'fhir/r4.js';
import { MEASURE } from '../../domain/derived-observation.ts';
import { literal } from '../../domain/reference.ts';
import type { FhirServer } from '../../fhir/port.ts';
import type { CohortFrame } from './cohort-patient.ts';
import type { PlatformAnswers } from './csv.ts';
import { counts, measureOf } from './observed.ts';

/** Satisfaction with the platform, of whoever was asked. */
export async function platformAnswers(server: FhirServer, code: CohortFrame['code']): Promise<PlatformAnswers> {
  const answers = new Map<string, number[]>();
  const search = {
    type: 'Observation' as const,
    params: [
      ['code', `${MEASURE}|vas-platform`],
      ['_sort', '_id'],
      ['_count', '500'],
    ] as const,
  };
  for await (const { resources } of server.search(search))
    for (const it of resources as readonly Observation[]) {
      const person = literal(it.performer?.[0], server.baseUrl);
      const value = it.valueQuantity?.value;
      if (person === undefined || value === undefined || measureOf(it) !== 'vas-platform' || !counts(it)) continue;
      const own = answers.get(code('therapist', person)) ?? [];
      answers.set(code('therapist', person), [...own, value]);
    }
  return answers;
}
