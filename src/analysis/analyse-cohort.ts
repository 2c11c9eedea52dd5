import type { ReliableChangeParameters } from '../domain/programme.ts';
import { agreement } from './cohort/agreement.ts';
import { associations } from './cohort/associations.ts';
import { reliableChange } from './cohort/change.ts';
import { type Cohort, cohortOf } from './cohort/cohort.ts';
import { decomposition } from './cohort/decomposition.ts';
import { descriptives } from './cohort/descriptives.ts';
import { development } from './cohort/development.ts';
import { deviations } from './cohort/deviations.ts';
import { flowOf } from './cohort/flow.ts';
import { imputation } from './cohort/imputation.ts';
import { jointDevelopment } from './cohort/joint.ts';
import { sensitivity } from './cohort/sensitivity.ts';
import type { CohortData } from './cohort-data.ts';
import type { AnalysisPlan } from './plan.ts';
import type { CohortAnalysis, Findings } from './result.ts';

export interface AnalysisOptions {
  /** True while a trial may not be unblinded: only flow and completeness are computed, arms not told apart. */
  readonly masked: boolean;
  /** Reliable-change parameters of the site’s content; none ship. */
  readonly reliableChange: readonly ReliableChangeParameters[];
  /** Told when a part begins, so that the caller can show progress and where the time goes. */
  readonly onPart?: (part: keyof Findings) => void;
}

/** The whole analysis of a cohort by a plan. Pure: the same data, plan and options give the same numbers. */
export function analyseCohort(data: CohortData, plan: AnalysisPlan, options: AnalysisOptions): CohortAnalysis {
  const common = {
    planVersion: plan.version,
    seed: plan.seed,
    level: plan.level,
    masked: options.masked,
    patients: data.patients.length,
    therapists: data.therapists.length,
    flow: flowOf(data, plan, options.masked),
  };
  if (options.masked) return { ...common, deviations: [] };
  const cohort = cohortOf(data, plan);
  const findings = findingsOf(cohort, options);
  return { ...common, deviations: deviations(cohort, findings), findings };
}

/** The order of the analysis, once. */
function findingsOf(cohort: Cohort, { reliableChange: content, onPart }: AnalysisOptions): Findings {
  const part = <T>(name: keyof Findings, compute: () => T): T => {
    onPart?.(name);
    return compute();
  };
  return {
    descriptives: part('descriptives', () => descriptives(cohort)),
    development: part('development', () => development(cohort, true)),
    joint: part('joint', () => jointDevelopment(cohort)),
    agreement: part('agreement', () => agreement(cohort)),
    decomposition: part('decomposition', () => decomposition(cohort)),
    change: part('change', () => reliableChange(cohort, content)),
    associations: part('associations', () => associations(cohort)),
    sensitivity: part('sensitivity', () => sensitivity(cohort)),
    imputation: part('imputation', () => imputation(cohort)),
  };
}
