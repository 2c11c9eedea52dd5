import type { AnalysisPlan } from '../analysis/plan.ts';
import { readPlan } from '../analysis/read-plan.ts';
import type { Issue } from '../domain/outcome.ts';
import type { VisitPlan } from '../domain/programme.ts';
import { fault } from './content-error.ts';
import type { ContentFile } from './content-files.ts';

/** What the analysis of a cohort does, fixed before anybody looks at scores. */
export const ANALYSIS_PLAN = 'profiles/programme/analysis-plan.json';

/** The analysis plan; one fault for each part that is not as it must be, or that names a visit the programme has not. */
export function readAnalysisPlan(
  files: readonly ContentFile[],
  visits: VisitPlan,
  issues: Issue[],
): AnalysisPlan | undefined {
  const file = files.find((it) => it.path === ANALYSIS_PLAN);
  if (file === undefined) {
    issues.push(fault(ANALYSIS_PLAN, '', 'missing-file', 'The file is missing.'));
    return undefined;
  }
  const plan = readPlan(file.json);
  if ('faults' in plan) {
    for (const { path, needs } of plan.faults)
      issues.push(fault(ANALYSIS_PLAN, path, 'malformed', `It needs ${needs}.`));
    return undefined;
  }
  const known = new Set<string>(visits.windows.map((it) => it.visit));
  plan.visits.forEach((visit, index) => {
    if (!known.has(visit))
      issues.push(fault(ANALYSIS_PLAN, `visits[${index}]`, 'unknown-visit', `The programme has no visit ${visit}.`));
  });
  return plan;
}
