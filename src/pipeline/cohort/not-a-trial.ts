import type { InCohort } from './cohort-patient.ts';

/** A cohort that was declared no trial, and is one. */
export class TrialError extends Error {
  /** `ResearchStudy/…` */
  readonly study: string;

  constructor(study: string) {
    super(`${study} compares arms: it is a trial.`);
    this.name = 'TrialError';
    this.study = study;
  }
}

/**
 * Passes patients on until the ResearchSubjects of one study tell two arms apart: a study need not list its arms, and a
 * cohort without a study may be somebody’s trial all the same.
 * @throws TrialError
 */
export async function* notATrial(patients: AsyncIterable<InCohort>): AsyncGenerator<InCohort> {
  const arms = new Map<string, string>();
  for await (const it of patients) {
    for (const { study, arm } of it.assigned) {
      if ((arms.get(study) ?? arm) !== arm) throw new TrialError(study);
      arms.set(study, arm);
    }
    yield it;
  }
}
