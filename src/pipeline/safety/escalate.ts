import type { Communication, Task } from 'fhir/r4.js';
import { literal } from '../../domain/reference.ts';
import { type ChainStep, chainOf, dueSteps } from '../../domain/safety-chain.ts';
import { stepId } from '../../domain/safety-identity.ts';
import { idOfTask, type Told } from '../../domain/safety-notice.ts';
import { noticesOfSteps, openSafetyTasks } from '../../domain/safety-queries.ts';
import { isSafetyTask, stateOf } from '../../domain/safety-sign.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { callingOf } from './apply-verdicts.ts';
import { handOver } from './hand-over.ts';
import { loadPeople, recordQueries, recordsOf } from './load-people.ts';
import { candidates } from './recipients.ts';
import type { RaiseOptions } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import { tellPeople, type Untold } from './tell-people.ts';
import { tellWatchDown } from './watch-down.ts';

export const ESCALATE_JOB = 'escalate';

export interface EscalateRun {
  /** Signs that nobody has taken up. */
  open: number;
  /** Steps of their chains whose time has come and at which nobody was told yet. */
  due: number;
  told: number;
  /** Signs about which nobody at all could be told: the next run tries again. */
  untold: number;
  /** Somebody was told that nobody is looking for signs. */
  watchDown: boolean;
  requests: number;
  durationMs: number;
  readonly dryRun: boolean;
}

/** Whatever is not acknowledged or closed, also where something else than Vincle cancelled or rejected it. */
const NOT_TAKEN_UP = 'requested,received,ready,draft,rejected,cancelled,failed,entered-in-error';
/** A step at which nobody was reached is not tried more often than that. */
const AGAIN_AFTER_MS = 5 * 60_000;

/**
 * Tells the next of the chain about every sign whose time has passed and that nobody has taken up. A step at which
 * somebody was told is never told again. One request where nothing is open.
 * @throws FhirError where the server is not reached
 */
export async function escalate(ports: SafetyPorts, options: RaiseOptions): Promise<EscalateRun> {
  const [startedMs, requests] = [options.now(), ports.server.traffic.requests];
  const watchDown = options.dryRun ? false : await tellWatchDown(ports, options);
  const run: EscalateRun = {
    open: 0,
    due: 0,
    told: 0,
    untold: 0,
    watchDown,
    requests: 0,
    durationMs: 0,
    dryRun: options.dryRun ?? false,
  };
  for await (const page of ports.server.search(openSafetyTasks(NOT_TAKEN_UP)))
    await escalatePage(
      ports,
      page.resources.filter((it) => isSafetyTask(it) && stateOf(it) === 'raised'),
      options,
      run,
    );
  run.requests = ports.server.traffic.requests - requests;
  run.durationMs = Math.round(options.now() - startedMs);
  return run;
}

const CHUNK = 40;

async function escalatePage(ports: SafetyPorts, open: readonly Task[], options: RaiseOptions, run: EscalateRun) {
  run.open += open.length;
  for (let start = 0; start < open.length; start += CHUNK) {
    const chunk = open.slice(start, start + CHUNK);
    const due = await dueOf(ports, chunk, options.now());
    run.due += due.length;
    if (due.length > 0 && !options.dryRun) await tellDue(ports, due, options, run);
  }
}

interface Due {
  readonly task: Task;
  readonly step: ChainStep;
}

/** The steps whose time has come and that no delivered notice, on the server or in the outbox, is about. */
async function dueOf({ server, state, safety }: SafetyPorts, tasks: readonly Task[], nowMs: number): Promise<Due[]> {
  const due = tasks.flatMap((task) =>
    dueSteps(safety.policy, Date.parse(task.authoredOn ?? ''), nowMs).map((step): Due => ({ task, step })),
  );
  if (due.length === 0) return [];
  const ids = due.map((it) => stepId(idOfTask(it.task), it.step.name));
  const [page] = await ask(server, [noticesOfSteps(ids)]);
  const notices = resourcesOf(page, 'Communication');
  const waiting = (await state.listEntries()).flatMap((it) => toldOf(it.payload));
  return due.filter((it) => !isTold(it, notices, waiting, nowMs));
}

function isTold({ task, step }: Due, notices: readonly Communication[], waiting: readonly Told[], nowMs: number) {
  const id = stepId(idOfTask(task), step.name);
  const about = notices.filter((it) => it.identifier?.some((one) => one.value === id));
  if (about.some((it) => it.status === 'completed' || nowMs - Date.parse(it.sent ?? '') < AGAIN_AFTER_MS)) return true;
  return waiting.some((it) => it.delivered && it.step === step.name && it.tasks.includes(idOfTask(task)));
}

/** What an outbox entry says was told while the server was down. */
function toldOf(payload: unknown): Told[] {
  if (typeof payload !== 'object' || payload === null || !('told' in payload)) return [];
  const { told } = payload;
  const isWhole =
    typeof told === 'object' && told !== null && 'tasks' in told && Array.isArray(told.tasks) && 'delivered' in told;
  return isWhole ? [told as Told] : [];
}

async function tellDue(ports: SafetyPorts, due: readonly Due[], options: RaiseOptions, run: EscalateRun) {
  const { server, context, safety } = ports;
  const { baseUrl } = context.settings;
  const patients = [...new Set(due.flatMap((it) => literal(it.task.for, baseUrl) ?? []))];
  const records = recordsOf(patients, await ask(server, recordQueries(patients)), baseUrl);
  const people = await loadPeople(server, [...records.values()], baseUrl);
  const calling = callingOf(ports, people, options.now());
  const [first] = chainOf(safety.policy);
  const untold = due.map(({ task, step }): Untold => {
    const patient = literal(task.for, baseUrl);
    return {
      task: idOfTask(task),
      kind: step.name === first?.name ? 'safety-sign' : 'safety-escalation',
      step: step.name,
      respondBy: task.restriction?.period?.end ?? '',
      candidates: candidates(people.records.get(patient ?? ''), step, calling),
      standing: { id: idOfTask(task), reference: `Task/${task.id}`, patient },
    };
  });
  const { reached } = await tellPeople(ports, untold, options.now);
  const signs = new Set(untold.map((it) => it.task));
  run.told += [...signs].filter((it) => reached.has(it)).length;
  run.untold += [...signs].filter((it) => !reached.has(it)).length;
  const later = new Set(due.filter((it) => it.step.name !== first?.name).map((it) => idOfTask(it.task)));
  const tasks = [...new Map(due.map((it) => [idOfTask(it.task), it.task]))];
  await handOver(
    server,
    tasks.flatMap(([id, task]) => {
      const to = reached.get(id);
      return to === undefined ? [] : [{ task, to, escalated: later.has(id) }];
    }),
    new Date(options.now()).toISOString(),
    context.display,
  );
}
