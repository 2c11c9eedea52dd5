import type { CohortReport } from '../report/cohort-report.ts';

/**
 * Makes the report of the cohort for a named person; nothing where content holds no analysis plan.
 * @throws TrialError where a trial is declared none
 */
export type MakeCohortReport = (asked: {
  readonly by: { readonly reference: string; readonly name?: string };
  readonly purpose: string;
  readonly approval: string;
  /** Declares that nobody in the cohort is blinded. */
  readonly notATrial: boolean;
  readonly nowMs: number;
}) => Promise<CohortReport | undefined>;
