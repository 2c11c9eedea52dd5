import { type Estimate, isEstimated, without } from '../estimate.ts';
import { blandAltman, linOf } from '../estimators/bland-altman.ts';
import { type Pair, pearsonOf } from '../estimators/correlation.ts';
import { iccOf } from '../estimators/icc.ts';
import { addPair, centred, iccA1, iccC1, meanSquares, noPairs, type PairedSums } from '../estimators/paired-sums.ts';
import { type Random, seeded } from '../numeric/random.ts';
import type { AgreementCell, AgreementLack } from '../result.ts';
import { armsAndAll, type Cohort, isIn, pairsOf, type RatedPair } from './cohort.ts';

/** Below this whole interval consistency is called poor (Koo & Li 2016). */
const POOR = 0.5;
/** Numbers of a therapist’s sums: n, a, b, aa, bb, ab, one after the other in a plain array. */
const FIELDS = 6;

/** Patient and therapist at each visit, by arm and in all. */
export function agreement(cohort: Cohort): AgreementCell[] {
  const all = pairsOf(cohort);
  return cohort.visits.flatMap((visit, index) =>
    armsAndAll(cohort).map((arm) => {
      const pairs = all.filter((it) => it.visit === index && isIn(arm, it.patient));
      return cellOf(cohort, arm, visit, pairs);
    }),
  );
}

function cellOf(cohort: Cohort, arm: string, visit: string, rated: readonly RatedPair[]): AgreementCell {
  const { level, agreement: plan, seed, minimum } = cohort.plan;
  // Fewer than the plan’s minimum say nothing of a group, and would say something of a person.
  const enough = rated.length >= minimum ? rated : [];
  const pairs = enough.map((it): Pair => [it.byPatient.total, it.byTherapist.total]);
  const { a1, c1 } = iccOf(pairs, level);
  const drawn = bootstrap(enough, plan.bootstrap, seeded(seed, 'agreement', arm, visit), level);
  const altman = blandAltman(pairs, level);
  const few = (it: Estimate): Estimate =>
    rated.length > 0 && enough.length === 0 ? without(rated.length, 'too-few') : it;
  return {
    arm,
    visit,
    dyads: rated.length,
    therapists: drawn.therapists,
    iccA1: few(a1),
    iccC1: few(c1),
    iccA1Bootstrap: few(withInterval(a1, drawn, drawn.a1)),
    iccC1Bootstrap: few(withInterval(c1, drawn, drawn.c1)),
    bootstrapUnreliable: drawn.therapists < plan.minimumTherapists,
    meanDifference: few(altman.meanDifference),
    sdOfDifference: few(altman.sdOfDifference),
    lowerLimit: few(altman.lowerLimit),
    upperLimit: few(altman.upperLimit),
    proportionalBias: few(altman.proportionalBias),
    lin: few(linOf(pairs, level)),
    pearson: few(pearsonOf(pairs, level)),
    lack: lackOf(c1, altman.meanDifference),
    points: pairs.map(([a, b]) => ({ mean: (a + b) / 2, difference: a - b })),
  };
}

/**
 * Which part is missing, told by intervals alone: a shared order where that of ICC(C,1) lies below 0.5 and holds zero
 * (above zero it is there, and weak), the same level where that of the mean difference leaves out zero.
 */
function lackOf(consistency: Estimate, difference: Estimate): AgreementLack {
  const order = isEstimated(consistency) ? consistency.interval : undefined;
  const shift = isEstimated(difference) ? difference.interval : undefined;
  if (shift === undefined) return 'undecided';
  const biased = shift.low > 0 || shift.high < 0;
  if (order === undefined) return biased ? 'bias' : 'undecided';
  if (order.high < POOR && order.low > 0) return biased ? 'weak-and-bias' : 'weak';
  if (order.high < POOR) return biased ? 'both' : 'ordering';
  if (biased) return 'bias';
  return order.low >= POOR ? 'none' : 'undecided';
}

const withInterval = (it: Estimate, drawn: Drawn, interval: Drawn['a1']): Estimate => {
  if (!isEstimated(it)) return it;
  const bare = { n: it.n, estimate: it.estimate, method: 'bootstrap-therapists-percentile' } as const;
  return interval === undefined
    ? { ...bare, noInterval: drawn.therapists < 2 ? 'one-therapist' : 'too-few' }
    : { ...bare, interval: { low: interval[0], high: interval[1], level: interval[2] } };
};

interface Drawn {
  readonly therapists: number;
  readonly a1: readonly [number, number, number] | undefined;
  readonly c1: readonly [number, number, number] | undefined;
}

/** Where one therapist alone is drawn as often as a tail is wide, the ends of the interval are those of one therapist. */
const tellsTails = (therapists: number, level: number): boolean =>
  therapists > 1 && therapists ** (1 - therapists) < (1 - level) / 2;

/** Percentile interval over resampled therapists with all their dyads; sums make a draw cost their number, not the dyads’. */
function bootstrap(rated: readonly RatedPair[], draws: number, random: Random, level: number): Drawn {
  const clusters = clusterSums(rated);
  const therapists = clusters.length / FIELDS;
  if (!tellsTails(therapists, level)) return { therapists, a1: undefined, c1: undefined };
  const absolute: number[] = [];
  const consistent: number[] = [];
  for (let draw = 0; draw < draws; draw += 1) {
    const sums = resample(clusters, random);
    if (sums.n < 3) continue;
    const squares = meanSquares(centred(sums));
    const [a1, c1] = [iccA1(squares), iccC1(squares)];
    if (Number.isFinite(a1)) absolute.push(a1);
    if (Number.isFinite(c1)) consistent.push(c1);
  }
  return { therapists, a1: percentiles(absolute, draws, level), c1: percentiles(consistent, draws, level) };
}

/** The sums of as many therapists as there are, drawn with replacement. */
function resample(clusters: Float64Array, random: Random): PairedSums {
  const therapists = clusters.length / FIELDS;
  let [n, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < therapists; i += 1) {
    const at = FIELDS * Math.floor(random() * therapists);
    n += clusters[at] ?? 0;
    a += clusters[at + 1] ?? 0;
    b += clusters[at + 2] ?? 0;
    aa += clusters[at + 3] ?? 0;
    bb += clusters[at + 4] ?? 0;
    ab += clusters[at + 5] ?? 0;
  }
  return { n, a, b, aa, bb, ab };
}

/** Sums of each therapist’s dyads, about the first dyad; dyads without a therapist are left out. */
function clusterSums(rated: readonly RatedPair[]): Float64Array {
  const origin = rated[0]?.byPatient.total ?? 0;
  const clusters = new Map<string, PairedSums>();
  for (const { therapist, byPatient, byTherapist } of rated) {
    if (therapist === undefined) continue;
    const own = clusters.get(therapist) ?? noPairs();
    clusters.set(therapist, own);
    addPair(own, byPatient.total - origin, byTherapist.total - origin);
  }
  const ordered = [...clusters].sort(([a], [b]) => (a < b ? -1 : 1));
  return Float64Array.from(ordered.flatMap(([, { n, a, b, aa, bb, ab }]) => [n, a, b, aa, bb, ab]));
}

function percentiles(values: number[], draws: number, level: number): readonly [number, number, number] | undefined {
  // A tail cannot be told where a part of the draws has no value.
  if (values.length < 0.95 * draws || values.length === 0) return undefined;
  values.sort((a, b) => a - b);
  const at = (probability: number): number => {
    const place = (values.length - 1) * probability;
    const [low, high] = [values[Math.floor(place)] ?? 0, values[Math.ceil(place)] ?? 0];
    return low + (place - Math.floor(place)) * (high - low);
  };
  return [at((1 - level) / 2), at((1 + level) / 2), level];
}
