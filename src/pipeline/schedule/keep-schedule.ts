import type { Task } from 'fhir/r4.js';
import { isExpired, occasionIdOf } from '../../domain/questionnaire-task.ts';
import { literal } from '../../domain/reference.ts';
import { offerOf } from '../../domain/schedule-offer.ts';
import type { Notify } from '../../notify/port.ts';
import type { Checkpoint, State } from '../../state/port.ts';
import type { AllianceOptions, AlliancePorts } from '../compute-alliance.ts';
import { FormLibrary } from '../form-library.ts';
import type { ReminderPorts } from './deliver-reminder.ts';
import { findAllScheduled, findScheduleChanges, type ScheduleChanges } from './find-schedule-changes.ts';
import { loadScheduled, loadTherapists } from './load-scheduled.ts';
import { type PersonPlan, type Planning, planPerson, type TaskChange } from './plan-person.ts';
import { planTherapist, therapistForms } from './plan-therapist.ts';
import { emptyScheduleRun, type ScheduleRun } from './schedule-run.ts';
import { ABANDONED_MS, resumeReminders, sendReminders, type Waiting } from './send-reminders.ts';
import { asWritten, writeTasks } from './write-tasks.ts';

export const SCHEDULE_JOB = 'schedule';
/** When time alone may change something for whom: `Patient/…|instant`, kept as what that checkpoint has seen. */
const WAKE = 'schedule-wake';
const CHUNK = 20;
const ATTEMPTS = 3;

export interface ScheduleOptions extends AllianceOptions {
  readonly notify: Notify;
  /** Whether a form with a safety item may be put before anybody here. */
  readonly mayOfferSafetyItems: boolean;
  /** Where a reminder leads. */
  readonly link?: string;
}

/** When each patient is to be looked at although nothing changed; ISO instants. */
type Wakes = Map<string, string>;

interface Work {
  readonly ports: AlliancePorts;
  readonly options: ScheduleOptions;
  readonly planning: Omit<Planning, 'nowMs'>;
  readonly forms: FormLibrary;
  readonly run: ScheduleRun;
  readonly wakes: Wakes;
  readonly waiting: Waiting[];
  /** Who treats somebody that was looked at. */
  readonly therapists: Set<string>;
  /** Versions that this run wrote: no news for the next one. */
  readonly wrote: string[];
}

/**
 * One run of the schedule job: ask what changed and for whom the time has come, bring their questionnaire Tasks up to
 * date, remind whoever is to be reminded, and only then move the checkpoint. Killed anywhere and started again it ends
 * in the same state; with nothing due it sends one request, however many patients there are.
 * @throws FhirError where the server is not reached: the checkpoint stays
 */
export async function keepSchedule(ports: AlliancePorts, options: ScheduleOptions): Promise<ScheduleRun> {
  const { server, state, context } = ports;
  const started = options.now();
  const requests = server.traffic.requests;
  const checkpoint = await state.readCheckpoint(SCHEDULE_JOB);
  const wakes = await readWakes(state);
  const digest = `${context.content.digest}|${context.content.protocolDigest}|${options.mayOfferSafetyItems}`;
  const since = sinceOf(checkpoint, wakes, digest, options);
  const changes =
    since === undefined
      ? await findAllScheduled(server, context)
      : await findScheduleChanges(server, since, options.overlapMs, context);
  const run = emptyScheduleRun(since === undefined, options.dryRun ?? false);
  const due = [...(wakes ?? [])].filter(([, at]) => Date.parse(at) <= started).map(([subject]) => subject);
  const work = workOf(ports, options, run, new Map(since === undefined ? [] : wakes));
  const reminding = { ...ports, ...options, nowMs: started, run };
  if (!run.dryRun) await resumeReminders(changes.begun, reminding);
  await planAll([...new Set([...changes.patients, ...due.filter(isPatient)])], work);
  await planAll(therapistsDue(changes.staff, due, work), work);
  if (!run.dryRun) {
    await remind(work, reminding);
    await settle(state, work, changes, digest, started);
  }
  run.requests = server.traffic.requests - requests;
  run.durationMs = options.now() - started;
  run.checkpoint = run.dryRun ? (checkpoint?.watermark ?? '') : (changes.watermark ?? new Date(started).toISOString());
  return run;
}

/** Whoever another process is writing to, or could not be written to now, is looked at again in a while. */
async function remind({ waiting, wrote, wakes, ports }: Work, reminding: ReminderPorts): Promise<void> {
  const { done, later } = await sendReminders(waiting, reminding);
  wrote.push(...done.map(versionText));
  const again = new Date(reminding.nowMs + ABANDONED_MS).toISOString();
  for (const task of later) {
    const subject = literal(task.for, ports.context.settings.baseUrl);
    const planned = subject === undefined ? undefined : wakes.get(subject);
    if (subject !== undefined && (planned === undefined || planned > again)) wakes.set(subject, again);
  }
}

const isPatient = (subject: string): boolean => subject.startsWith('Patient/');

/** Therapists whose time has come, who changed anything, or who treat somebody and are not known to the schedule yet. */
function therapistsDue(
  staff: ReadonlySet<string>,
  due: readonly string[],
  { wakes, therapists, planning }: Work,
): string[] {
  if (therapistForms(planning).length === 0) return [];
  const unknown = [...therapists].filter((it) => !wakes.has(it));
  const changed = [...staff].filter((it) => wakes.has(it));
  return [...new Set([...unknown, ...changed, ...due.filter((it) => !isPatient(it))])];
}

function workOf(ports: AlliancePorts, options: ScheduleOptions, run: ScheduleRun, wakes: Wakes): Work {
  const { content } = ports.context;
  const withSafetyItem = content.protocol.safety.items.map((it) => it.instrument);
  const forms = new FormLibrary(ports.server, content);
  const offer = offerOf(content.protocol.schedules, withSafetyItem, options.mayOfferSafetyItems);
  const planning = { context: ports.context, forms: forms.resolve, offer };
  return { ports, options, planning, forms, run, wakes, waiting: [], therapists: new Set(), wrote: [] };
}

/** Where to go on from; `undefined` asks for everybody: a first run, other content, or nobody knows who was to be woken. */
function sinceOf(
  checkpoint: Checkpoint | undefined,
  wakes: Wakes | undefined,
  digest: string,
  options: ScheduleOptions,
) {
  if (options.all) return undefined;
  if (options.since !== undefined) return { watermark: options.since, seen: new Set<string>() };
  if (checkpoint === undefined || checkpoint.contentDigest !== digest || wakes === undefined) return undefined;
  return { watermark: checkpoint.watermark, seen: new Set(checkpoint.seen) };
}

async function readWakes(state: State): Promise<Wakes | undefined> {
  const stored = await state.readCheckpoint(WAKE);
  if (stored === undefined) return undefined;
  return new Map(
    stored.seen.map((it): [string, string] => {
      const bar = it.indexOf('|');
      return [it.slice(0, bar), it.slice(bar + 1)];
    }),
  );
}

/** Who is to be woken stands before the checkpoint moves: killed between, the run is done again. */
async function settle(state: State, { wakes, wrote }: Work, changes: ScheduleChanges, digest: string, nowMs: number) {
  const watermark = changes.watermark ?? new Date(nowMs).toISOString();
  const woken = [...wakes].map(([subject, at]) => `${subject}|${at}`);
  await state.writeCheckpoint(WAKE, { watermark, seen: woken, contentDigest: digest });
  await state.writeCheckpoint(SCHEDULE_JOB, { watermark, seen: [...changes.seen, ...wrote], contentDigest: digest });
}

async function planAll(subjects: readonly string[], work: Work): Promise<void> {
  const { options } = work;
  options.onProgress?.(0, subjects.length);
  for (let start = 0; start < subjects.length; start += CHUNK) {
    options.signal?.throwIfAborted();
    const chunk = subjects.slice(start, start + CHUNK);
    await planChunk(chunk, work);
    options.onProgress?.(start + chunk.length, subjects.length);
  }
}

/** Load, plan, write; again for whoever somebody else wrote first. */
async function planChunk(chunk: readonly string[], work: Work): Promise<void> {
  const { run, wakes, options } = work;
  for (const subject of chunk) wakes.delete(subject);
  let pending = chunk;
  for (let attempt = 1; pending.length > 0; attempt += 1) {
    const plans = await plansOf(pending, work);
    const written = run.dryRun ? new Map() : await writeTasks(work.ports.server, plans);
    const again: string[] = [];
    for (const plan of plans) {
      const outcome = written.get(plan.subject);
      if (outcome?.kind === 'conflict' && attempt < ATTEMPTS) again.push(plan.subject);
      else if (outcome !== undefined && outcome.kind !== 'written') {
        run.failed += 1;
        wakes.set(plan.subject, new Date(options.now()).toISOString());
      } else keep(plan, outcome?.results ?? [], work);
    }
    pending = again;
  }
}

async function plansOf(subjects: readonly string[], { ports, planning, forms, options }: Work): Promise<PersonPlan[]> {
  const { server, context } = ports;
  const patients = await loadScheduled(server, subjects.filter(isPatient), context);
  const therapists = await loadTherapists(
    server,
    subjects.filter((it) => !isPatient(it)),
    context,
  );
  await forms.learn([...patients, ...therapists.map((it) => it.record)].flatMap((it) => it.responses));
  const at: Planning = { ...planning, nowMs: options.now() };
  return [...patients.map((it) => planPerson(it, at)), ...therapists.map((it) => planTherapist(it, at))];
}

/** What was written is counted, remembered as no news, and waits to be reminded of. */
function keep(plan: PersonPlan, results: Parameters<typeof asWritten>[1][], work: Work): void {
  const { run, wakes, waiting, wrote } = work;
  for (const it of plan.therapists) work.therapists.add(it);
  run.persons += 1;
  run.withoutTherapist += plan.withoutTherapist;
  const stands = new Map(plan.tasks);
  plan.changes.forEach((change, index) => {
    tally(run, change);
    if (run.dryRun) return;
    const task = asWritten(change.after, results[index]);
    if (task.status !== 'entered-in-error') stands.set(occasionIdOf(change.after), task);
    wrote.push(versionText(task));
  });
  run.written += plan.changes.length;
  for (const { task, ...whom } of plan.due) {
    const stood = stands.get(task);
    if (stood !== undefined) waiting.push({ task: stood, ...whom });
  }
  if (plan.wakeMs !== undefined) wakes.set(plan.subject, new Date(plan.wakeMs).toISOString());
}

const versionText = (task: Task): string => `Task/${task.id}|${task.meta?.versionId ?? ''}`;

const COUNTER: Partial<Record<Task['status'], 'opened' | 'begun' | 'completed' | 'cancelled'>> = {
  ready: 'opened',
  'in-progress': 'begun',
  completed: 'completed',
  cancelled: 'cancelled',
};

function tally(run: ScheduleRun, { before, after }: TaskChange): void {
  if (before === undefined) run.created += 1;
  if (before?.status === after.status) {
    run.moved += 1;
    return;
  }
  const counter = isExpired(after) ? 'expired' : COUNTER[after.status];
  if (counter !== undefined) run[counter] += 1;
}
