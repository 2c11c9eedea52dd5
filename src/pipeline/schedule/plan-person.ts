import type { Period, QuestionnaireResponse, Task } from 'fhir/r4.js';
import { dateOfDay, dayNumber, hourOfDay, localDate } from '../../domain/instant.ts';
import {
  type Arrived,
  answerOf,
  type Occasion,
  occasionsOf,
  restsWith,
  type Scheduled,
  urlOf,
} from '../../domain/occasion.ts';
import { isWithin } from '../../domain/plan-pause.ts';
import {
  isExpired,
  isQuestionnaireTask,
  newQuestionnaireTask,
  occasionIdOf,
  outputOf,
  remindedMs,
  type Settling,
  settledTask,
  stoppedTask,
} from '../../domain/questionnaire-task.ts';
import { literal } from '../../domain/reference.ts';
import { movedOccasion } from '../../domain/reschedule.ts';
import { isOpen } from '../../domain/review-task.ts';
import { dueReminder, nextChange } from '../../domain/schedule.ts';
import type { Offer } from '../../domain/schedule-offer.ts';
import type { StepRecord } from '../../domain/step-record.ts';
import { copiesApart, mistakenTask } from '../../domain/task-copies.ts';
import type { PipelineContext } from '../context.ts';
import type { Forms } from '../read-ratings.ts';
import { scheduledPerson } from './scheduled-person.ts';
import { situationOf } from './situation.ts';

/** One Task that is to be written: new where there is no `before`. */
export interface TaskChange {
  readonly before: Task | undefined;
  readonly after: Task;
}

/** Somebody is to be reminded of a Task. */
export interface DueReminder {
  /** The id that the Task is known by. */
  readonly task: string;
  readonly recipient: string;
  /** Whom to turn to where the recipient cannot be reached. */
  readonly next: readonly string[];
  /** Until when an answer counts (ISO). */
  readonly until: string;
}

/** What is to be done about one person now. */
export interface PersonPlan {
  readonly subject: string;
  readonly changes: readonly TaskChange[];
  readonly due: readonly DueReminder[];
  /** Every questionnaire Task as it will stand, by the id it is known by. */
  readonly tasks: ReadonlyMap<string, Task>;
  readonly withoutTherapist: number;
  /** Who treats the patient now: they may be asked something themselves. */
  readonly therapists: readonly string[];
  /** When time alone changes something next, milliseconds since 1970. */
  readonly wakeMs: number | undefined;
}

/** What stood on the server for one person. */
export interface PersonStanding {
  readonly record: StepRecord;
  readonly responses: readonly QuestionnaireResponse[];
  readonly tasks: readonly Task[];
}

export interface Planning {
  readonly context: PipelineContext;
  readonly forms: Forms;
  readonly offer: Offer;
  readonly nowMs: number;
}

/** How long ago a window may have closed for its Task still to be made: what was missed is said, history is not. */
const CATCH_UP_MS = 92 * 86_400_000;

/** Brings the questionnaire Tasks of one person up to date. Pure: the same record and the same instant give the same plan. */
export function planPerson(standing: PersonStanding, planning: Planning): PersonPlan {
  const { context, forms, offer, nowMs } = planning;
  const { content, settings } = context;
  const person = scheduledPerson(standing.record, standing.responses, forms, context, nowMs);
  const found = occasionsOf(offer.schedules, {
    person,
    visits: content.visits,
    instruments: new Map(content.instruments.map((it) => [it.id, it])),
    nowMs,
    zone: settings.timeZone,
  });
  const { kept: own, copies } = copiesApart(standing.tasks.filter(isQuestionnaireTask));
  const tasks = new Map(own.map((it) => [occasionIdOf(it), it]));
  const now = new Date(nowMs).toISOString();
  const changes: TaskChange[] = copies.map((it) => ({ before: it, after: mistakenTask(it, now) }));
  const put = (before: Task | undefined, after: Task | undefined) => {
    if (after === undefined || after === before) return;
    changes.push({ before, after });
    tasks.set(occasionIdOf(after), after);
  };
  const occasions = found.occasions.map((it) => movedOccasion(it, tasks.get(it.id), settings.timeZone));
  for (const occasion of occasions) put(tasks.get(occasion.id), taskOf(occasion, tasks, person, planning));
  const wanted = new Set(occasions.map((it) => it.id));
  for (const task of own)
    if (!wanted.has(occasionIdOf(task))) put(task, unwanted(task, person, found.reasonFor, planning));
  return {
    subject: standing.record.subject,
    changes,
    due: occasions.flatMap((it) => remindersOf(it, tasks.get(it.id), person, nowMs)),
    tasks,
    withoutTherapist: found.withoutTherapist.length,
    therapists: person.stopped === undefined ? person.therapistsOn(localDate(nowMs, settings.timeZone)) : [],
    wakeMs: earliest([
      found.nextMs,
      ...occasions.map((it) => nextChange(it.at, nowMs)),
      boundaryOf(standing.record, nowMs, settings.timeZone),
    ]),
  };
}

function taskOf(
  occasion: Occasion,
  tasks: ReadonlyMap<string, Task>,
  person: Scheduled,
  planning: Planning,
): Task | undefined {
  const { context, offer, nowMs } = planning;
  const { content, settings, display } = context;
  const asked = offer.asked(occasion.form);
  const instrument = content.instruments.find((it) => it.id === asked);
  if (instrument === undefined) return undefined;
  const accepted = [occasion.form.instrument, asked];
  const answer = answerOf(occasion, accepted, person.arrived);
  const now = new Date(nowMs).toISOString();
  const questionnaire = `${instrument.url}|${instrument.version}`;
  const before = tasks.get(occasion.id);
  if (before === undefined && !isToBeMade(occasion, answer, [...tasks.values()], person, planning)) return undefined;
  const settling: Settling = {
    questionnaire,
    now,
    display,
    baseUrl: settings.baseUrl,
    answers: (response) => stillAnswers(response, occasion, accepted, person),
  };
  const task = before ?? newQuestionnaireTask(occasion, questionnaire, now, display);
  return settledTask(task, occasion, situationOf(occasion, answer, nowMs), settling);
}

/** A window that closed long ago or during a pause, was asked of somebody else, or was answered to another record of the person makes no Task now. */
function isToBeMade(
  occasion: Occasion,
  answer: Arrived | undefined,
  tasks: readonly Task[],
  { pauses = [] }: Scheduled,
  { offer, context, nowMs }: Planning,
): boolean {
  const { closesMs } = occasion.at;
  if (nowMs < closesMs) return true;
  if (nowMs - closesMs > CATCH_UP_MS) return false;
  const { baseUrl } = context.settings;
  const schedule = offer.schedules.find((it) => it.canonical === occasion.schedule);
  if (schedule !== undefined && restsWith(schedule, occasion.form) && isWithin(pauses, closesMs)) return false;
  return !tasks.some(
    (it) =>
      it.groupIdentifier?.value === occasion.group ||
      (answer !== undefined &&
        outputOf(it, baseUrl) === answer.response &&
        urlOf(it.instantiatesUri ?? '') === urlOf(occasion.schedule)),
  );
}

/** Whether a response still answers: one that was moved to another patient, deleted or withdrawn does not. */
function stillAnswers(response: string, occasion: Occasion, accepted: readonly string[], person: Scheduled): boolean {
  const own = person.arrived.filter((it) => it.response === response);
  return answerOf(occasion, accepted, own)?.finished ?? false;
}

/** A Task that the schedule does not ask for: open ones are cancelled with the reason. */
function unwanted(
  task: Task,
  person: Scheduled,
  reasonFor: ReturnType<typeof occasionsOf>['reasonFor'],
  { context, nowMs }: Planning,
): Task {
  if (!isOpen(task) || isExpired(task)) return task;
  const { baseUrl } = context.settings;
  const elsewhere = literal(task.for, baseUrl) !== person.patient;
  const rater = literal(task.owner, baseUrl)?.startsWith('Patient/') ? 'patient' : 'therapist';
  const schedule = urlOf(task.instantiatesUri ?? '');
  const known = reasonFor(schedule, rater, task.groupIdentifier?.value ?? '');
  const amended = known === 'rescheduled' && task.reasonReference !== undefined;
  const reason = elsewhere ? 'merged' : amended ? 'answer-amended' : known;
  return stoppedTask(task, reason, new Date(nowMs).toISOString(), context.display);
}

function remindersOf(occasion: Occasion, task: Task | undefined, person: Scheduled, nowMs: number): DueReminder[] {
  if (task === undefined || !isOpen(task)) return [];
  if (dueReminder(occasion.at, remindedMs(task), nowMs) === undefined) return [];
  const { owner } = occasion;
  const today = [occasion.window.first, dateOfDay(Math.floor(nowMs / 86_400_000))].sort()[1] ?? '';
  return [
    {
      task: occasion.id,
      recipient: owner,
      next: owner === person.patient ? person.therapistsOn(today) : [],
      until: new Date(occasion.at.closesMs - 1).toISOString(),
    },
  ];
}

const earliest = (all: readonly (number | undefined)[]): number | undefined =>
  all.reduce((least, it) => (it !== undefined && (least === undefined || it < least) ? it : least), undefined);

/** When somebody’s care or a consent next begins or ends without anything being written. */
function boundaryOf(record: StepRecord, nowMs: number, zone: string): number | undefined {
  const periods: (Period | undefined)[] = [
    ...record.episodes.map((it) => it.period),
    ...record.careTeams.flatMap((it) => [it.period, ...(it.participant ?? []).map((one) => one.period)]),
    ...record.practitionerRoles.map((it) => it.period),
    ...record.consents.map((it) => it.provision?.period),
  ];
  const starts = periods.flatMap((it) => [dayIn(it?.start, 0, zone), dayIn(it?.end, 1, zone)]);
  return earliest(starts.map((at) => (at !== undefined && at > nowMs ? at : undefined)));
}

/** When the day of a FHIR dateTime begins, or the one so many days after it. */
function dayIn(text: string | undefined, after: number, zone: string): number | undefined {
  const day = /^\d{4}-\d\d-\d\d/.exec(text ?? '')?.[0];
  return day === undefined || Number.isNaN(Date.parse(day))
    ? undefined
    : hourOfDay(dateOfDay(dayNumber(day) + after), 0, zone);
}
