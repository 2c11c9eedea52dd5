import { randomUUID } from 'node:crypto';
import { DEVICE_ID } from '../domain/canonicals.ts';
import type { AlliancePorts } from '../pipeline/compute-alliance.ts';
import { lastGoodRun } from './metrics.ts';

export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<'server' | 'state' | 'content' | 'lastRun', boolean>>;
}

export interface ReadinessOptions {
  readonly lastRunMaxAgeMs: number;
  readonly timeoutMs: number;
  readonly now: () => number;
}

/** How long one answer serves everybody who asks: the route is public, and each check costs requests. */
const KEPT_MS = 2_000;

/** Whether Vincle can do its work: the server answers, the state takes writes, content is there, the job is not late. */
export function readiness(ports: AlliancePorts, options: ReadinessOptions): () => Promise<Readiness> {
  const startedAt = options.now();
  let kept: { readonly at: number; readonly answer: Promise<Readiness> } | undefined;
  return () => {
    const at = options.now();
    if (kept === undefined || at - kept.at > KEPT_MS) kept = { at, answer: check(ports, options, startedAt) };
    return kept.answer;
  };
}

async function check(ports: AlliancePorts, options: ReadinessOptions, startedAt: number): Promise<Readiness> {
  const [server, state, lastRun] = await Promise.all([
    within(options.timeoutMs, async () => {
      // Absent is an answer too.
      await ports.server.read('Device', DEVICE_ID);
      return true;
    }),
    within(options.timeoutMs, async () => {
      const id = randomUUID();
      const lease = await ports.state.acquire([`ready/${id}`], id, 10_000, options.now());
      await lease?.release();
      return lease !== undefined;
    }),
    within(options.timeoutMs, async () => {
      const ended = (await lastGoodRun(ports.state, 'alliance')) ?? startedAt;
      return options.now() - ended <= options.lastRunMaxAgeMs;
    }),
  ]);
  const content = ports.context.content.instruments.length > 0;
  return { ready: server && state && lastRun && content, checks: { server, state, content, lastRun } };
}

async function within(ms: number, ask: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([ask().catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The last runs of the jobs: counts, never patient data. */
export async function lastRunsOf({ state }: AlliancePorts): Promise<Record<string, unknown>> {
  const runs = await Promise.all(
    ['alliance', 'outbox'].map(async (job) => [job, await state.lastRuns(job, 1)] as const),
  );
  return Object.fromEntries(
    runs.flatMap(([job, [last]]) =>
      last === undefined ? [] : [[job, { startedAt: last.startedAt, endedAt: last.endedAt, ok: last.ok }]],
    ),
  );
}
