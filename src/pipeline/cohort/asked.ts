import type { Task } from 'fhir/r4.js';
import type { AskState, Rater } from '../../analysis/cohort-data.ts';
import type { Content } from '../../content/port.ts';
import { localDate } from '../../domain/instant.ts';
import type { VisitPlan } from '../../domain/programme.ts';
import { isQuestionnaireTask, stoppedFor } from '../../domain/questionnaire-task.ts';
import { placeVisit, visitDates } from '../../domain/visit.ts';
import { ALLIANCE, type ObservedRating } from './observed.ts';

/** What decides what became of an asked rating. Dates are local calendar dates. */
export interface Asking {
  readonly inclusion: string;
  readonly today: string;
  /** The day on which the patient left; `undefined` for one who has not, or whose day nobody knows. */
  readonly leftOn: string | undefined;
  readonly visits: VisitPlan;
  readonly ratings: readonly ObservedRating[];
  /** `visit|rater` of what somebody was asked for. */
  readonly asked: ReadonlySet<string>;
}

/** `visit|rater` of each alliance form that a Task asked for; one that Vincle took back asked for nothing. */
export function askedBy(
  tasks: readonly Task[],
  inclusion: string,
  content: Pick<Content, 'resolve' | 'visits'>,
  zone: string,
): ReadonlySet<string> {
  return new Set(
    tasks.flatMap((task) => {
      if (!isQuestionnaireTask(task) || task.status === 'entered-in-error' || stoppedFor(task) !== undefined) return [];
      const form = content.resolve(task.input?.[0]?.valueCanonical);
      const instrument = form.kind === 'known' ? form.instrument.id : undefined;
      const rater = ALLIANCE[instrument ?? ''];
      const { start, end } = task.restriction?.period ?? {};
      const middle = (Date.parse(start ?? '') + Date.parse(end ?? '')) / 2;
      if (instrument === undefined || rater === undefined || Number.isNaN(middle)) return [];
      return [`${placeVisit(localDate(middle, zone), inclusion, content.visits, instrument).visit}|${rater}`];
    }),
  );
}

/** What became of the rating of one rater at one visit. */
export function askState(visit: string, rater: Rater, asking: Asking): AskState {
  const rating = asking.ratings.find((it) => it.visit === visit && it.rater === rater);
  if (rating !== undefined) return rating.total === undefined ? 'without-total' : 'answered';
  const window = asking.visits.windows.find((it) => it.visit === visit);
  if (window === undefined) return 'not-asked';
  const { first, last } = visitDates(asking.inclusion, window);
  if (asking.leftOn !== undefined && asking.leftOn < first) return 'left';
  if (last >= asking.today) return 'not-due';
  return asking.asked.has(`${visit}|${rater}`) ? 'not-answered' : 'not-asked';
}
