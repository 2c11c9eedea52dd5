import type { PatientView } from '../../../domain/view/patient-view.ts';
import type { Format } from '../../format/format.ts';
import type { AppWords } from '../../words/en.ts';
import { timeOf, timeSpan } from '../charts/scale.ts';
import type { TimeFrame } from '../charts/time-frame.ts';

const AT_LEAST_DAYS = 120;

/** Id of the line that tells of a change of level. */
export const anchorOf = (plan: string): string => `step-${plan.replaceAll(/[^A-Za-z0-9-]/g, '-')}`;

/** One axis for distress and levels, with a mark for each change of level. */
export function timeFrameOf(
  view: PatientView,
  words: AppWords,
  format: Format,
  say: (it: PatientView['stays'][number]['title']) => string,
): TimeFrame {
  const now = timeOf(view.asOf);
  const times = [
    ...view.distress.flatMap((it) => it.readings.map((reading) => timeOf(reading.date))),
    ...view.stays.map((it) => timeOf(it.from)),
    now,
  ];
  return {
    span: timeSpan(times, AT_LEAST_DAYS),
    now,
    changes: view.stays.map((it) => ({
      key: it.plan,
      at: timeOf(it.from),
      direction: it.direction,
      label: words.care.change(format.date(it.from), words.care[it.direction](say(it.title))),
      anchor: anchorOf(it.plan),
    })),
  };
}
