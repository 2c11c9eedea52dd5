import { SAFETY_JOB, type WatchRun, watchSafety } from '../../pipeline/safety/watch-safety.ts';
import { countsTable } from '../counts-table.ts';
import { everySeconds, safetyOf } from '../safety-path.ts';
import { namedJob } from './named-job.ts';
import { runOptions } from './run-options.ts';

/** Signs of danger in what others stored on the hospital’s server; its own lock, so that it never waits for scoring. */
export const safetyJob = namedJob<WatchRun>({
  name: SAFETY_JOB,
  cron: (config) => everySeconds(config.SAFETY_SECONDS),
  run: (ports, config, request) =>
    watchSafety(
      { ...ports, safety: ports.safety ?? safetyOf(config, ports.context.content) },
      { ...runOptions(config), ...request },
    ),
  table: countsTable,
  troubled: (run) => run.failed > 0 || run.untold > 0,
});
