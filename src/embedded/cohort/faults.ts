import type { Cohort } from './options.ts';

/**
 * What happens in life, each at least once in a cohort of twelve patients or more. Neighbours in this list fall to
 * different patients, so those that change a patient's whole course stand together.
 */
export const FAULTS = [
  // Of a patient's course.
  'therapist-changed',
  'corrected-inclusion',
  'two-inclusions',
  'included-by-episode',
  'included-by-care-plan',
  'inclusion-as-instant',
  'consent-denied',
  'consent-denied-later',
  'therapist-unclear',
  'release-permitted',
  'therapist-not-named',
  'withdrawn-from-study',
  // Of the patient's alliance rating at three months.
  'amended',
  'second-rating',
  'earlier-rating-late',
  'moved-to-another-patient',
  'wrong-rater-patient',
  'one-item-missing',
  'uniform-answers',
  'authored-month',
  'author-only',
  'authored-plus-14',
  'authored-day',
  'no-identifier',
  // Of other ratings of the alliance.
  'withdrawn',
  'duplicate',
  'duplicate-differs',
  'late-unscheduled',
  'wrong-rater-therapist',
  'not-an-option',
  'at-bound',
  'rater-by-role',
  'too-few-answered',
  'past-local-bound',
  'language-changed',
  'completed-after-unscorable',
  // Of screeners.
  'amended-unscorable',
  'lhc-phq-9',
  'mii-phq-9',
  'item-9-positive',
  'unfinished-item-9',
  'unknown-item',
  'rater-unnamed',
  'screener-item-missing',
  'repeated-item',
  'stored-total-disagrees',
  'withdrawn-before-scored',
  'authored-skipped-hour',
  'hads-half-missing',
  'unknown-version',
  'stopped',
  'identifier-of-two-patients',
  'draft-completed',
  'no-version',
  'authored-no-zone',
  'authored-missing',
  'out-of-range',
  'wrong-type',
  'past-bound',
  'second-screening',
  'unknown-questionnaire',
  'no-subject',
] as const;

export type Fault = (typeof FAULTS)[number];

/** One thing that happened, and the response it happened to. */
export interface FaultNote {
  readonly responseId: string;
  readonly fault: Fault;
}

/** What happens to the patient of this index: a few things each in a small cohort, one each in a large. */
export function faultsOf(cohort: Cohort, index: number): readonly Fault[] {
  if (!cohort.faults) return [];
  const period = Math.min(cohort.patients, FAULTS.length);
  return FAULTS.filter((_, place) => place % period === index % period);
}
