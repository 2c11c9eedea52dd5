import type { CohortArm } from '../analysis/cohort-data.ts';
import type { AnalysisPlan } from '../analysis/plan.ts';
import type { CohortAnalysis } from '../analysis/result.ts';
import type { CohortManifest } from '../pipeline/cohort/manifest.ts';

/** Languages of the report. */
export type ReportLanguage = 'en' | 'es' | 'ca';
export const REPORT_LANGUAGES: readonly ReportLanguage[] = ['ca', 'es', 'en'];

/** Everything that the report of a cohort is written from; no patient is in it but as a point without a name. */
export interface CohortReport {
  readonly analysis: CohortAnalysis;
  readonly manifest: CohortManifest;
  readonly plan: AnalysisPlan;
  /** Names of the arms, in the study’s order; empty where arms are masked or there are none. */
  readonly arms: readonly CohortArm[];
  /** Bounds of the total. */
  readonly scale: { readonly min: number; readonly max: number };
  /** Instruments whose scoring key nobody at the site has confirmed. */
  readonly unconfirmed: readonly string[];
  /** The study as it calls itself. */
  readonly study?: { readonly title?: string; readonly start?: string };
}
