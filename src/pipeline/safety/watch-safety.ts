import type { FhirResource, QuestionnaireResponse } from 'fhir/r4.js';
import { type Query, responsesOf } from '../../domain/queries.ts';
import { literal } from '../../domain/reference.ts';
import { changedAnswers, changedLinks, changedMembership, completedSafetyTasks } from '../../domain/safety-queries.ts';
import type { ResourceType } from '../../fhir/port.ts';
import type { Checkpoint } from '../../state/port.ts';
import { ask, resourcesOf } from '../by-subject.ts';
import { subjectOf } from '../gathering.ts';
import { safetyCanonicals } from './detect-signs.ts';
import { mergedPatients } from './merged-records.ts';
import { raiseSigns } from './raise-signs.ts';
import { reopenSigns } from './reopen-signs.ts';
import { type RaiseOptions, stored } from './safety-case.ts';
import type { SafetyPorts } from './safety-ports.ts';
import { emptySafetyRun, type SafetyRun } from './safety-run.ts';

export const SAFETY_JOB = 'safety';

export interface WatchOptions extends RaiseOptions {
  /** Everything, whatever the checkpoint says. */
  readonly all?: boolean;
  /** From this instant instead of the checkpoint. */
  readonly since?: string;
  /** How far back of the watermark is asked again. */
  readonly overlapMs: number;
  readonly signal?: AbortSignal;
}

/** One poll: what `raiseSigns` counts, and what it cost. */
export interface WatchRun extends SafetyRun {
  readonly requests: number;
  readonly durationMs: number;
  readonly checkpoint: string;
  readonly dryRun: boolean;
}

/** Some signs could not be raised: the poll did not do its work, and the next one starts where it did. */
export class SafetyUnfinishedError extends Error {
  constructor(run: SafetyRun) {
    super(`${run.failed} signs of danger could not be raised; the checkpoint stays.`);
    this.name = 'SafetyUnfinishedError';
  }
}

const MEMBERSHIP = ['ResearchSubject', 'EpisodeOfCare', 'CarePlan'] as const;

/**
 * Looks for signs in whatever the server got since the last poll, and in the answers of whoever has come into the
 * programme since. One request where there is nothing new. The checkpoint moves only when every sign is raised.
 * @throws FhirError where the server is not reached; SafetyUnfinishedError
 */
export async function watchSafety(ports: SafetyPorts, options: WatchOptions): Promise<WatchRun> {
  const { server, state, context } = ports;
  const [startedMs, requests] = [options.now(), server.traffic.requests];
  const checkpoint = await state.readCheckpoint(SAFETY_JOB);
  const contentDigest = `${context.content.digest}/${context.content.protocolDigest}`;
  const since = sinceOf(checkpoint, contentDigest, options);
  const news = new News(new Set(since?.seen), options.overlapMs, since?.from);
  const run = emptySafetyRun();
  if (since === undefined) await lookAtAll(ports, news, options, run);
  else await lookAtNews(ports, news, since.from, options, run);
  const watermark = news.serverTime ?? new Date(startedMs).toISOString();
  if (run.failed > 0 && !options.dryRun) throw new SafetyUnfinishedError(run);
  if (!options.dryRun) await state.writeCheckpoint(SAFETY_JOB, { watermark, seen: news.seen, contentDigest });
  return {
    ...run,
    requests: server.traffic.requests - requests,
    durationMs: Math.round(options.now() - startedMs),
    checkpoint: watermark,
    dryRun: options.dryRun ?? false,
  };
}

/** Other content reads other forms: then everything is looked at again. */
function sinceOf(checkpoint: Checkpoint | undefined, digest: string, { all, since, overlapMs }: WatchOptions) {
  if (all) return undefined;
  if (since !== undefined) return { from: since, seen: [] };
  if (checkpoint === undefined || checkpoint.contentDigest !== digest) return undefined;
  return { from: new Date(Date.parse(checkpoint.watermark) - overlapMs).toISOString(), seen: checkpoint.seen };
}

/** Tells what is new from what an earlier poll has seen, and remembers what the next one will be given again. */
class News {
  readonly seen: string[] = [];
  serverTime: string | undefined;
  readonly #known: ReadonlySet<string>;
  readonly #overlapMs: number;
  readonly #fromMs: number;

  constructor(known: ReadonlySet<string>, overlapMs: number, from: string | undefined) {
    this.#known = known;
    this.#overlapMs = overlapMs;
    this.#fromMs = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from);
  }

  of<T extends FhirResource>(resources: readonly T[], serverTime: string | undefined): T[] {
    this.serverTime ??= serverTime;
    return resources.filter((it) => this.#isFresh(it));
  }

  /** A server that ignores `_lastUpdated` gives what is older too: that is not new. */
  #isFresh(it: FhirResource): boolean {
    const version = `${it.resourceType}/${it.id}|${it.meta?.versionId ?? it.meta?.lastUpdated ?? ''}`;
    const updated = Date.parse(it.meta?.lastUpdated ?? '');
    const latest = Date.parse(this.serverTime ?? '');
    if (Number.isNaN(updated) || Number.isNaN(latest) || updated >= latest - this.#overlapMs) this.seen.push(version);
    return !(updated < this.#fromMs) && !this.#known.has(version);
  }
}

async function lookAtNews(ports: SafetyPorts, news: News, from: string, options: WatchOptions, run: SafetyRun) {
  const { server, context, safety } = ports;
  const names = safetyCanonicals(context.content, safety.policy);
  const queries: Query<ResourceType>[] = [
    changedAnswers(names, from),
    completedSafetyTasks(from),
    changedLinks(from),
    ...MEMBERSHIP.map((it) => changedMembership(it, from)),
  ];
  const [answers, done, links, ...members] = await ask(server, queries);
  const finished = news.of(resourcesOf(done, 'Task'), answers?.serverTime);
  run.reopened += await reopenSigns(server, finished, options.dryRun ?? false);
  const merged = mergedPatients(news.of(resourcesOf(links, 'Patient'), answers?.serverTime), context.settings.baseUrl);
  const responses = news.of(resourcesOf(answers, 'QuestionnaireResponse'), answers?.serverTime);
  const patients = new Set([
    ...merged,
    ...members.flatMap((page) =>
      news.of(page.resources, page.serverTime).flatMap((it) => literal(subjectOf(it), context.settings.baseUrl) ?? []),
    ),
  ]);
  await look(ports, responses, options, run);
  const here = new Set(responses.map((it) => it.id));
  for (const chunk of chunksOf([...patients], 50)) {
    options.signal?.throwIfAborted();
    const [page] = await ask(server, [responsesOf(chunk, names)]);
    const earlier = resourcesOf(page, 'QuestionnaireResponse').filter((it) => !here.has(it.id));
    await look(ports, earlier, options, run);
  }
}

/** Page by page, so that memory does not grow with the number of responses. */
async function lookAtAll(ports: SafetyPorts, news: News, options: WatchOptions, run: SafetyRun): Promise<void> {
  const names = safetyCanonicals(ports.context.content, ports.safety.policy);
  for await (const page of ports.server.search(changedAnswers(names, undefined))) {
    options.signal?.throwIfAborted();
    await look(ports, news.of(page.resources, page.serverTime), options, run);
  }
  for await (const page of ports.server.search(completedSafetyTasks(undefined)))
    run.reopened += await reopenSigns(ports.server, news.of(page.resources, page.serverTime), options.dryRun ?? false);
}

async function look(
  ports: SafetyPorts,
  responses: readonly QuestionnaireResponse[],
  options: WatchOptions,
  run: SafetyRun,
): Promise<void> {
  if (responses.length === 0) return;
  const found = await raiseSigns(ports, responses.map(stored), options);
  for (const key of Object.keys(run) as (keyof SafetyRun)[]) run[key] += found[key];
}

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, index) => all.slice(index * size, (index + 1) * size));
