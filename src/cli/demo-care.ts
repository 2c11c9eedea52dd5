import type { Config } from '../config.ts';
import type { Content } from '../content/port.ts';
import { localDate } from '../domain/instant.ts';
import { addMonths } from '../domain/visit.ts';
import { total, type Year } from '../simulation/year.ts';
import { table } from './print.ts';
import { simulateCare } from './simulate-care.ts';

const MONTHS = 5;
/** A course in which something waits at its end, whatever the day. */
const SIMULATION = { patients: 12, months: MONTHS, seed: 9, tickDays: 7, prefix: 'care', overlapMs: 0, leaveOpen: 2 };

/** Five months of stepped care of twelve more synthetic patients, up to today. */
export const demoCare = (config: Config, content: Content, nowMs: number): Promise<Year> =>
  simulateCare(config, content, {
    ...SIMULATION,
    start: addMonths(localDate(nowMs, config.TIME_ZONE), -MONTHS),
    ...(config.STUDY === undefined ? {} : { study: config.STUDY }),
  });

/** What the months came to, what waits now, and the commands that show it. */
export function demoCareText(year: Year, config: Config): string {
  const last = year.ticks.at(-1);
  const rows = year.levels.map((level): (string | number)[] => [level, last?.levels[level] ?? 0]);
  const counts: (string | number)[][] = [
    ['forms asked', total(year, 'asked')],
    ['answered', total(year, 'answers')],
    ['passed over', total(year, 'expired')],
    ['steps proposed', total(year, 'proposed')],
    ['approved by a named clinician', total(year, 'approved')],
    ['declined', total(year, 'declined')],
    ['signs of danger', total(year, 'signs')],
  ];
  return [
    `Stepped care: ${year.patients} more synthetic patients, half of them in the digital arm, lived through ${year.months} months on a moved clock`,
    table(['level of care today', 'patients'], rows),
    '',
    table(['in these months, everybody', 'count'], counts),
    '',
    'Something waits. In another terminal:',
    `  export FHIR_BASE_URL=${config.FHIR_BASE_URL} STUDY=${config.STUDY} STATE_URL=sqlite::memory:`,
    `  export EPISODE_TYPE='${config.EPISODE_TYPE}'`,
    '  npx vincle steps proposals      # who is proposed what, why, and who decides',
    '  npx vincle safety list          # signs of danger that wait for a person',
  ].join('\n');
}
