import type { Task } from 'fhir/r4.js';
import { chainOf, ownerByRole, respondBy } from '../../domain/safety-chain.ts';
import { flagId, safetyTaskId } from '../../domain/safety-identity.ts';
import { idOfTask, type StandingTask } from '../../domain/safety-notice.ts';
import { type RaisedSign, safetyFlag, safetyTask, withAnswer } from '../../domain/safety-sign.ts';
import { FhirError } from '../../fhir/port.ts';
import type { Recipient } from '../../notify/port.ts';
import { handOver, ownerOf } from './hand-over.ts';
import type { Judged } from './judged.ts';
import { loadPeople, NOBODY_KNOWN, type People } from './load-people.ts';
import { type Calling, candidates } from './recipients.ts';
import type { RaiseOptions } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import type { SafetyRun } from './safety-run.ts';
import { noteSame } from './same-answer.ts';
import { tellPeople, type Untold } from './tell-people.ts';
import { toldBefore } from './told-before.ts';
import { within } from './within.ts';
import { type SignResources, writeSigns } from './write-signs.ts';

/** One sign to be raised, with whom it calls. */
interface Raise extends SignResources {
  readonly id: string;
  readonly step: string;
  readonly sign: RaisedSign;
  readonly calls: readonly Recipient[];
}

/** Does what was found: raises, tells, and notes what an answer is now. */
export async function applyVerdicts(
  ports: SafetyPorts,
  judged: readonly Judged[],
  options: RaiseOptions,
  run: SafetyRun,
): Promise<void> {
  const raising = judged.filter((it) => it.verdict.kind === 'raise' && (it.sign !== undefined || it.tasks.length > 0));
  const noting = judged.filter((it) => it.verdict.kind === 'note');
  run.raised += raising.length;
  run.noted += noting.length;
  if (!options.dryRun) for (const it of judged) await noteSame(ports, it, run);
  if (options.dryRun || raising.length + noting.length === 0) return;
  const rising = noting.filter((it) => it.verdict.kind === 'note' && it.verdict.rise);
  const people = await peopleOf(ports, [...raising, ...rising]);
  const calling = callingOf(ports, people, options.now());
  const raises = raising.map((it) => raiseOf(it, ports, calling, new Date(options.now()).toISOString()));
  const { tasks, failed } = await writeSigns(ports.server, raises);
  run.failed += failed.length;
  run.raised -= failed.length;
  const asked = [
    ...raises.map((it) => untoldOf(it, tasks.get(it.id))),
    ...rising.flatMap((it) => risenOf(it, calling)),
  ];
  const telling = tellAll(ports, raises, tasks, asked, options.now);
  const told = await within(telling, options.patienceMs, new Set<string>());
  run.told += told.size;
  run.untold += new Set(asked.map((it) => it.task)).size - told.size;
  for (const it of noting) await note(ports, it, run);
}

/** Tells about all of them, and gives each to whoever was reached. Gives the ids of the Tasks about which somebody was told. */
async function tellAll(
  ports: SafetyPorts,
  raises: readonly Raise[],
  tasks: ReadonlyMap<string, string>,
  asked: readonly Untold[],
  now: () => number,
): Promise<ReadonlySet<string>> {
  const untold = await stillUntold(ports, asked, now());
  const { reached } = await tellPeople(ports, untold, now);
  await handOverRaised(ports, raises, tasks, reached, now());
  const before = asked.filter((it) => !untold.includes(it));
  return new Set([...before, ...untold.filter((it) => reached.has(it.task))].map((it) => it.task));
}

/** Without what was told while the server was down, or by a run that did not come to its end. */
async function stillUntold(ports: SafetyPorts, asked: readonly Untold[], nowMs: number): Promise<readonly Untold[]> {
  try {
    const done = await toldBefore(ports, asked, nowMs);
    return asked.filter((it) => !done.has(it));
  } catch (error) {
    // Told twice is better than never: a notice that comes again has the same id.
    if (!(error instanceof FhirError)) throw error;
    return asked;
  }
}

async function peopleOf({ server, context }: SafetyPorts, judged: readonly Judged[]): Promise<People> {
  const records = [...new Map(judged.map((it) => [it.record.subject, it.record])).values()];
  try {
    return await loadPeople(server, records, context.settings.baseUrl);
  } catch (error) {
    // Whoever can be told by the site’s own list is told.
    if (!(error instanceof FhirError)) throw error;
    return { ...NOBODY_KNOWN, records: new Map(records.map((it) => [it.subject, it])) };
  }
}

export const callingOf = ({ safety, context }: SafetyPorts, people: People, nowMs: number): Calling => ({
  chain: chainOf(safety.policy),
  contacts: safety.contacts,
  people,
  settings: context.settings,
  nowMs,
});

function raiseOf(it: Judged, { safety, context }: SafetyPorts, calling: Calling, at: string): Raise {
  const { key, verdict, record, flags, tasks } = it;
  const episode = verdict.kind === 'raise' ? verdict.episode : 1;
  const [step] = calling.chain;
  const calls = step === undefined ? [] : candidates(calling.people.records.get(record.subject), step, calling);
  const [first] = calls;
  const sign: RaisedSign = {
    key,
    episode,
    item: it.item,
    answer: it.sign?.answer ?? 'unreadable',
    response: it.it.reference,
    at,
    respondBy: respondBy(safety.policy, at),
    owner: first === undefined ? ownerByRole(step?.role ?? 'coordinator') : ownerOf(first),
    deceased: record.patient?.deceasedBoolean === true || record.patient?.deceasedDateTime !== undefined,
    ...(it.also === undefined ? {} : { also: it.also }),
  };
  return {
    id: safetyTaskId(key, episode),
    step: step?.name ?? '0/coordinator',
    sign,
    calls,
    flag: flags.has(flagId(key, episode)) ? undefined : safetyFlag(sign),
    task: tasks.length >= episode ? undefined : onStandingFlag(safetyTask(sign, context.display), it, episode),
  };
}

/** On a server that gives its own ids a Flag that stands there already is named by the id it got. */
function onStandingFlag(task: Task, { key, flags }: Judged, episode: number): Task {
  const flag = flags.get(flagId(key, episode));
  return flag === undefined ? task : { ...task, focus: { reference: `Flag/${flag.id}` } };
}

const untoldOf = (it: Raise, reference: string | undefined): Untold => ({
  task: it.id,
  kind: 'safety-sign',
  step: it.step,
  respondBy: it.sign.respondBy,
  candidates: it.calls,
  standing: reference === undefined ? undefined : { id: it.id, reference, patient: it.sign.key.patient },
});

/** An open sign whose answer is worse now: whoever has it is told again. */
function risenOf(it: Judged, calling: Calling): Untold[] {
  const [step] = calling.chain;
  const task = it.tasks.at(-1);
  if (task === undefined || step === undefined || it.sign === undefined) return [];
  const standing: StandingTask = { id: idOfTask(task), reference: `Task/${task.id}`, patient: it.key.patient };
  return [
    {
      task: standing.id,
      kind: 'safety-sign',
      step: `rise/${it.sign.answer}`,
      respondBy: task.restriction?.period?.end ?? '',
      candidates: candidates(calling.people.records.get(it.record.subject), step, calling),
      standing,
    },
  ];
}

/** Whoever was told in place of the first is the owner. */
async function handOverRaised(
  { server, context }: SafetyPorts,
  raises: readonly Raise[],
  tasks: ReadonlyMap<string, string>,
  reached: ReadonlyMap<string, Recipient>,
  nowMs: number,
): Promise<void> {
  const others = raises.flatMap((it) => {
    const [to, reference, [first]] = [reached.get(it.id), tasks.get(it.id), it.calls];
    return to === undefined || reference === undefined || to.reference === first?.reference
      ? []
      : [{ to, id: reference.slice(5) }];
  });
  for (const { to, id } of others) {
    const task = await server.read('Task', id).catch(() => undefined);
    if (task !== undefined)
      await handOver(server, [{ task, to, escalated: false }], new Date(nowMs).toISOString(), context.display);
  }
}

/** Whoever changed the Task in the meantime wins; the next look notes it again. */
async function note({ server, context }: SafetyPorts, { verdict }: Judged, run: SafetyRun): Promise<void> {
  if (verdict.kind !== 'note') return;
  const versionId = verdict.task.meta?.versionId;
  try {
    await server.write({
      method: 'PUT',
      resource: withAnswer(verdict.task, verdict.answer, context.display),
      ...(versionId === undefined ? {} : { ifMatch: versionId }),
    });
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    run.noted -= 1;
    run.failed += 1;
  }
}
