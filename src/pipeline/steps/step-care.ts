import type { Notify } from '../../notify/port.ts';
import type { Checkpoint, State } from '../../state/port.ts';
import type { AllianceOptions, AlliancePorts } from '../compute-alliance.ts';
import { waitedFor } from '../compute-held.ts';
import { findAllStepped, findStepChanges, measuresRead, type StepChanges } from './find-step-changes.ts';
import { loadStepRecords } from './load-step-records.ts';
import { notifyOverdue } from './notify-overdue.ts';
import { stepContext } from './step-context.ts';
import { type Stepped, stepPerson } from './step-person.ts';
import { emptyStepRun, type StepRun, tallySteps } from './step-run.ts';
import { writeSteps } from './write-steps.ts';

export const STEPS_JOB = 'steps';
/** When time alone may change something for whom: `Patient/…|instant`, kept as what that checkpoint has seen. */
const WAKE = 'steps-wake';
const CHUNK = 40;
const ATTEMPTS = 3;

export interface StepOptions extends AllianceOptions {
  /** By which people are told that a decision is overdue; without it the Task alone says so. */
  readonly notify?: Notify;
  /** Where people go who are told: an address that needs a login. */
  readonly link?: string;
}

/** When each patient is to be looked at although nothing changed; ISO instants. */
type Wakes = Map<string, string>;

/**
 * One run of the steps job: ask what changed and for whom the time has come, bring each person’s CarePlans up to date,
 * and only then move the checkpoint. Killed anywhere and started again it ends in the same state; with nothing due it
 * sends one request, however many patients there are.
 * @throws FhirError where the server is not reached: the checkpoint stays
 */
export async function stepCare(ports: AlliancePorts, options: StepOptions): Promise<StepRun> {
  const { server, state, context } = ports;
  const started = options.now();
  const requests = server.traffic.requests;
  const checkpoint = await state.readCheckpoint(STEPS_JOB);
  const wakes = await readWakes(state);
  const since = sinceOf(checkpoint, wakes, context.content.protocolDigest, options);
  const changes =
    since === undefined
      ? await findAllStepped(server, context.settings.baseUrl)
      : await findStepChanges(server, since, options.overlapMs, context.content.protocol, context.settings.baseUrl);
  const run = emptyStepRun(since === undefined, options.dryRun ?? false);
  const due = [...(wakes ?? [])].filter(([, at]) => Date.parse(at) <= started).map(([subject]) => subject);
  const next: Wakes = new Map(since === undefined ? [] : wakes);
  await stepAll([...new Set([...changes.subjects, ...due])], next, run, ports, options);
  const watermark = changes.watermark ?? new Date(started).toISOString();
  if (!run.dryRun) await settle(state, next, changes, watermark, context.content.protocolDigest);
  run.requests = server.traffic.requests - requests;
  run.durationMs = options.now() - started;
  run.checkpoint = run.dryRun ? (checkpoint?.watermark ?? '') : watermark;
  return run;
}

/** Where to go on from; `undefined` asks for everybody: a first run, other content, or nobody knows who was to be woken. */
function sinceOf(checkpoint: Checkpoint | undefined, wakes: Wakes | undefined, digest: string, options: StepOptions) {
  if (options.all) return undefined;
  if (options.since !== undefined) return { watermark: options.since, seen: new Set<string>() };
  if (checkpoint === undefined || checkpoint.contentDigest !== digest || wakes === undefined) return undefined;
  return { watermark: checkpoint.watermark, seen: new Set(checkpoint.seen) };
}

async function readWakes(state: State): Promise<Wakes | undefined> {
  const stored = await state.readCheckpoint(WAKE);
  return stored === undefined
    ? undefined
    : new Map(
        stored.seen.map((it): [string, string] => {
          const bar = it.indexOf('|');
          return [it.slice(0, bar), it.slice(bar + 1)];
        }),
      );
}

/** Who is to be woken stands before the checkpoint moves: killed between, the run is done again. */
async function settle(state: State, wakes: Wakes, changes: StepChanges, watermark: string, contentDigest: string) {
  const seen = [...wakes].map(([subject, at]) => `${subject}|${at}`);
  await state.writeCheckpoint(WAKE, { watermark, seen, contentDigest });
  await state.writeCheckpoint(STEPS_JOB, { watermark, seen: changes.seen, contentDigest });
}

async function stepAll(
  subjects: readonly string[],
  wakes: Wakes,
  run: StepRun,
  ports: AlliancePorts,
  options: StepOptions,
): Promise<void> {
  options.onProgress?.(0, subjects.length);
  for (let start = 0; start < subjects.length; start += CHUNK) {
    options.signal?.throwIfAborted();
    const chunk = subjects.slice(start, start + CHUNK);
    await stepChunk(chunk, wakes, run, ports, options);
    options.onProgress?.(start + chunk.length, subjects.length);
  }
}

/** First a look at everybody; only whom something is to be written for is then read again, alone, under the lease. */
async function stepChunk(
  chunk: readonly string[],
  wakes: Wakes,
  run: StepRun,
  ports: AlliancePorts,
  options: StepOptions,
): Promise<void> {
  const looked = await look(chunk, ports, options);
  for (const subject of chunk) wakes.delete(subject);
  for (const first of looked) {
    run.persons += 1;
    const subject = first.ledger.record.subject;
    const { ledger } = first;
    const idle = ledger.changes().length === 0 && ledger.escalations.length === 0;
    const settled = idle || run.dryRun ? first : await stepHeld(first, run, ports, options);
    if (settled === undefined) {
      run.failed += 1;
      wakes.set(subject, new Date(options.now()).toISOString());
      continue;
    }
    tallySteps(run, settled.ledger.events, settled.said);
    if (run.dryRun) run.written += settled.ledger.changes().length;
    if (settled.wakeMs !== undefined) wakes.set(subject, new Date(settled.wakeMs).toISOString());
  }
}

async function look(
  patients: readonly string[],
  { server, context }: AlliancePorts,
  options: Pick<StepOptions, 'now'>,
): Promise<Stepped[]> {
  const { content, settings } = context;
  const measures = measuresRead(content.protocol);
  const records = await loadStepRecords(server, patients, { baseUrl: settings.baseUrl, measures });
  const at = stepContext(context, options.now());
  return records.map((it) => stepPerson(it, at));
}

/** One person while nobody else writes them; `undefined` where it did not come to an end. */
async function stepHeld(
  first: Stepped,
  run: StepRun,
  ports: AlliancePorts,
  options: StepOptions,
): Promise<Stepped | undefined> {
  const { subject } = first.ledger.record;
  const lease = await waitedFor(subject, { ...options, state: ports.state });
  if (lease === undefined) return undefined;
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const stepped = (await look([subject], ports, options)).find((it) => it.ledger.record.aliases.includes(subject));
      if (stepped === undefined) return undefined;
      const sent = await writeSteps(ports.server, stepped.ledger);
      if (sent.kind === 'written') {
        run.written += sent.resources;
        const { notify, link } = options;
        const telling = { notify, contacts: ports.context.content.contacts, ...(link === undefined ? {} : { link }) };
        await notifyOverdue(ports.server, stepped.ledger, run, telling, stepContext(ports.context, options.now()));
        return stepped;
      }
      if (sent.kind === 'rejected') run.reasons.rejected = (run.reasons.rejected ?? 0) + 1;
      if (sent.kind === 'rejected') return undefined;
    }
    return undefined;
  } finally {
    await lease.release();
  }
}
