import { addDays } from './calendar.ts';
import { type Fault, faultsOf } from './faults.ts';
import { type Cohort, fourDigits, idOf } from './options.ts';
import { randomOf } from './random.ts';

export const LANGUAGES = ['ca', 'es', 'en'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One synthetic patient: who, since when, cared for by whom, and how she tends to answer. */
export interface Participant {
  readonly index: number;
  /** `0012` */
  readonly number: string;
  readonly id: string;
  readonly reference: string;
  /** False for a patient of the hospital who is not in the programme. */
  readonly inProgramme: boolean;
  readonly arm: 'digital' | 'usual';
  readonly language: Language;
  readonly birthDate: string;
  /** Local date of inclusion. */
  readonly inclusion: string;
  /** Index of the therapist at inclusion. */
  readonly therapist: number;
  /** The first visit at which nothing comes any more. */
  readonly dropout: 'm6' | 'm12' | undefined;
  /** Where her ratings of the alliance lie, of 12 to 84. */
  readonly alliance: number;
  /** Where her therapist's lie. */
  readonly therapistAlliance: number;
  /** Distress at inclusion, 0 to 1. */
  readonly distress: number;
  readonly faults: readonly Fault[];
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The participant of this index; those after the study's patients are outside the programme. */
export function participantOf(cohort: Cohort, index: number): Participant {
  const inProgramme = index < cohort.patients;
  const random = randomOf(cohort.seed, 'participant', index);
  const id = idOf(cohort, 'patient', fourDigits(index));
  const arm = index % 2 === 0 ? 'digital' : 'usual';
  const faults = inProgramme ? faultsOf(cohort, index) : [];
  const alliance = clamp(random.bell(arm === 'digital' ? 69 : 71, 4.5), 60, 78);
  const leaves = random.unit();
  const stays = cohort.responses !== undefined || faults.length > 0 || leaves >= 0.3;
  return {
    index,
    number: fourDigits(index),
    id,
    reference: `Patient/${id}`,
    inProgramme,
    arm,
    language: random.pick(['ca', 'ca', 'ca', 'es', 'es', 'es', 'en']),
    birthDate: addDays('1948-01-01', random.integer(0, 17_000)),
    inclusion: addDays(cohort.start, random.integer(0, 270)),
    therapist: inProgramme ? index % cohort.therapists : cohort.therapists,
    dropout: stays ? undefined : leaves < 0.12 ? 'm6' : 'm12',
    alliance,
    therapistAlliance: clamp(65 + 0.5 * (alliance - 70) + random.bell(0, 3), 54, 76),
    distress: clamp(random.bell(0.4, 0.18), 0.05, 0.95),
    faults,
  };
}

/** Another patient of the study. */
export const neighbourOf = (cohort: Cohort, { index }: Participant): Participant =>
  participantOf(cohort, (index + 1) % cohort.patients);
