import { RATERS, type Rater } from '../cohort-data.ts';
import { type Estimate, without } from '../estimate.ts';
import { alphaOf } from '../estimators/alpha.ts';
import { meanOf, quantileOf, sdOf, shareOf } from '../estimators/location.ts';
import type { DescriptiveCell } from '../result.ts';
import { armsAndAll, type Cohort, isDue, isIn, type Rating } from './cohort.ts';

/** Each rater’s totals by arm and visit. */
export function descriptives(cohort: Cohort): DescriptiveCell[] {
  const cells = new Map<string, Rating[]>();
  for (const rating of cohort.ratings) {
    const key = `${rating.row.rater}/${rating.visit}`;
    const own = cells.get(key);
    if (own === undefined) cells.set(key, [rating]);
    else own.push(rating);
  }
  return RATERS.flatMap((rater) =>
    cohort.visits.flatMap((visit, index) =>
      armsAndAll(cohort).map((arm) => {
        const own = (cells.get(`${rater}/${index}`) ?? []).filter((it) => isIn(arm, it.patient));
        return cellOf(cohort, rater, visit, arm, own);
      }),
    ),
  );
}

function cellOf(cohort: Cohort, rater: Rater, visit: string, arm: string, ratings: readonly Rating[]): DescriptiveCell {
  const { level } = cohort.plan;
  const { max: top } = cohort.data.scale;
  const totals = ratings.map((it) => it.total);
  const due = cohort.data.patients.filter((it) => isIn(arm, it) && isDue(it, visit, rater)).length;
  return {
    arm,
    visit,
    rater,
    missing: Math.max(0, due - totals.length),
    mean: meanOf(totals, level),
    sd: sdOf(totals, level),
    median: quantileOf(totals, 0.5),
    q1: quantileOf(totals, 0.25),
    q3: quantileOf(totals, 0.75),
    min: quantileOf(totals, 0),
    max: quantileOf(totals, 1),
    atMaximum: shareOf(totals.filter((it) => it >= top).length, totals.length, level),
    reliability: reliabilityOf(ratings, level),
  };
}

/** α over the three subscales of the ratings that have them all, none prorated. */
export function reliabilityOf(ratings: readonly Rating[], level: number): Estimate {
  const whole = ratings.flatMap(({ row }) => {
    const { task, bond, goal } = row.subscales;
    return row.prorated || task === undefined || bond === undefined || goal === undefined ? [] : [[task, bond, goal]];
  });
  return whole.length === 0 ? without(0, 'no-data') : alphaOf(whole, level, 'feldt-alpha-subscales');
}
