import { type CohortRow, RATERS } from '../cohort-data.ts';
import type { SensitivityCode, SensitivityRun } from '../result.ts';
import { agreement } from './agreement.ts';
import { type Cohort, cohortOf, isDue } from './cohort.ts';
import { development } from './development.ts';

type Keep = (row: CohortRow) => boolean;

/** Development and agreement again, on the rows that each run keeps; runs that would drop nothing are left out. */
export function sensitivity(cohort: Cohort): SensitivityRun[] {
  const rows = cohort.ratings.map((it) => it.row);
  const { lateDays } = cohort.plan.agreement;
  const runs: readonly (readonly [SensitivityCode, Keep])[] = [
    ['complete-cases', isComplete(cohort)],
    ['without-prorated', (it) => !it.prorated],
    ['without-uniform', (it) => !it.uniform],
    ['without-late-paired', (it) => it.daysApart === undefined || it.daysApart <= lateDays],
    ['without-exposed', (it) => !it.exposed],
    ...byLanguage(cohort),
  ];
  return runs.flatMap(([run, keep]) => {
    const kept = rows.filter(keep);
    if (kept.length === rows.length) return [];
    const reduced = cohortOf(cohort.data, cohort.plan, kept);
    return [
      {
        run,
        dropped: rows.length - kept.length,
        development: development(reduced, false),
        // A figure of every run would repeat every rating of the cohort: the main analysis has the points.
        agreement: agreement(reduced).map((it) => ({ ...it, points: [] })),
      },
    ];
  });
}

/** Each rater’s patients with a total at every visit that was due. */
function isComplete(cohort: Cohort): Keep {
  const counts = new Map<string, number>();
  const keyOf = (row: CohortRow): string => `${row.rater}/${row.patient}`;
  for (const { row } of cohort.ratings) counts.set(keyOf(row), (counts.get(keyOf(row)) ?? 0) + 1);
  const patients = new Map(cohort.data.patients.map((it) => [it.patient, it]));
  return (row) => {
    const patient = patients.get(row.patient);
    const due = patient === undefined ? [] : cohort.visits.filter((it) => isDue(patient, it, row.rater));
    return (counts.get(keyOf(row)) ?? 0) >= due.length;
  };
}

/** One run for each language that enough patients answered in, where there are several. */
function byLanguage(cohort: Cohort): [SensitivityCode, Keep][] {
  const languages = [...new Set(cohort.ratings.flatMap((it) => it.row.language ?? []))].sort();
  if (languages.length < 2) return [];
  return languages
    .filter((language) => RATERS.some((rater) => countIn(cohort, language, rater) >= cohort.plan.minimum))
    .map((language) => [`language:${language}`, (it) => it.language === language]);
}

const countIn = (cohort: Cohort, language: string, rater: string): number =>
  cohort.ratings.filter((it) => it.row.language === language && it.row.rater === rater).length;
