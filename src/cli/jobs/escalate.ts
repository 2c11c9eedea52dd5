import { ESCALATE_JOB, type EscalateRun, escalate } from '../../pipeline/safety/escalate.ts';
import { countsTable } from '../counts-table.ts';
import { safetyOf } from '../safety-path.ts';
import { namedJob } from './named-job.ts';
import { runOptions } from './run-options.ts';

/** The next of the chain for every sign that nobody has taken up in time. */
export const escalateJob = namedJob<EscalateRun>({
  name: ESCALATE_JOB,
  cron: (config) => config.ESCALATE_CRON,
  run: (ports, config, request) =>
    escalate(
      { ...ports, safety: ports.safety ?? safetyOf(config, ports.context.content) },
      { ...runOptions(config), ...request },
    ),
  table: countsTable,
  troubled: (run) => run.untold > 0,
});
