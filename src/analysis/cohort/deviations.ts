import { RATERS } from '../cohort-data.ts';
import type { Deviation } from '../plan.ts';
import type { Findings } from '../result.ts';
import { type Cohort, ratedBy } from './cohort.ts';
import { designOf } from './design.ts';

/** What was done otherwise than planned, and what of the data the plan could not take in. */
export function deviations(cohort: Cohort, findings: Findings): Deviation[] {
  const { data, plan } = cohort;
  const withoutArm = data.patients.filter((it) => it.arm === undefined).length;
  const changed = therapistsChanged(cohort);
  const outside = data.rows.filter((it) => !plan.visits.includes(it.visit)).length;
  return [
    ...(cohort.arms.length > 0 && withoutArm > 0 ? [{ code: 'patient-without-arm', n: withoutArm } as const] : []),
    ...(plan.comparison !== undefined && cohort.comparison === undefined
      ? [{ code: 'arms-not-as-planned' } as const]
      : []),
    ...armsOutside(cohort),
    ...plan.visits
      .filter((it) => !data.visits.includes(it))
      .map((about): Deviation => ({ code: 'visits-not-as-planned', about })),
    ...(outside > 0 ? [{ code: 'rows-outside-plan', n: outside } as const] : []),
    ...(changed > 0 ? [{ code: 'therapist-changed', n: changed } as const] : []),
    ...RATERS.flatMap((rater) =>
      designOf(cohort, ratedBy(cohort, rater)).deviations.map((it) => ({ ...it, about: `${rater}:${it.about ?? ''}` })),
    ),
    ...findings.development.flatMap(({ rater, structure }): Deviation[] =>
      structure === 'random-intercept' ? [{ code: 'random-intercept-instead-of-unstructured', about: rater }] : [],
    ),
    ...findings.associations.single
      .filter((it) => 'reason' in it.pearson && it.pearson.reason === 'measured-nowhere')
      .map((it): Deviation => ({ code: 'covariate-not-measured', about: `${it.outcome}:${it.variable}` })),
  ];
}

/** Arms that the plan compares with nothing: their patients are described, and in no comparison. */
function armsOutside({ arms, comparison, data }: Cohort): Deviation[] {
  if (comparison === undefined) return [];
  return arms
    .filter((it) => it !== comparison.of && it !== comparison.against)
    .map(
      (about): Deviation => ({
        code: 'arm-outside-plan',
        about,
        n: data.patients.filter((it) => it.arm === about).length,
      }),
    );
}

/** Patients whose ratings are about more than one therapist: the models nest them under the first. */
function therapistsChanged({ ratings, therapistOf }: Cohort): number {
  const changed = ratings.filter(
    ({ row }) => row.therapist !== undefined && row.therapist !== therapistOf.get(row.patient),
  );
  return new Set(changed.map((it) => it.row.patient)).size;
}
