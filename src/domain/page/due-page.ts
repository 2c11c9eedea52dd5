import type { Task } from 'fhir/r4.js';
import { daysApart, localDate } from '../instant.ts';
import type { Instrument } from '../instrument.ts';
import { viewerRates } from '../overview-alliance.ts';
import { isExpired, isQuestionnaireTask } from '../questionnaire-task.ts';
import { isOpen } from '../review-task.ts';
import type { DueView } from '../view/patient-view.ts';
import { type PageInput, today } from './page-input.ts';

/** One form that is or was asked, as its Task says. */
export interface AskedForm {
  readonly task: Task;
  readonly instrument: Instrument;
  /** Local dates, both included. */
  readonly opens: string;
  readonly due: string;
  readonly state: 'upcoming' | 'open' | 'overdue' | 'expired';
  readonly daysLate: number;
}

/** The forms that wait or were passed over, the one that is due first first. */
export function askedForms(input: PageInput): readonly AskedForm[] {
  const { tasks, instruments, settings, moment } = input.look;
  const now = today(input);
  return tasks
    .flatMap((task): AskedForm[] => {
      const { start, end } = task.restriction?.period ?? {};
      const canonical = task.input?.find((it) => it.valueCanonical !== undefined)?.valueCanonical?.split('|')[0];
      const instrument = instruments.find((it) => it.url === canonical);
      const expired = isExpired(task);
      if (!isQuestionnaireTask(task) || instrument === undefined || start === undefined || end === undefined) return [];
      if (!isOpen(task) && !expired) return [];
      const [opens, due] = [start, end].map((it) => localDate(Date.parse(it), settings.timeZone)) as [string, string];
      const isLate = Date.parse(end) < moment.nowMs;
      const state = expired ? 'expired' : isLate ? 'overdue' : Date.parse(start) > moment.nowMs ? 'upcoming' : 'open';
      return [{ task, instrument, opens, due, state, daysLate: isLate ? daysApart(due, now) : 0 }];
    })
    .sort((a, b) => a.due.localeCompare(b.due) || a.instrument.id.localeCompare(b.instrument.id));
}

/** While a rater is kept from the patient’s side, whether she has answered is a part of it. */
const isKept = ({ instrument }: AskedForm, { look, release }: PageInput): boolean =>
  instrument.alliance && instrument.rater === 'patient' && release === 'nothing' && viewerRates(look);

/** A form whose window closed unanswered stays worth saying for so long. */
const EXPIRED_SHOWN_DAYS = 30;

export const dueOf = (input: PageInput, mayReschedule: boolean): readonly DueView[] =>
  askedForms(input)
    .filter((it) => !isKept(it, input))
    .filter((it) => it.state !== 'expired' || it.daysLate <= EXPIRED_SHOWN_DAYS)
    .map((it) => ({
      task: it.task.id ?? '',
      instrument: it.instrument.id,
      title: input.formTitle(it.instrument.id),
      rater: it.instrument.rater,
      opens: it.opens,
      due: it.due,
      state: it.state,
      ...(it.daysLate > 0 ? { daysLate: it.daysLate } : {}),
      ...(mayReschedule && it.state !== 'expired' ? { mayReschedule: true } : {}),
    }));
