import { momentsOf } from '../mixed/moments.ts';
import { variance } from '../mixed/structure.ts';
import { fitWithTherapists, isTherapistFit } from '../mixed/therapist-fit.ts';
import type { Decomposition, VariancePart } from '../result.ts';
import type { Cohort } from './cohort.ts';
import { designOf } from './design.ts';
import { raterOfOccasion } from './joint.ts';
import { varianceEstimate } from './variance-estimate.ts';

const PARTS: readonly VariancePart[] = ['residual', 'patient', 'dyad', 'therapist'];

/**
 * Where the alliance varies, rater × arm × visit taken out: between therapists; between patients of a therapist, in what
 * both raters share (`patient`); in what one rater of a pair holds at every visit and the other does not (`dyad`); the rest.
 */
export function decomposition(cohort: Cohort): Decomposition {
  const design = designOf(cohort, cohort.ratings, {
    layers: 2,
    layerOf: (it) => (it.row.rater === 'patient' ? 0 : 1),
    bare: true,
  });
  const therapists = new Set(design.rows.map((it) => it.group)).size;
  const base = { ratings: design.rows.length, patients: design.patients, therapists };
  if (design.visits.length === 0) return { ...base, reason: 'too-few', parts: [] };
  const raters = raterOfOccasion(design);
  const size = raters.length;
  const found = fitWithTherapists(momentsOf(design.rows, design.columns, true), {
    occasions: size,
    blocks: [
      variance('residual', size, (a, b) => a === b),
      variance('patient', size, () => true),
      variance('dyad', size, (a, b) => raters[a] === raters[b]),
    ],
  });
  if (!isTherapistFit(found)) return { ...base, reason: found.reason, parts: [] };
  // One visit cannot tell a rater’s standing view from the occasion.
  if (design.visits.length < 2) return { ...base, reason: 'not-identified', parts: [] };
  const values = [...found.theta, found.between];
  const sum = values.reduce((total, it) => total + it, 0);
  return {
    ...base,
    parts: PARTS.map((part, i) => ({
      part,
      variance: varianceEstimate(values[i] ?? 0, found.logErrors[i], design.patients, cohort.plan.level),
      share: (values[i] ?? 0) / sum,
    })),
  };
}
