import { STEPS_JOB, stepCare } from '../../pipeline/steps/step-care.ts';
import { stepsTable } from '../steps/steps-table.ts';
import { namedJob } from './named-job.ts';
import { runOptions } from './run-options.ts';

/** Proposals, escalations, and what follows from amended answers, for whoever is due. */
export const stepsJob = namedJob({
  name: STEPS_JOB,
  cron: (config) => config.STEPS_CRON,
  run: (ports, config, request) => stepCare(ports, { ...runOptions(config), ...request }),
  table: stepsTable,
  troubled: (run) => run.failed > 0,
});
