import { setTimeout as pause } from 'node:timers/promises';
import { openNotify } from '../../notify/open.ts';
import { STEPS_JOB, stepCare } from '../../pipeline/steps/step-care.ts';
import { stepsTable } from '../steps/steps-table.ts';
import { namedJob } from './named-job.ts';
import { runOptions } from './run-options.ts';

/** Proposals, escalations, and what follows from amended answers, for whoever is due. */
export const stepsJob = namedJob({
  name: STEPS_JOB,
  // In shadow mode nothing is written, so there is nothing to do by the clock: `vincle shadow` looks back.
  cron: (config) => (config.SHADOW === 'on' ? undefined : config.STEPS_CRON),
  run: (ports, config, request) => {
    const { PUBLIC_URL: publicUrl } = config;
    return stepCare(ports, {
      ...runOptions(config),
      ...request,
      ...(config.SHADOW === 'on' ? { dryRun: true } : {}),
      notify: openNotify(config, { now: Date.now, pause: (ms) => pause(ms) }),
      ...(publicUrl === undefined ? {} : { link: `${publicUrl.replace(/\/+$/, '')}/app/` }),
    });
  },
  table: stepsTable,
  troubled: (run) => run.failed > 0,
});
