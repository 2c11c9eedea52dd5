import type { CommunicationRequest, FhirResource, Task } from 'fhir/r4.js';
import type { Contact } from '../../domain/contact.ts';
import { localDate } from '../../domain/instant.ts';
import { remindedTask } from '../../domain/questionnaire-task.ts';
import { literal } from '../../domain/reference.ts';
import {
  endedRequest,
  REMINDER_IDENTIFIER,
  type Reminder,
  reminderRecord,
  reminderRequest,
  requestIdOf,
} from '../../domain/reminder.ts';
import { isOpen } from '../../domain/review-task.ts';
import { REMINDER_GRACE_MS } from '../../domain/schedule.ts';
import { FhirError, type FhirServer, type Write } from '../../fhir/port.ts';
import type { Delivery, Notify } from '../../notify/port.ts';
import type { PipelineContext } from '../context.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import { contactsOf } from './contacts.ts';
import type { ScheduleRun } from './schedule-run.ts';

/** A Task that waits for somebody, as the server holds it now. */
export interface Waiting {
  readonly task: Task;
  readonly recipient: string;
  readonly next: readonly string[];
  readonly until: string;
}

export interface ReminderPorts {
  readonly server: FhirServer;
  readonly context: PipelineContext;
  readonly notify: Notify;
  /** Where to go; an address that needs a login and names nobody. */
  readonly link?: string;
  readonly nowMs: number;
  readonly signal?: AbortSignal;
  readonly run: ScheduleRun;
}

/** A claim that is younger may still be on its way, by this process or another. */
export const ABANDONED_MS = 15 * 60_000;

/** How one message ended: told, not delivered, in somebody else’s hands, or given up before. */
type Ended = 'told' | 'undelivered' | 'elsewhere' | 'given-up';

/** What a run’s reminders came to. */
export interface Reminded {
  /** The Tasks that were dealt with, as they stand now. */
  readonly done: readonly Task[];
  /** Those about which somebody else is writing to the recipient at this moment. */
  readonly elsewhere: readonly Task[];
}

/**
 * Reminds everybody once of all that waits for them. The claim is written before anything is sent; what is sent twice at
 * worst has the same id. Where a patient cannot be reached, their therapist is told at once.
 */
export async function sendReminders(waiting: readonly Waiting[], ports: ReminderPorts): Promise<Reminded> {
  const { run, notify, nowMs, context } = ports;
  if (waiting.length === 0 || notify.channel === 'none') {
    if (waiting.length > 0) skip(run, 'no-channel', waiting.length);
    return { done: [], elsewhere: [] };
  }
  const date = localDate(nowMs, context.settings.timeZone);
  const undelivered: Waiting[] = [];
  const done: Task[] = [];
  const elsewhere: Task[] = [];
  const groups = Map.groupBy(waiting, (it) => it.recipient);
  const contacts = await contactsOf(ports.server, [...groups.keys()], context, nowMs);
  for (const [recipient, own] of groups) {
    ports.signal?.throwIfAborted();
    const contact = contacts.get(recipient);
    if (contact === undefined || contact.barred !== undefined) {
      skip(run, contact?.barred ?? 'not-active', 1);
      continue;
    }
    const reminder: Reminder = { kind: 'reminder', recipient, date, tasks: own.map((it) => `Task/${it.task.id}`) };
    const ended = await tell(reminder, contact, untilOf(own), ports);
    if (ended === 'told') done.push(...(await markTold(own, ports)));
    if (ended === 'undelivered') undelivered.push(...own);
    if (ended === 'elsewhere') elsewhere.push(...own.map((it) => it.task));
  }
  await tellNext(undelivered, date, ports);
  return { done, elsewhere };
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

/** Claims, sends, records. */
async function tell(
  reminder: Reminder,
  contact: Contact,
  until: string | undefined,
  ports: ReminderPorts,
): Promise<Ended> {
  const request = reminderRequest(reminder, new Date(ports.nowMs).toISOString());
  const claim = await claimed(request, ports.server);
  if (claim.kind === 'taken') {
    // Told today already, about something else: nobody is written to twice on one day.
    if (claim.standing?.status === 'completed') return 'told';
    return claim.standing?.status === 'revoked' ? 'given-up' : 'elsewhere';
  }
  return deliver(request, claim.reference, contact, until, ports);
}

type Claim =
  | { readonly kind: 'claimed'; readonly reference: string }
  | { readonly kind: 'taken'; readonly standing: CommunicationRequest | undefined };

/** Writes the claim where nobody has: of several that try at once, one succeeds. */
async function claimed(request: CommunicationRequest, server: FhirServer): Promise<Claim> {
  const { clientIds } = await server.capabilities();
  try {
    if (clientIds) {
      await server.write({ method: 'PUT', resource: request, ifNoneMatch: '*' });
      return { kind: 'claimed', reference: `CommunicationRequest/${request.id}` };
    }
    const result = await server.write(created(request, request.id ?? ''));
    if (result.status === 201) return { kind: 'claimed', reference: `CommunicationRequest/${result.id ?? request.id}` };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    if (error.kind === 'rejected' && clientIds && !(await server.capabilities()).clientIds)
      return claimed(request, server);
    if (error.kind !== 'conflict') throw error;
  }
  return { kind: 'taken', standing: await standingRequest(request, server) };
}

async function standingRequest(
  request: CommunicationRequest,
  server: FhirServer,
): Promise<CommunicationRequest | undefined> {
  const [page] = await server.searchAll([
    { type: 'CommunicationRequest', params: [['identifier', `${REMINDER_IDENTIFIER}|${requestIdOf(request)}`]] },
  ]);
  return page?.resources.find((it): it is CommunicationRequest => it.resourceType === 'CommunicationRequest');
}

function created(resource: FhirResource, id: string): Write {
  const { id: _own, ...rest } = byDeviceIdentifier(resource);
  return { method: 'POST', resource: rest as FhirResource, ifNoneExist: `identifier=${REMINDER_IDENTIFIER}|${id}` };
}

async function deliver(
  request: CommunicationRequest,
  reference: string,
  contact: Contact,
  until: string | undefined,
  ports: ReminderPorts,
): Promise<Ended> {
  const { notify, link, signal, run, context } = ports;
  const who = literal(request.recipient?.[0], context.settings.baseUrl) ?? '';
  const { email, language } = contact;
  const delivery = await notify.send(
    {
      id: requestIdOf(request),
      kind: 'reminder',
      to: { reference: who, language, ...(email === undefined ? {} : { email }) },
      ...(link === undefined ? {} : { link }),
      ...(until === undefined ? {} : { respondBy: until }),
    },
    signal,
  );
  run[delivery.kind === 'delivered' ? 'reminded' : 'undelivered'] += 1;
  await record(request, reference, delivery, ports);
  return delivery.kind === 'delivered' ? 'told' : 'undelivered';
}

/** What came of it. A request that may still be delivered stays active: the next runs try it again, as long as it makes sense. */
async function record(
  request: CommunicationRequest,
  reference: string,
  delivery: Delivery,
  { server, nowMs, run }: ReminderPorts,
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  const delivered = delivery.kind === 'delivered';
  const reason = delivery.kind === 'delivered' ? {} : { reason: `${delivery.kind}: ${delivery.reason}` };
  const communication = reminderRecord(request, reference, { delivered, channel: delivery.channel, at, ...reason });
  const ended =
    delivery.kind === 'delivered'
      ? endedRequest(request, 'completed')
      : delivery.kind === 'refused'
        ? endedRequest(request, { revoked: 'not delivered' })
        : undefined;
  const writes: Write[] = [
    ...((await server.capabilities()).clientIds
      ? [{ method: 'PUT' as const, resource: communication }]
      : [conditional(communication, communication.id ?? '')]),
    ...(ended === undefined
      ? []
      : [{ method: 'PUT' as const, resource: { ...ended, id: reference.split('/')[1] ?? '' } }]),
  ];
  await server.transaction(writes);
  run.written += writes.length + 1;
}

function conditional(resource: FhirResource, id: string): Write {
  const { id: _own, ...rest } = byDeviceIdentifier(resource);
  return {
    method: 'PUT',
    resource: rest as FhirResource,
    where: `${resource.resourceType}?identifier=${REMINDER_IDENTIFIER}|${id}`,
  };
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
    if (ended === 'told') await markTold(await openTasksOf(request, ports), ports);
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
