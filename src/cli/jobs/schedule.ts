import { setTimeout as pause } from 'node:timers/promises';
import { mayOfferSafetyItems } from '../../domain/safety-offer.ts';
import { openNotify } from '../../notify/open.ts';
import { keepSchedule, SCHEDULE_JOB } from '../../pipeline/schedule/keep-schedule.ts';
import { scheduleTable } from '../schedule-table.ts';
import { namedJob } from './named-job.ts';
import { runOptions } from './run-options.ts';

/** Questionnaires that fall due, arrive and expire, and the reminders about them. */
export const scheduleJob = namedJob({
  name: SCHEDULE_JOB,
  cron: (config) => config.SCHEDULE_CRON,
  run: (ports, config, request) => {
    const notify = ports.safety?.notify ?? openNotify(config, { now: Date.now, pause: (ms) => pause(ms) });
    const { PUBLIC_URL: publicUrl } = config;
    return keepSchedule(ports, {
      ...runOptions(config),
      ...request,
      notify,
      mayOfferSafetyItems: mayOfferSafetyItems({ crisis: ports.context.content.crisis, channel: notify.channel })
        .offered,
      ...(publicUrl === undefined ? {} : { link: `${publicUrl.replace(/\/+$/, '')}/app/` }),
    });
  },
  table: scheduleTable,
  troubled: (run) => run.failed > 0,
});
