import type { Task } from 'fhir/r4.js';
import type { Review } from '../domain/review-task.ts';
import type { FhirServer } from '../fhir/port.ts';
import type { Checkpoint, State } from '../state/port.ts';
import { type AllianceRun, emptyRun, tally } from './alliance-run.ts';
import { computeHeld } from './compute-held.ts';
import type { Computation, Unfinished } from './compute-subjects.ts';
import type { PipelineContext } from './context.ts';
import { type Changed, findAll, findChangedSince } from './find-changed.ts';
import { FormLibrary } from './form-library.ts';
import { reconcileReviews } from './reconcile.ts';
import type { SafetyPath } from './safety/safety-path.ts';
import { writeDerived } from './write-derived.ts';

export const ALLIANCE_JOB = 'alliance';

export interface AllianceOptions {
  /** Everything, whatever the checkpoint says. */
  readonly all?: boolean;
  /** From this instant instead of the checkpoint. */
  readonly since?: string;
  /** Nothing is written, the checkpoint stays. */
  readonly dryRun?: boolean;
  /** How far back of the watermark is asked again: the longest time between a server's timestamp and its commit. */
  readonly overlapMs: number;
  readonly now: () => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, of: number) => void;
  /** Who holds the leases: unique to this process. */
  readonly holder: string;
  /** Waits between tries for a patient that another writer holds. */
  readonly pause: (ms: number) => Promise<void>;
}

/** What a run works on: the hospital's server, Vincle's own state, the content. */
export interface AlliancePorts {
  readonly server: FhirServer;
  readonly state: State;
  readonly context: PipelineContext;
  /** Absent where nothing is raised: in tools that only compute. */
  readonly safety?: SafetyPath;
}

/** Subjects loaded in one batch of searches. */
const CHUNK = 20;
/** Chunks under way at once: while one is thought about, the server has two to answer. */
const WORKERS = 3;

/**
 * One run of the alliance job: ask what changed, compute whoever it is about, write what differs, and only then move
 * the checkpoint. Killed anywhere and started again it ends in the same state; with nothing new it sends one request.
 * @throws FhirError where the server is not reached: the checkpoint stays, nothing is half done.
 */
export async function computeAlliance(ports: AlliancePorts, options: AllianceOptions): Promise<AllianceRun> {
  const { server, state, context } = ports;
  const started = options.now();
  const requests = server.traffic.requests;
  const nowText = () => new Date(options.now()).toISOString();
  const checkpoint = await state.readCheckpoint(ALLIANCE_JOB);
  const sameContent = checkpoint?.contentDigest === context.content.digest;
  const since = options.all ? undefined : sinceOf(checkpoint, sameContent, options);
  const changed =
    since === undefined
      ? await findAll(server, options.overlapMs, nowText(), context)
      : await findChangedSince(server, since, options.overlapMs, nowText(), context);
  const run = emptyRun(since === undefined, options.dryRun ?? false);
  run.read = changed.read;
  run.ignored = changed.ignored;
  for (const it of changed.outsiders) run.outside += changed.responsesBySubject.get(it) ?? 0;
  const due = await state.listDue();
  const computation: Computation = {
    server,
    context,
    run,
    contested: changed.contested,
    fresh: changed.fresh,
    responsesBySubject: changed.responsesBySubject,
    reviews: reviewsByResponse(changed.reviews),
    forms: new FormLibrary(server, context.content),
    sameContent,
    dryRun: run.dryRun,
    now: nowText,
  };
  await reviewHomeless(changed, computation);
  const subjects = [...new Set([...changed.subjects, ...due.map((it) => it.subject)])];
  const unfinished = await computeAll(subjects, computation, ports, options);
  if (!run.dryRun)
    await settle(
      ports,
      changed,
      due.map((it) => it.subject),
      unfinished,
      { started: new Date(started).toISOString(), ended: nowText() },
    );
  run.requests = server.traffic.requests - requests;
  run.durationMs = options.now() - started;
  run.checkpoint = run.dryRun ? (checkpoint?.watermark ?? '') : changed.watermark;
  return run;
}

/** Where to go on from; `undefined` asks for everything: a first run, other content, or none of both. */
function sinceOf(checkpoint: Checkpoint | undefined, sameContent: boolean, options: AllianceOptions) {
  if (options.since !== undefined) return { watermark: options.since, seen: new Set<string>() };
  if (checkpoint === undefined || !sameContent) return undefined;
  return { watermark: checkpoint.watermark, seen: new Set(checkpoint.seen) };
}

const reviewsByResponse = (tasks: readonly Task[]): Map<string, Task> =>
  new Map(
    tasks.flatMap((task): [string, Task][] =>
      task.focus?.reference === undefined ? [] : [[task.focus.reference, task]],
    ),
  );

/** The next run starts where this one began to ask, and takes up what it could not finish. */
async function settle(
  { state, context }: AlliancePorts,
  changed: Changed,
  due: readonly string[],
  unfinished: readonly Unfinished[],
  { started, ended }: { readonly started: string; readonly ended: string },
): Promise<void> {
  const open = new Set(unfinished.map((it) => it.subject));
  await state.addDue(unfinished.map((it) => ({ ...it, since: ended })));
  // Who became due while the run was under way stays due: this run may have read them before.
  await state.removeDue(
    due.filter((it) => !open.has(it)),
    started,
  );
  await state.writeCheckpoint(ALLIANCE_JOB, {
    watermark: changed.watermark,
    seen: changed.seen,
    contentDigest: context.content.digest,
  });
}

/** Chunks of subjects, a few under way at once. */
async function computeAll(
  subjects: readonly string[],
  computation: Computation,
  ports: AlliancePorts,
  options: AllianceOptions,
): Promise<Unfinished[]> {
  const unfinished: Unfinished[] = [];
  let next = 0;
  let done = 0;
  options.onProgress?.(0, subjects.length);
  const worker = async () => {
    while (next < subjects.length) {
      options.signal?.throwIfAborted();
      const chunk = subjects.slice(next, next + CHUNK);
      next += chunk.length;
      unfinished.push(...(await computeHeld(chunk, computation, { ...options, state: ports.state })).unfinished);
      done += chunk.length;
      options.onProgress?.(done, subjects.length);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return unfinished;
}

/** Finished responses that name no patient of this server: nobody can be scored, so a person is told. */
async function reviewHomeless(changed: Changed, computation: Computation): Promise<void> {
  const finished = changed.homeless.filter((it) => it.status === 'completed' || it.status === 'amended');
  const reviews = finished.map(
    (it): Review => ({
      about: `QuestionnaireResponse/${it.id}`,
      patient: undefined,
      issues: [
        {
          severity: 'error',
          code: 'required',
          reason: 'unknown-patient',
          diagnostics: 'The response names no patient of this server.',
          expression: 'QuestionnaireResponse.subject',
        },
      ],
    }),
  );
  for (const review of reviews)
    tally(
      computation.run,
      'refused',
      review.issues.map((it) => it.reason),
    );
  const standing = reviews.flatMap((it) => computation.reviews.get(it.about) ?? []);
  const plan = reconcileReviews(reviews, standing, computation.now());
  computation.run.unchanged += plan.unchanged;
  if (plan.writes.length === 0 || computation.dryRun) return;
  const results = await writeDerived(
    computation.server,
    plan.writes.map((write, index) => ({ subject: `review ${index}`, writes: [write] })),
  );
  for (const result of results) if (result.kind === 'written') computation.run.written += result.resources;
}
