import type { CohortReport } from '../report/cohort-report.ts';

/** Makes the report of the cohort for a named person; nothing where content holds no analysis plan. */
export type MakeCohortReport = (asked: {
  readonly by: { readonly reference: string; readonly name?: string };
  readonly purpose: string;
  readonly approval: string;
  readonly nowMs: number;
}) => Promise<CohortReport | undefined>;
