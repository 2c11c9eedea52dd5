import { ALLIANCE_JOB, computeAlliance } from '../../pipeline/compute-alliance.ts';
import { runTable } from '../run-table.ts';
import { namedJob } from './named-job.ts';
import { runOptions } from './run-options.ts';

/** Scores, dyads and changes of whoever is due. */
export const allianceJob = namedJob({
  name: ALLIANCE_JOB,
  cron: (config) => config.ALLIANCE_CRON,
  run: (ports, config, request) => computeAlliance(ports, { ...runOptions(config), ...request }),
  table: runTable,
  troubled: (run) => run.refused > 0 || run.failed > 0,
});
