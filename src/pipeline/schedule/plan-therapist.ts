import type { Task } from 'fhir/r4.js';
import { identify } from '../../domain/derived-identity.ts';
import { dateOfDay, dayNumber, localDate } from '../../domain/instant.ts';
import { type Arrived, answerOf, type Occasion, urlOf } from '../../domain/occasion.ts';
import type { PatientRecord } from '../../domain/patient-record.ts';
import type { Schedule, ScheduledForm } from '../../domain/protocol.ts';
import {
  isQuestionnaireTask,
  newQuestionnaireTask,
  occasionIdOf,
  remindedMs,
  type Settling,
  settledTask,
  stoppedTask,
} from '../../domain/questionnaire-task.ts';
import { totalOf } from '../../domain/rating.ts';
import { isOpen } from '../../domain/review-task.ts';
import { dueReminder, instantsOf, nextChange, type Window, windowsOf } from '../../domain/schedule.ts';
import { copiesApart, mistakenTask } from '../../domain/task-copies.ts';
import { readRatings } from '../read-ratings.ts';
import type { DueReminder, PersonPlan, Planning, TaskChange } from './plan-person.ts';
import { situationOf } from './situation.ts';

/** What therapists are asked about themselves counts from one Monday for all of them: nobody has an inclusion of their own. */
const ORIGIN = '2024-01-01';

/** What stood on the server for one therapist. */
export interface TherapistStanding {
  readonly record: PatientRecord;
  readonly roles: ReadonlyMap<string, string>;
  readonly tasks: readonly Task[];
  readonly active: boolean;
}

/** The forms that are about the therapist’s own work with the platform, with their schedules. */
export function therapistForms({ offer, context }: Pick<Planning, 'offer' | 'context'>) {
  const own = new Set(context.content.instruments.filter((it) => it.subject === 'Practitioner').map((it) => it.id));
  return offer.schedules.flatMap((schedule) =>
    schedule.forms.filter((it) => own.has(it.instrument)).map((form) => ({ schedule, form })),
  );
}

/** Brings the Tasks of one therapist up to date who is asked about the platform. What was missed long ago is not made up for. */
export function planTherapist(standing: TherapistStanding, planning: Planning): PersonPlan {
  const { context, nowMs } = planning;
  const { subject } = standing.record;
  const { kept, copies } = copiesApart(standing.tasks.filter(isQuestionnaireTask));
  const tasks = new Map(kept.map((it) => [occasionIdOf(it), it]));
  const now = new Date(nowMs).toISOString();
  const asked = standing.active && standing.record.caresForProgramme;
  const { occasions, wakeMs } = asked ? occasionsOfTherapist(subject, planning) : { occasions: [], wakeMs: undefined };
  const arrived = arrivedFrom(standing, planning);
  const changes: TaskChange[] = copies.map((it) => ({ before: it, after: mistakenTask(it, now) }));
  const put = (before: Task | undefined, after: Task | undefined) => {
    if (after === undefined || after === before) return;
    changes.push({ before, after });
    tasks.set(occasionIdOf(after), after);
  };
  for (const it of occasions) put(tasks.get(it.id), taskOf(it, tasks.get(it.id), arrived, planning));
  const wanted = new Set(occasions.map((it) => it.id));
  for (const task of kept)
    if (!wanted.has(occasionIdOf(task)))
      put(task, stoppedTask(task, asked ? 'rescheduled' : 'left-programme', now, context.display));
  return {
    subject,
    changes,
    tasks,
    wakeMs,
    withoutTherapist: 0,
    therapists: [],
    due: occasions.flatMap((it) => reminderOf(it, tasks.get(it.id), nowMs)),
  };
}

function occasionsOfTherapist(therapist: string, planning: Planning) {
  const { nowMs, context } = planning;
  const zone = context.settings.timeZone;
  const occasions: Occasion[] = [];
  let wakeMs: number | undefined;
  for (const { schedule, form } of therapistForms(planning)) {
    const ahead = dateOfDay(dayNumber(localDate(nowMs, zone)) + form.createAheadDays);
    const anchors = { inclusion: undefined, course: ORIGIN };
    for (const window of windowsOf({}, form, anchors, context.content.visits, ahead)) {
      const at = instantsOf(window, form, zone);
      const next = nextChange(at, nowMs);
      if (next !== undefined && (wakeMs === undefined || next < wakeMs)) wakeMs = next;
      if (at.createMs <= nowMs) occasions.push(occasionOf(therapist, schedule, form, window, at));
    }
  }
  return { occasions, wakeMs };
}

function occasionOf(
  therapist: string,
  schedule: Schedule,
  form: ScheduledForm,
  window: Window,
  at: Occasion['at'],
): Occasion {
  const key = [
    'questionnaire-window',
    therapist,
    urlOf(schedule.canonical),
    '',
    form.instrument,
    form.rater,
    window.key,
  ];
  const group = identify(key.join('|'));
  return {
    id: identify(`questionnaire-task|${group}|${therapist}|`),
    group,
    schedule: schedule.canonical,
    form,
    window,
    at,
    patient: therapist,
    owner: therapist,
    therapist: undefined,
    basedOn: undefined,
  };
}

function taskOf(
  occasion: Occasion,
  before: Task | undefined,
  arrived: readonly Arrived[],
  { context, nowMs }: Planning,
): Task | undefined {
  const instrument = context.content.instruments.find((it) => it.id === occasion.form.instrument);
  if (instrument === undefined || (before === undefined && nowMs >= occasion.at.closesMs)) return undefined;
  const accepted = [instrument.id];
  const answer = answerOf(occasion, accepted, arrived);
  const now = new Date(nowMs).toISOString();
  const questionnaire = `${instrument.url}|${instrument.version}`;
  const settling: Settling = {
    questionnaire,
    now,
    display: context.display,
    baseUrl: context.settings.baseUrl,
    answers: (response) =>
      answerOf(
        occasion,
        accepted,
        arrived.filter((it) => it.response === response),
      ) !== undefined,
  };
  const task = before ?? newQuestionnaireTask(occasion, questionnaire, now, context.display);
  return settledTask(task, occasion, situationOf(occasion, answer, nowMs), settling);
}

function arrivedFrom({ record, roles }: TherapistStanding, { context, forms }: Planning): Arrived[] {
  const outcomes = readRatings(record, forms, context, { roles, contested: new Set() });
  return outcomes.flatMap(({ rating, response }): Arrived[] =>
    rating === undefined
      ? []
      : [
          {
            response,
            instrument: rating.instrument.id,
            rater: rating.rater,
            therapist: undefined,
            date: rating.authored.date,
            epochMs: rating.authored.epochMs,
            finished: true,
            hasTotal: totalOf(rating) !== undefined,
          },
        ],
  );
}

function reminderOf(occasion: Occasion, task: Task | undefined, nowMs: number): DueReminder[] {
  if (task === undefined || !isOpen(task) || dueReminder(occasion.at, remindedMs(task), nowMs) === undefined) return [];
  return [
    {
      task: occasion.id,
      recipient: occasion.owner,
      next: [],
      until: new Date(occasion.at.closesMs - 1).toISOString(),
    },
  ];
}
