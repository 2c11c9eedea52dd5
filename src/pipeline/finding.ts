import { FhirError } from '../fhir/port.ts';

/** One thing that the hospital’s server can or cannot do, in plain words. */
export interface Finding {
  readonly ability: string;
  readonly found: 'yes' | 'no' | 'unknown';
  /** What was seen. */
  readonly evidence: string;
  /** What Vincle does about it. */
  readonly consequence: string;
  /** Without it the alliance job cannot work. */
  readonly essential?: true;
}

/** A patient whom no server holds. */
export const NOBODY = 'Patient/vincle-doctor-nobody';
/** The consequence of everything that is as it should be. */
export const WORKS = 'works as it should';

/** Why something could not be tried, without what was sent or answered. */
export const reasonOf = (error: unknown): string =>
  error instanceof FhirError ? error.message : 'no answer that could be read';
