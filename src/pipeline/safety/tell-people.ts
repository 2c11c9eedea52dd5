import { COMMUNICATION_IDENTIFIER, noticeId } from '../../domain/safety-identity.ts';
import { noticeRecord, type StandingTask, type Told } from '../../domain/safety-notice.ts';
import { FhirError, type Write } from '../../fhir/port.ts';
import type { NoticeKind, Recipient } from '../../notify/port.ts';
import { byDeviceIdentifier } from '../server-ids.ts';
import type { SafetyPorts } from './safety-ports.ts';

/** One sign about which somebody must be told. */
export interface Untold {
  /** Id of the Task, as its identifier has it. */
  readonly task: string;
  readonly kind: NoticeKind;
  /** Name of the step. */
  readonly step: string;
  readonly respondBy: string;
  /** In the order in which they are tried. */
  readonly candidates: readonly Recipient[];
  /** Absent where the server does not hold it (yet). */
  readonly standing: StandingTask | undefined;
}

export interface TellResult {
  /** By id of Task: who was reached at last. Those that nobody was told about are not in it. */
  readonly reached: ReadonlyMap<string, Recipient>;
  readonly told: readonly Told[];
}

/**
 * Tells the first of each sign’s candidates, and where that fails the next at once. Signs with the same person and step
 * are one notice. Every try is recorded; where the server cannot take the record it waits in the outbox.
 */
export async function tellPeople(
  ports: SafetyPorts,
  untold: readonly Untold[],
  now: () => number,
  recording: 'server' | 'outbox' = 'server',
): Promise<TellResult> {
  const reached = new Map<string, Recipient>();
  const told: Told[] = [];
  let left = untold;
  for (let round = 0; left.length > 0; round += 1) {
    const trying = left.filter((it) => it.candidates[round] !== undefined);
    const results = await Promise.all(bundled(trying, round).map((group) => tellOne(ports, group, round, now)));
    for (const { group, told: one } of results) {
      told.push(one);
      if (one.delivered) for (const it of group.untold) reached.set(keyOf(it), group.to);
    }
    left = trying.filter((it) => !reached.has(keyOf(it)));
  }
  await record(ports, told, untold, now, recording);
  return { reached: new Map(untold.flatMap((it) => pairOf(it, reached.get(keyOf(it))))), told };
}

/** One of a site’s list without a record is told apart by the address. */
const personOf = (to: Recipient): string =>
  to.reference.startsWith('role:') ? `${to.reference}|${to.email ?? ''}` : to.reference;

const keyOf = (it: Untold): string => `${it.task}|${it.step}`;
const pairOf = (it: Untold, to: Recipient | undefined): [string, Recipient][] =>
  to === undefined ? [] : [[it.task, to]];

interface Group {
  readonly to: Recipient;
  readonly untold: readonly Untold[];
}

function bundled(untold: readonly Untold[], round: number): readonly Group[] {
  const groups = new Map<string, { to: Recipient; untold: Untold[] }>();
  for (const it of untold) {
    const to = it.candidates[round];
    if (to === undefined) continue;
    const key = `${personOf(to)}|${it.step}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { to, untold: [it] });
    else group.untold.push(it);
  }
  return [...groups.values()];
}

/** A receiver that takes a notice and never answers would hold up everybody after it; mail is taken within a second or two. */
const SILENCE_MS = 6_000;

async function tellOne(
  { safety }: SafetyPorts,
  group: Group,
  round: number,
  now: () => number,
): Promise<{ group: Group; told: Told }> {
  const { to, untold } = group;
  const [first] = untold;
  const step = first?.step ?? '';
  const tasks = untold.map((it) => it.task);
  const respondBy = untold.map((it) => it.respondBy).sort()[0];
  // Whoever is the last has all the time that the channel is given.
  const isLast = untold.every((it) => it.candidates[round + 1] === undefined);
  const delivery = await safety.notify.send(
    {
      id: noticeId(tasks, step, personOf(to)),
      kind: first?.kind ?? 'safety-sign',
      to,
      ...(safety.link === undefined ? {} : { link: safety.link }),
      ...(respondBy === undefined ? {} : { respondBy }),
    },
    isLast ? undefined : AbortSignal.timeout(safety.silenceMs ?? SILENCE_MS),
  );
  const base = {
    tasks,
    step,
    recipient: to.reference,
    person: personOf(to),
    channel: delivery.channel,
    at: new Date(now()).toISOString(),
  };
  return {
    group,
    told:
      delivery.kind === 'delivered'
        ? { ...base, delivered: true }
        : { ...base, delivered: false, reason: `${delivery.kind}: ${delivery.reason}` },
  };
}

/** Conditional, so that it is the same resource however often it is sent, on whatever server. */
function recordOf(told: Told, untold: readonly Untold[]): Write {
  const standing = told.tasks.flatMap((task) => untold.find((it) => it.task === task)?.standing ?? []);
  const { id, ...resource } = byDeviceIdentifier(noticeRecord(told, standing));
  const own = { system: COMMUNICATION_IDENTIFIER, value: id ?? '' };
  return {
    method: 'PUT',
    resource: { ...resource, identifier: [own, ...(resource.identifier ?? [])] },
    where: `Communication?identifier=${COMMUNICATION_IDENTIFIER}|${id}`,
  };
}

/** Outbox entries of notices have ids of this shape, by which a later try knows what was sent while the server was down. */
export const outboxLabel = (told: Told): string => `Communication of ${told.step}`;

async function record(
  ports: SafetyPorts,
  told: readonly Told[],
  untold: readonly Untold[],
  now: () => number,
  recording: 'server' | 'outbox',
): Promise<void> {
  if (told.length === 0) return;
  const writes = told.map((it) => recordOf(it, untold));
  const keep = () => Promise.all(told.map((it, index) => later(ports, it, writes[index], now)));
  if (recording === 'outbox') return void (await keep());
  try {
    await ports.server.transaction(writes);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    await keep();
  }
}

async function later({ state }: SafetyPorts, told: Told, write: Write | undefined, now: () => number): Promise<void> {
  const at = new Date(now()).toISOString();
  const id = noticeId(told.tasks, told.step, told.person);
  await state.enqueue({
    id: `${id}/${told.delivered ? 'delivered' : 'failed'}`,
    stream: `notice/${id}`,
    label: outboxLabel(told),
    payload: { write, told },
    enqueuedAt: at,
    nextAttemptAt: at,
  });
}
