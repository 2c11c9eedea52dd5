import type { Task } from 'fhir/r4.js';
import type { SafetyPolicy } from '../../domain/protocol.ts';
import { literal } from '../../domain/reference.ts';
import { type ChainStep, chainOf, dueSteps, unclosedStep } from '../../domain/safety-chain.ts';
import { idOfTask } from '../../domain/safety-notice.ts';
import { openSafetyTasks } from '../../domain/safety-queries.ts';
import { isSafetyTask, stateOf } from '../../domain/safety-sign.ts';
import { ask } from '../by-subject.ts';
import { callingOf } from './apply-verdicts.ts';
import { handOver } from './hand-over.ts';
import { loadPeople, recordQueries, recordsOf } from './load-people.ts';
import { candidates } from './recipients.ts';
import type { RaiseOptions } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import { tellPeople, type Untold } from './tell-people.ts';
import { type Step, toldBefore } from './told-before.ts';
import { tellWatchDown } from './watch-down.ts';

export const ESCALATE_JOB = 'escalate';

export interface EscalateRun {
  /** Signs that nobody has taken up. */
  open: number;
  /** Signs that somebody has taken up and nobody closed. */
  unclosed: number;
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

/** Whatever no clinician closed, also where something else than Vincle cancelled or rejected it. */
const NOT_CLOSED =
  'requested,received,ready,draft,rejected,cancelled,failed,entered-in-error,accepted,in-progress,on-hold';

/**
 * Tells the next of the chain about every sign whose time has passed and that nobody has taken up, and the last of it
 * about one that was taken up and is not closed in time. A step at which somebody was told is never told again. One
 * request where nothing is open.
 * @throws FhirError where the server is not reached
 */
export async function escalate(ports: SafetyPorts, options: RaiseOptions): Promise<EscalateRun> {
  const [startedMs, requests] = [options.now(), ports.server.traffic.requests];
  const watchDown = options.dryRun ? false : await tellWatchDown(ports, options);
  const run: EscalateRun = {
    open: 0,
    unclosed: 0,
    due: 0,
    told: 0,
    untold: 0,
    watchDown,
    requests: 0,
    durationMs: 0,
    dryRun: options.dryRun ?? false,
  };
  for await (const page of ports.server.search(openSafetyTasks(NOT_CLOSED)))
    await escalatePage(
      ports,
      page.resources.filter((it) => isSafetyTask(it) && stateOf(it) !== 'closed'),
      options,
      run,
    );
  run.requests = ports.server.traffic.requests - requests;
  run.durationMs = Math.round(options.now() - startedMs);
  return run;
}

const CHUNK = 40;

async function escalatePage(ports: SafetyPorts, open: readonly Task[], options: RaiseOptions, run: EscalateRun) {
  const raised = open.filter((it) => stateOf(it) === 'raised').length;
  run.open += raised;
  run.unclosed += open.length - raised;
  for (let start = 0; start < open.length; start += CHUNK) {
    const chunk = open.slice(start, start + CHUNK);
    const due = await dueOf(ports, chunk, options.now());
    run.due += due.length;
    if (due.length > 0 && !options.dryRun) await tellDue(ports, due, options, run);
  }
}

interface Due extends Step {
  readonly of: Task;
  readonly chainStep: ChainStep;
}

/** The steps whose time has come and at which nobody was told yet. */
async function dueOf(ports: SafetyPorts, tasks: readonly Task[], nowMs: number): Promise<Due[]> {
  const due = tasks.flatMap((it) =>
    stepsOf(it, ports.safety.policy, nowMs).map(
      (chainStep): Due => ({ of: it, chainStep, task: idOfTask(it), step: chainStep.name }),
    ),
  );
  const done = await toldBefore(ports, due, nowMs);
  return due.filter((it) => !done.has(it));
}

function stepsOf(task: Task, policy: SafetyPolicy, nowMs: number): readonly ChainStep[] {
  const raisedMs = Date.parse(task.authoredOn ?? '');
  if (stateOf(task) === 'raised') return dueSteps(policy, raisedMs, nowMs);
  const takenUp = Date.parse(task.lastModified ?? '');
  const step = unclosedStep(policy, Number.isNaN(takenUp) ? raisedMs : takenUp, nowMs);
  return step === undefined ? [] : [step];
}

async function tellDue(ports: SafetyPorts, due: readonly Due[], options: RaiseOptions, run: EscalateRun) {
  const { server, context, safety } = ports;
  const { baseUrl } = context.settings;
  const patients = [...new Set(due.flatMap((it) => literal(it.of.for, baseUrl) ?? []))];
  const records = recordsOf(patients, await ask(server, recordQueries(patients)), baseUrl);
  const people = await loadPeople(server, [...records.values()], baseUrl);
  const calling = callingOf(ports, people, options.now());
  const [first] = chainOf(safety.policy);
  const untold = due.map(({ of, chainStep, task, step }): Untold => {
    const patient = literal(of.for, baseUrl);
    return {
      task,
      step,
      kind: step === first?.name ? 'safety-sign' : 'safety-escalation',
      respondBy: of.restriction?.period?.end ?? '',
      candidates: candidates(people.records.get(patient ?? ''), chainStep, calling),
      standing: { id: task, reference: `Task/${of.id}`, patient },
    };
  });
  const { reached } = await tellPeople(ports, untold, options.now);
  const signs = new Set(untold.map((it) => it.task));
  run.told += [...signs].filter((it) => reached.has(it)).length;
  run.untold += [...signs].filter((it) => !reached.has(it)).length;
  const later = new Set(due.filter((it) => it.step !== first?.name).map((it) => it.task));
  const tasks = [...new Map(due.map((it) => [it.task, it.of]))];
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
