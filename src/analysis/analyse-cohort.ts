import type { ReliableChangeParameters } from '../domain/programme.ts';
import type { CohortData } from './cohort-data.ts';
import type { AnalysisPlan } from './plan.ts';
import type { CohortAnalysis } from './result.ts';

export interface AnalysisOptions {
  /** True while a trial may not be unblinded: only flow and completeness are computed, arms not told apart. */
  readonly masked: boolean;
  /** Reliable-change parameters of the site’s content; none ship. */
  readonly reliableChange: readonly ReliableChangeParameters[];
}

/** The whole analysis of a cohort by a plan. Pure: the same data, plan and options give the same numbers. */
export type AnalyseCohort = (data: CohortData, plan: AnalysisPlan, options: AnalysisOptions) => CohortAnalysis;
