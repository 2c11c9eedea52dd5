import type { CommunicationRequest, Task } from 'fhir/r4.js';
import { localDate } from '../../domain/instant.ts';
import { remindedTask } from '../../domain/questionnaire-task.ts';
import { literal } from '../../domain/reference.ts';
import { endedRequest, type Reminder } from '../../domain/reminder.ts';
import { isOpen } from '../../domain/review-task.ts';
import { REMINDER_GRACE_MS } from '../../domain/schedule.ts';
import { FhirError } from '../../fhir/port.ts';
import { contactsOf } from './contacts.ts';
import { deliver, type ReminderPorts, tell } from './deliver-reminder.ts';
import type { ScheduleRun } from './schedule-run.ts';

/** A Task that waits for somebody, as the server holds it now. */
export interface Waiting {
  readonly task: Task;
  readonly recipient: string;
  readonly next: readonly string[];
  readonly until: string;
}

/** A claim that is younger may still be on its way, by this process or another. */
export const ABANDONED_MS = 15 * 60_000;

/** What a run’s reminders came to. */
export interface Reminded {
  /** The Tasks that were dealt with, as they stand now. */
  readonly done: readonly Task[];
  /** Those to be looked at again soon: somebody else is writing to the recipient, or the channel is away. */
  readonly later: readonly Task[];
}

/**
 * Reminds everybody once of all that waits for them. The claim is written before anything is sent; what is sent twice at
 * worst has the same id. Where a patient cannot be reached, their therapist is told at once.
 */
export async function sendReminders(waiting: readonly Waiting[], ports: ReminderPorts): Promise<Reminded> {
  const { run, notify, nowMs, context } = ports;
  if (waiting.length === 0 || notify.channel === 'none') {
    if (waiting.length > 0) skip(run, 'no-channel', waiting.length);
    return { done: [], later: [] };
  }
  const date = localDate(nowMs, context.settings.timeZone);
  const undelivered: Waiting[] = [];
  const done: Task[] = [];
  const later: Task[] = [];
  let away = false;
  const groups = Map.groupBy(waiting, (it) => it.recipient);
  const contacts = await contactsOf(ports.server, [...groups.keys()], context, nowMs);
  for (const [recipient, own] of groups) {
    ports.signal?.throwIfAborted();
    const contact = contacts.get(recipient);
    if (contact === undefined || contact.barred !== undefined) {
      skip(run, contact?.barred ?? 'not-active', 1);
      continue;
    }
    if (away) {
      skip(run, 'channel-away', 1);
      later.push(...own.map((it) => it.task));
      continue;
    }
    const reminder: Reminder = { kind: 'reminder', recipient, date, tasks: own.map((it) => `Task/${it.task.id}`) };
    const ended = await tell(reminder, contact, untilOf(own), ports);
    if (ended === 'told') done.push(...(await markTold(own, ports)));
    if (ended === 'elsewhere') later.push(...own.map((it) => it.task));
    if (ended === 'undelivered') undelivered.push(...own);
    // Hundreds of timeouts, one after the other, would hold up everything else.
    away = ended === 'undelivered' && !(await notify.check()).ok;
  }
  if (!away) await tellNext(undelivered, date, ports);
  return { done, later };
}

const skip = (run: ScheduleRun, reason: string, count: number): void => {
  run.notReminded[reason] = (run.notReminded[reason] ?? 0) + count;
};

const untilOf = (waiting: readonly Waiting[]): string | undefined => waiting.map((it) => it.until).sort()[0];

/** Who treats a patient that could not be reached is told, once a day, about all of them. */
async function tellNext(undelivered: readonly Waiting[], date: string, ports: ReminderPorts): Promise<void> {
  const next = undelivered.flatMap((it) => it.next.map((recipient) => ({ ...it, recipient })));
  const groups = Map.groupBy(next, (it) => it.recipient);
  const contacts = await contactsOf(ports.server, [...groups.keys()], ports.context, ports.nowMs);
  for (const [recipient, own] of groups) {
    const contact = contacts.get(recipient);
    if (contact === undefined || contact.barred !== undefined) continue;
    const tasks = own.map((it) => `Task/${it.task.id}`);
    await tell({ kind: 'undelivered', recipient, date, tasks }, contact, undefined, ports);
  }
}

/** The Tasks say that somebody was reminded; one that somebody else wrote meanwhile is seen by the next run. */
async function markTold(waiting: readonly Waiting[], { server, nowMs, context, run }: ReminderPorts): Promise<Task[]> {
  const marked: Task[] = [];
  for (const { task } of waiting) {
    const after = remindedTask(task, new Date(nowMs).toISOString(), context.display);
    const version = task.meta?.versionId;
    try {
      const result = await server.write({
        method: 'PUT',
        resource: after,
        ...(version === undefined ? {} : { ifMatch: version }),
      });
      run.written += 1;
      const { versionId } = result;
      marked.push({ ...after, meta: { ...after.meta, ...(versionId === undefined ? {} : { versionId }) } });
    } catch (error) {
      if (!(error instanceof FhirError) || error.kind !== 'conflict') throw error;
    }
  }
  return marked;
}

/** Claims that were written and never finished: sent again under the same id, or given up once they are too old. */
export async function resumeReminders(begun: readonly CommunicationRequest[], ports: ReminderPorts): Promise<void> {
  const { nowMs, context, server, notify, run } = ports;
  if (notify.channel === 'none') return;
  const { baseUrl } = context.settings;
  const ageOf = (it: CommunicationRequest): number => nowMs - Date.parse(it.authoredOn ?? '');
  const abandoned = begun.filter((it) => !(ageOf(it) < ABANDONED_MS));
  if (abandoned.length === 0 || !(await notify.check()).ok) return;
  const alive = abandoned.filter((it) => ageOf(it) <= REMINDER_GRACE_MS);
  const people = alive.flatMap((it) => literal(it.recipient?.[0], baseUrl) ?? []);
  const contacts = await contactsOf(server, [...new Set(people)], context, nowMs);
  for (const request of abandoned) {
    const person = literal(request.recipient?.[0], baseUrl);
    const contact = person === undefined ? undefined : contacts.get(person);
    if (contact === undefined || contact.barred !== undefined || !(await stillWaits(request, ports))) {
      await server.write({ method: 'PUT', resource: endedRequest(request, { revoked: 'no longer needed' }) });
      run.written += 1;
      continue;
    }
    const ended = await deliver(request, `CommunicationRequest/${request.id}`, contact, undefined, ports);
    const own = (await openTasksOf(request, ports)).filter((it) => literal(it.task.owner, baseUrl) === person);
    if (ended === 'told') await markTold(own, ports);
  }
}

const stillWaits = async (request: CommunicationRequest, ports: ReminderPorts): Promise<boolean> =>
  (await openTasksOf(request, ports)).length > 0;

async function openTasksOf(request: CommunicationRequest, { server, context }: ReminderPorts): Promise<Waiting[]> {
  const ids = (request.about ?? []).flatMap((it) => literal(it, context.settings.baseUrl) ?? []);
  const tasks: Waiting[] = [];
  for (const reference of ids.filter((it) => it.startsWith('Task/'))) {
    const task = await server.read('Task', reference.slice('Task/'.length));
    if (task !== undefined && isOpen(task)) tasks.push({ task, recipient: '', next: [], until: '' });
  }
  return tasks;
}
