import { allianceJob } from './alliance.ts';
import { escalateJob } from './escalate.ts';
import type { NamedJob } from './named-job.ts';
import { safetyJob } from './safety.ts';
import { scheduleJob } from './schedule.ts';
import { stepsJob } from './steps.ts';

/** Every job of `vincle job`, which `vincle serve` runs too. */
export const JOBS: readonly NamedJob[] = [allianceJob, safetyJob, escalateJob, stepsJob, scheduleJob];
