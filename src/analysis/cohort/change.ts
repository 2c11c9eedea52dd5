import { criticalChange } from '../../domain/alliance.ts';
import type { ReliableChangeParameters } from '../../domain/programme.ts';
import { RATERS, type Rater } from '../cohort-data.ts';
import { isEstimated, without } from '../estimate.ts';
import { meanOf, shareOf } from '../estimators/location.ts';
import type { ChangeCell, ChangeParameters, ReliableChange, Unjudged } from '../result.ts';
import { armsAndAll, type Cohort, isIn, type Rating, ratedBy } from './cohort.ts';
import { reliabilityOf } from './descriptives.ts';

const INSTRUMENT: Readonly<Record<Rater, string>> = { patient: 'wai-s-p', therapist: 'wai-s-t' };

/** Reliable change of each rater between visits (Jacobson & Truax 1991), by the site’s parameters, else by the cohort’s. */
export function reliableChange(cohort: Cohort, content: readonly ReliableChangeParameters[]): ReliableChange[] {
  return RATERS.map((rater) => {
    const ratings = ratedBy(cohort, rater);
    const own = content.filter((it) => it.instrument === INSTRUMENT[rater]);
    const parameters = own.length > 0 ? own.map(fromContent) : fromCohort(cohort, ratings);
    return {
      rater,
      parameters,
      ...(parameters.length === 0 ? { reason: 'no-parameters' as const } : {}),
      cells: cellsOf(cohort, rater, ratings, parameters),
    };
  });
}

const fromContent = (it: ReliableChangeParameters): ChangeParameters => ({
  from: 'content',
  language: it.language,
  sd: it.sd,
  reliability: it.reliability,
  reliabilityKind: it.reliabilityKind,
  critical: criticalChange(it),
});

/** SD within arms and α at the first visit; none where either cannot be had. */
function fromCohort(cohort: Cohort, ratings: readonly Rating[]): ChangeParameters[] {
  const first = ratings.filter((it) => it.visit === 0);
  const alpha = reliabilityOf(first, cohort.plan.level);
  const groups = cohort.arms.length === 0 ? ['all'] : cohort.arms;
  let [squares, df] = [0, 0];
  for (const arm of groups) {
    const totals = first.filter((it) => isIn(arm, it.patient)).map((it) => it.total);
    const mean = totals.reduce((sum, it) => sum + it, 0) / totals.length;
    squares += totals.reduce((sum, it) => sum + (it - mean) ** 2, 0);
    df += Math.max(0, totals.length - 1);
  }
  const sd = df < cohort.plan.minimum ? 0 : Math.sqrt(squares / df);
  if (!isEstimated(alpha) || !(alpha.estimate > 0 && alpha.estimate < 1) || !(sd > 0)) return [];
  const found = { sd, reliability: alpha.estimate };
  return [{ from: 'cohort', ...found, reliabilityKind: alpha.method, critical: criticalChange(found) }];
}

function cellsOf(
  cohort: Cohort,
  rater: Rater,
  ratings: readonly Rating[],
  parameters: readonly ChangeParameters[],
): ChangeCell[] {
  const at = new Map(ratings.map((it) => [`${it.index}/${it.visit}`, it]));
  const spans = cohort.visits.flatMap((_, to) => (to === 0 ? [] : [[to - 1, to] as const]));
  const whole = cohort.visits.length > 2 ? [[0, cohort.visits.length - 1] as const] : [];
  return [...spans, ...whole].flatMap(([from, to]) => {
    const pairs = ratings.flatMap((later) => {
      const earlier = later.visit === to ? at.get(`${later.index}/${from}`) : undefined;
      return earlier === undefined ? [] : [{ earlier, later }];
    });
    return armsAndAll(cohort).map((arm) => {
      const own = pairs.filter((it) => isIn(arm, it.later.patient));
      return cellOf(
        cohort,
        { arm, rater, from: cohort.visits[from] ?? '', to: cohort.visits[to] ?? '' },
        own,
        parameters,
      );
    });
  });
}

interface Span {
  readonly earlier: Rating;
  readonly later: Rating;
}

function cellOf(
  cohort: Cohort,
  of: Pick<ChangeCell, 'arm' | 'rater' | 'from' | 'to'>,
  pairs: readonly Span[],
  parameters: readonly ChangeParameters[],
): ChangeCell {
  const { level } = cohort.plan;
  const verdicts = pairs.map((it) => verdictOf(it, parameters));
  const count = (verdict: Verdict): number => verdicts.filter((it) => it === verdict).length;
  const judged = count('increased') + count('unchanged') + count('decreased');
  const share = (verdict: Verdict) =>
    parameters.length === 0 ? without(pairs.length, 'no-parameters') : shareOf(count(verdict), judged, level);
  return {
    ...of,
    mean: meanOf(
      pairs.filter(isOneTherapy).map(({ earlier, later }) => later.total - earlier.total),
      level,
    ),
    increased: share('increased'),
    unchanged: share('unchanged'),
    decreased: share('decreased'),
    unjudged: {
      'prorated-total': count('prorated-total'),
      'language-or-version-changed': count('language-or-version-changed'),
      'therapist-changed': count('therapist-changed'),
      'therapist-unknown': count('therapist-unknown'),
      'no-reliable-change-parameters': count('no-reliable-change-parameters'),
    },
  };
}

/** Between two therapists there is no change. */
const isOneTherapy = ({ earlier, later }: Span): boolean =>
  earlier.row.therapist !== undefined && earlier.row.therapist === later.row.therapist;

type Verdict = 'increased' | 'unchanged' | 'decreased' | Unjudged;

/** As the contract defines it for one patient: unrounded values, strictly beyond the critical difference. */
function verdictOf({ earlier, later }: Span, parameters: readonly ChangeParameters[]): Verdict {
  const [before, after] = [earlier.row, later.row];
  if (before.therapist === undefined || after.therapist === undefined) return 'therapist-unknown';
  if (before.therapist !== after.therapist) return 'therapist-changed';
  const found = parameters.find((it) => it.language === undefined || it.language === after.language);
  if (found === undefined) return 'no-reliable-change-parameters';
  if (before.language !== after.language || before.version !== after.version) return 'language-or-version-changed';
  if (before.prorated || after.prorated) return 'prorated-total';
  const delta = later.total - earlier.total;
  if (Math.abs(delta) <= found.critical) return 'unchanged';
  return delta > 0 ? 'increased' : 'decreased';
}
