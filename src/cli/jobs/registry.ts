import { allianceJob } from './alliance.ts';
import type { NamedJob } from './named-job.ts';
import { stepsJob } from './steps.ts';

/** Every job of `vincle job`, which `vincle serve` runs too. */
export const JOBS: readonly NamedJob[] = [allianceJob, stepsJob];
